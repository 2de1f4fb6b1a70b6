"""One run at a time per warehouse (flows G9): an advisory lock beside the DuckDB file.

The kernel drops the lock when its process ends, however it ends, so a crash leaves nothing to
clean up; the file's content only names its holder to others.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from p2c.errors import WarehouseBusy

FAR = 2**30


@dataclass(frozen=True)
class Holder:
    """Who holds a warehouse: process id, command, and since when (ISO 8601, UTC)."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} (p2c {self.command}) since {self.since}"


def lock_path(warehouse: Path) -> Path:
    """The lock file of a warehouse."""
    return warehouse.with_name(f"{warehouse.name}.lock")


@contextmanager
def hold(
    warehouse: Path, command: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Holder]:
    """Hold the warehouse for the length of the block; WarehouseBusy at once when another does."""
    with _opened(lock_path(warehouse)) as file:
        if not _try_lock(file):
            raise WarehouseBusy(_refusal(warehouse, _read(file)))
        mine = Holder(os.getpid(), command, clock().isoformat(timespec="seconds"))
        _write(file, json.dumps(asdict(mine)))
        try:
            yield mine
        finally:
            _write(file, "")


def _opened(path: Path) -> IO[str]:
    """The lock file, created when it is not there; StorageError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        from loaders.ledger.connection import storage_error  # noqa: PLC0415 - `p2c status` is quick without it

        raise storage_error(path, error) from error


def holder(warehouse: Path) -> Holder | None:
    """Who holds the warehouse now; None when nobody does."""
    path = lock_path(warehouse)
    if not path.exists():
        return None
    with path.open("a+", encoding="utf-8") as file:
        if _try_lock(file):
            return None
        return _read(file) or Holder(0, "?", "?")


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> bool:
        """Lock one byte far behind the text, which others must be able to read."""
        os.lseek(file.fileno(), FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _read(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):  # the other process is just writing it
        return None


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _refusal(warehouse: Path, other: Holder | None) -> str:
    who = str(other) if other else "another process"
    return (
        f"The warehouse {warehouse} is held by {who}: one run at a time. "
        "Wait for it to end (`p2c status` works meanwhile) and start again."
    )
