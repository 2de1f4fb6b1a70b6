"""One run at a time per warehouse (rule G9): an advisory lock beside the DuckDB file.

The system drops the lock when its process ends, however it ends, so a crash leaves nothing to clean
up. Who holds it is in a second file, because Windows lets nobody read a file that is locked; that
file counts only while the lock is held.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from p2c.errors import WarehouseBusy

LOGGER = logging.getLogger(__name__)
# Who only asks whether the lock is held has it for a moment itself: that long a run waits.
PATIENCE = 0.5


@dataclass(frozen=True)
class Holder:
    """Who holds a warehouse: process id, command, and since when (ISO 8601, UTC)."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} (p2c {self.command}) since {self.since}"


def lock_path(warehouse: Path) -> Path:
    """The lock file of a warehouse. It stays when nobody holds it."""
    return warehouse.with_name(f"{warehouse.name}.lock")


def holder_path(warehouse: Path) -> Path:
    """The file that names the holder."""
    return warehouse.with_name(f"{warehouse.name}.lock.json")


@contextmanager
def hold(
    warehouse: Path,
    command: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    wait: float = 0.0,
) -> Iterator[Holder]:
    """Hold the warehouse for the length of the block; WarehouseBusy when another does.

    With `wait` seconds of patience, for another run as for a program that has the file open.
    """
    deadline = time.monotonic() + wait
    lock = _acquired(warehouse, wait)
    note = holder_path(warehouse)
    try:
        if wait and warehouse.is_file():
            _readers_gone(warehouse, deadline - time.monotonic())
        mine = Holder(os.getpid(), command, clock().isoformat(timespec="seconds"))
        note.write_text(json.dumps(asdict(mine)), encoding="utf-8")
        yield mine
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def holder(warehouse: Path) -> Holder | None:
    """Who holds the warehouse now; None when nobody does."""
    path = lock_path(warehouse)
    if not path.exists():
        return None
    try:
        FileLock(path, blocking=False).acquire().lock.release()
    except Timeout:
        return _named(warehouse) or Holder(0, "?", "?")
    return None


def _acquired(warehouse: Path, wait: float) -> FileLock:
    """The lock, held; StorageError when its file cannot be written."""
    path = lock_path(warehouse)
    lock = FileLock(path, timeout=max(PATIENCE, wait))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if wait > PATIENCE and (other := holder(warehouse)):
            LOGGER.warning("The warehouse is held by %s: waiting, at most %.0f s.", other, wait)
        lock.acquire()
    except Timeout:
        raise WarehouseBusy(_refusal(warehouse, _named(warehouse))) from None
    except OSError as error:
        from loaders.ledger.connection import storage_error  # noqa: PLC0415 - `p2c status` is quick without it

        raise storage_error(path, error) from error
    return lock


def _readers_gone(warehouse: Path, seconds: float) -> None:
    """Return once nobody has the file open; WarehouseBusy, which says who has, after `seconds`."""
    import stamina  # noqa: PLC0415 - `p2c status` is quick without these

    from pipelines.common import duck, errors  # noqa: PLC0415

    for attempt in stamina.retry_context(
        on=errors.WarehouseBusy, attempts=None, timeout=seconds, wait_initial=0.1, wait_max=1.0
    ):
        with attempt, duck.opened(warehouse):
            return


def _named(warehouse: Path) -> Holder | None:
    try:
        return Holder(**json.loads(holder_path(warehouse).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # the other process is just writing it
        return None


def _refusal(warehouse: Path, other: Holder | None) -> str:
    who = str(other) if other else "another process"
    return (
        f"The warehouse {warehouse} is held by {who}: one run at a time. "
        "Wait for it to end (`p2c status` works meanwhile) and start again, or let --wait do so."
    )
