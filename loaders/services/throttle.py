"""One throttle for each service: how many requests may be in flight, and when none may.

Both services ask for the same manners (protocols A10, B9): after a 429 nobody sends until
Retry-After has passed, then the load grows gradually; `x-ms-dop-hint` is the most that is worth
sending at once. Nobody waits longer than `max_wait` seconds: a service that asks for more ends the
run, which says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from loaders.clock import Clock
from loaders.errors import AbortRun, Stopped
from loaders.models import MAX_WAIT

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
        self._limit = max(1, limit)
        self._allowed = float(self._limit)
        self._in_flight = 0
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
            self.requests += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """A 429 came: close for all, and come back with half the load.

        A longer pause than `max_wait` is not waited for: the next request raises AbortRun.
        """
        with self._changed:
            if seconds > self._max_wait:
                self._asked_for = max(self._asked_for, seconds)
            until = self._clock.monotonic() + seconds
            self._closed_until = max(self._closed_until, until)
            self._allowed = max(1.0, self._allowed / 2)
            self.throttled += 1

    def succeeded(self, hint: int | None = None) -> None:
        """An answer came: allow a little more, up to the limit and the service's own hint."""
        with self._changed:
            if hint:
                self._limit = max(1, min(self._limit, hint))
            self._allowed = min(float(self._limit), self._allowed + 1 / self._allowed)
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
        return POLL if self._in_flight >= int(self._allowed) else 0.0
