"""A file that is complete or not there: written under another name, then put in its place."""

from __future__ import annotations

import os
from pathlib import Path

from .private import MODES


def put_in_place(unfinished: Path, path: Path) -> None:
    """Bring what was written to the disk, then give it its name, whatever had that before.

    Whoever has the old file open keeps it until he opens anew; Windows refuses instead
    (PermissionError). Raises OSError, with the old file as it was.
    """
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    if MODES:  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
