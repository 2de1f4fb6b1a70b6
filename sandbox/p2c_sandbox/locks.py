"""An advisory lock on an open file; the system drops it when its process ends, however it ends."""

from __future__ import annotations

import sys
from typing import TextIO

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: TextIO, *, shared: bool = False) -> bool:  # noqa: ARG001
        """Lock the file; False at once when another holds it. Windows knows no shared lock."""
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(file: TextIO, *, shared: bool = False) -> bool:
        """Lock the file; False at once when another holds it. Shared: beside other shared ones."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
