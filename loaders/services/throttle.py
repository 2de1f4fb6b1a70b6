"""One throttle for each service: how many requests may be in flight, and when none may.

Both services ask for the same manners (protocols A10, B9): after a 429 nobody sends until
Retry-After has passed, then the load grows gradually; `x-ms-dop-hint` is the most that is worth
sending at once. How many are sent at once, `Pace` finds out. Nobody waits longer than `max_wait`
seconds: a service that asks for more ends the run, which says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from loaders.clock import Clock
from loaders.errors import AbortRun, Stopped
from loaders.models import MAX_WAIT
from loaders.services.pace import Pace

POLL = 0.5


class Throttle:
    """Shared by all workers of a service; `limit` is never exceeded."""

    def __init__(
        self,
        limit: int,
        clock: Clock,
        stop: threading.Event,
        *,
        title: str = "The service",
        max_wait: float = MAX_WAIT,
    ) -> None:
        self._pace = Pace(limit, clock.monotonic())
        self._in_flight = 0
        self._full = False
        self._closed_until = clock.monotonic()
        self._clock, self._stop = clock, stop
        self._title, self._max_wait = title, max_wait
        self._asked_for = 0.0
        self._changed = threading.Condition()
        self.requests = 0
        self.throttled = 0

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Wait for a free place and hold it for one request.

        Raises Stopped while stopping, AbortRun once the service asked for too long a pause.
        """
        with self._changed:
            self._check_pause()
            while (wait := self._must_wait()) > 0:
                if self._stop.is_set():
                    raise Stopped
                self._clock.wait(self._changed, min(wait, POLL))
                self._check_pause()
            self._in_flight += 1
            self._full = self._full or not self._free()
            self.requests += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    @property
    def places(self) -> int:
        """How many requests may be on their way now."""
        with self._changed:
            return self._pace.places(self._clock.monotonic())

    def begin(self) -> None:
        """Other rows are written from now on: what was learnt of these says nothing about them."""
        with self._changed:
            self._pace.begin(self._clock.monotonic())

    def pause(self, seconds: float) -> None:
        """A 429 came: close for all, and come back with half the load.

        Those that come while it is closed stand for the same limit. A longer pause than `max_wait`
        is not waited for: the next request raises AbortRun.
        """
        with self._changed:
            now = self._clock.monotonic()
            if seconds > self._max_wait:
                self._asked_for = max(self._asked_for, seconds)
            if now >= self._closed_until:
                self._pace.refused(now)
            self._closed_until = max(self._closed_until, now + seconds)
            self.throttled += 1

    def succeeded(self, hint: int | None = None, rows: int = 1) -> None:
        """An answer came, to a request that carried so many rows."""
        with self._changed:
            self._pace.answered(self._clock.monotonic(), rows, hint, full=self._full)
            self._full = not self._free()
            self._changed.notify_all()

    def _check_pause(self) -> None:
        if self._asked_for and not self._stop.is_set():
            raise AbortRun(
                f"{self._title} asks to wait for {self._asked_for:,.0f} s, longer than max_wait "
                f"({self._max_wait:,.0f} s). Nothing more is sent; run again after that time, or "
                "raise p2c.max_wait."
            )

    def _must_wait(self) -> float:
        closed = self._closed_until - self._clock.monotonic()
        if closed > 0:
            return closed
        return 0.0 if self._free() else POLL

    def _free(self) -> bool:
        return self._in_flight < self._pace.places(self._clock.monotonic())
