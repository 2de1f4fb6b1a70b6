"""What each receiver was notified of, and since when each condition stands: `.p2c/notify.json`.

It is written after a message was taken, so that one is lost never and sent at most once more where
the process ends in between. Where it cannot be written, each run notifies again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipelines.common.private import owner_only

LOGGER = logging.getLogger(__name__)
FILE = "notify.json"
VERSION = 1


@dataclass
class State:
    """`sent`: receiver → key → level that it knows of; `since`: key → time (ISO 8601, UTC).

    not_started: of a run that could not begin, and so is not in the ledger: at, error, error_type.
    """

    sent: dict[str, dict[str, int]] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    not_started: dict[str, str] | None = None


@contextmanager
def locked(folder: Path, seconds: float) -> Iterator[None]:
    """One process at a time notifies. Raises filelock.Timeout.

    Where a lock cannot be made, as on a full disk, there is none: a message matters more.
    """
    lock = FileLock(folder / f"{FILE}.lock", timeout=seconds)
    try:
        with owner_only():
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
    except Timeout:
        raise
    except OSError as error:
        LOGGER.warning("%s", error)
    try:
        yield
    finally:
        lock.release()


def load(folder: Path) -> State:
    """The state as it was kept; an empty one where there is none, or none that can be read."""
    try:
        kept: Mapping[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return State(
            sent={
                str(name): {str(key): int(level) for key, level in levels.items()}
                for name, levels in kept["sent"].items()
            },
            since={str(key): str(at) for key, at in kept["since"].items()},
            not_started=dict(kept["not_started"]) if kept.get("not_started") else None,
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return State()


def save(folder: Path, state: State) -> None:
    """Put it in the file's place as a whole. Raises OSError."""
    path = folder / FILE
    written = path.with_name(f".{FILE}.new")
    with owner_only():
        written.write_text(json.dumps({"version": VERSION, **asdict(state)}), encoding="utf-8")
    written.replace(path)
