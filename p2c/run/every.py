"""One run after another, each in a process of its own, where there is no scheduler."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence

from p2c.screen.output import Output

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
INTERVAL = re.compile(r"(\d+)([smh]?)")
USAGE = 2  # the next run would be refused as well


def seconds_of(interval: str) -> int:
    """Seconds of `90`, `30s`, `5m` or `1h`. ValueError, which says what is expected."""
    found = INTERVAL.fullmatch(interval.strip())
    if not found or not int(found[1]):
        raise ValueError(f"{interval!r} is no interval: write 30s, 5m or 1h.")
    return int(found[1]) * UNITS[found[2]]


def repeat(command: Sequence[str], interval: float, out: Output) -> int:
    """Run `command` every `interval` seconds from start to start; one that takes longer is followed
    at once.

    A run that fails does not end it: an outage passes. Returns the exit code of one that was called
    wrongly; Ctrl-C and SIGTERM end it once the run that is on has ended, by KeyboardInterrupt.
    """
    while True:
        began = time.monotonic()
        code = _once(command)
        if code == USAGE:
            return code
        pause = max(0.0, began + interval - time.monotonic())
        if code:
            out.note(f"The run ended with {code}; the next one begins in {pause:.0f} s.")
        threading.Event().wait(pause)


def _once(command: Sequence[str]) -> int:
    """The exit code. An interruption is passed on, so that requests in flight are finished."""
    interrupted = False
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
                process.send_signal(signal.SIGINT)
    if interrupted:
        raise KeyboardInterrupt
    return process.returncode
