"""What the operating system refuses: which file it was about, and what to do."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

ROOM = 1.0  # megabytes below which a disk counts as full
NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT))
_AGAIN = "then run again; `p2c status` shows what was written"
ADVICE = {
    errno.ENOSPC: f"make room there, {_AGAIN}",
    errno.EDQUOT: f"make room there, {_AGAIN}",
    errno.EACCES: f"give this user the right to it, {_AGAIN}",
    errno.EPERM: f"give this user the right to it, {_AGAIN}",
    errno.EROFS: f"make it writable or choose another folder in the settings, {_AGAIN}",
    errno.ENOTDIR: "a file is in the way of a folder; move it away",
    errno.EISDIR: "a folder is in the way of a file; move it away",
    errno.EMFILE: f"raise the limit of open files (ulimit -n), {_AGAIN}",
}
FULL = re.compile("no space left|disk is full|disk quota|disk I/O", re.IGNORECASE)


def refused(error: OSError, places: Sequence[Path]) -> str:
    """The reason, the file it was about, and what to do.

    Writing to an open file fails without the file's name: then those of the `places` are named that
    have no room, or all of them.
    """
    files = [str(name) for name in (error.filename, error.filename2) if name is not None]
    full = _full(places) if error.errno in NO_ROOM else []
    named = files or full or [str(place) for place in places]
    where = f": {', '.join(named)}" if files or full else f", in one of {', '.join(named)}"
    advice = ADVICE.get(error.errno or 0, "`--debug` shows where it happened")
    return f"{error.strerror}{where if named else ''}: {advice}."


def without_room(message: str, places: Sequence[Path]) -> str:
    """A message that names the places without room, where an error speaks of a full disk."""
    full = _full(places) if FULL.search(message) else []
    return f" There is no room left for {', '.join(full)}: make some first." if full else ""


def _full(places: Sequence[Path]) -> list[str]:
    return [f"{place} ({_free(place):.1f} MB free)" for place in places if _free(place) < ROOM]


def _free(place: Path) -> float:
    """Megabytes free where a file is, or will be."""
    there = next((folder for folder in (place, *place.parents) if folder.exists()), Path("/"))
    return shutil.disk_usage(there).free / 1e6
