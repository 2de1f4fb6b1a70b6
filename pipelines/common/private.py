"""Files that hold customers' data or secrets: readable by their owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Whether a file's mode is its rights; on Windows these are lists that the mode does not show.
MODES = os.name == "posix"


@contextmanager
def owner_only() -> Iterator[None]:
    """What this process creates meanwhile has no rights for group and others."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(path: Path) -> bool:
    """Whether group or others have any right to a file or folder; False where none can be seen."""
    return MODES and path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
