"""A child process whose standard output is read line by line.

It is never left behind: not by an error, not by Ctrl-C, not by a kill of this process (it watches
the other end of its standard input). It is never waited for without end: its errors go into a file,
since a full pipe that nobody reads would stop it for ever, and a time limit ends it.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TAIL = 64 * 1024


@dataclass
class Child:
    """A running child; `late` once the time limit has ended it."""

    process: subprocess.Popen[str]
    _errors: IO[bytes]
    late: bool = False

    @property
    def lines(self) -> IO[str]:
        """Its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout

    def wait(self) -> int:
        """Its exit code, below zero when a signal ended it."""
        return self.process.wait()

    def last_errors(self) -> str:
        """The last that it wrote to standard error."""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(0, size - TAIL))
        return self._errors.read().decode("utf-8", "replace")

    def end_late(self) -> None:
        """What the clock does."""
        self.late = True
        self.process.kill()


@contextmanager
def child(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], limit: float
) -> Iterator[Child]:
    """Start a process that has ended when the block has, after at most `limit` seconds."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        running = Child(process, errors)
        clock = threading.Timer(limit, running.end_late)
        clock.daemon = True
        clock.start()
        try:
            yield running
        finally:
            clock.cancel()
            process.kill()  # no effect on one that has ended
            process.wait()
