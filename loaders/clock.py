"""Time and ids, handed in so that tests decide them."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime


class Clock:
    """The real clock: UTC for records, a monotonic one for waits (seconds)."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Give the condition's lock up for so long, or until it is notified."""
        condition.wait(seconds)

    def new_id(self, prefix: str) -> str:
        """A readable id that sorts by time: `plan-20260131-101500-3f9a2c`."""
        return f"{prefix}-{self.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def stamp(moment: datetime) -> str:
    """How the ledger writes a time: ISO, UTC, microseconds, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
