"""Service protection limits (protocols A10, B9): requests, execution time, requests at once.

Counted for the one application user over a sliding window. Refused requests count as well, so
who goes on in spite of `Retry-After` waits longer.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from p2c_sandbox.odata.http import Handler, Request, Response

Limit = Literal["requests", "time", "concurrency"]
Refuse = Callable[[Limit, "LimitSettings", int], Response]
CONCURRENCY_WAIT = 1  # seconds; the documentation names no number


class LimitSettings(BaseModel):
    """Numbers of the limits for one user; 0 means no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit_requests: int = Field(default=6000, ge=0)
    limit_seconds: float = Field(default=1200, ge=0)  # execution time of all requests together
    limit_concurrent: int = Field(default=52, ge=0)
    limit_window: float = Field(default=300, gt=0)  # seconds


class Limiter:
    """Lets requests in. `refuse` makes the service's own answer for one that is not."""

    def __init__(
        self,
        settings: LimitSettings,
        refuse: Refuse,
        *,
        clock: Callable[[], float] = time.monotonic,
        stopwatch: Callable[[], float] = time.thread_time,
    ) -> None:
        self.settings = settings
        self.refuse = refuse
        self.clock = clock
        self.stopwatch = stopwatch
        self._lock = threading.Lock()
        self._arrived: deque[float] = deque()
        self._worked: deque[tuple[float, float]] = deque()
        self._spent = 0.0
        self._inside = 0

    def enter(self) -> Response | None:
        """Count a request; the refusal, or None when it may go on (then `leave` must follow)."""
        with self._lock:
            limit = self._passed()
            if limit is None:
                self._inside += 1
                return None
            wait = self._wait(limit)
        return self.refuse(limit, self.settings, wait)

    def leave(self) -> None:
        """The request that entered is answered."""
        with self._lock:
            self._inside -= 1

    def run(self, handler: Handler, request: Request) -> Response:
        """Answer a request and count its time; the answer says what is left (protocols A2).

        The processor's time counts: waiting for other requests is no work, and the sandbox lets
        one request work at a time.
        """
        began = self.stopwatch()
        response = handler(request)
        with self._lock:
            spent = self.stopwatch() - began
            self._worked.append((self.clock(), spent))
            self._spent += spent
            left = self._left()
        return replace(response, headers={**left, **response.headers})

    def _passed(self) -> Limit | None:
        self._forget()
        set_to = self.settings
        self._arrived.append(self.clock())
        if set_to.limit_requests and len(self._arrived) > set_to.limit_requests:
            return "requests"
        if set_to.limit_seconds and self._spent > set_to.limit_seconds:
            return "time"
        if set_to.limit_concurrent and self._inside >= set_to.limit_concurrent:
            return "concurrency"
        return None

    def _forget(self) -> None:
        """Drop what has left the window."""
        border = self.clock() - self.settings.limit_window
        while self._arrived and self._arrived[0] <= border:
            self._arrived.popleft()
        while self._worked and self._worked[0][0] <= border:
            self._spent -= self._worked.popleft()[1]

    def _wait(self, limit: Limit) -> int:
        """Whole seconds until a request would be let in."""
        if limit == "concurrency":
            return CONCURRENCY_WAIT
        if limit == "requests":
            leaves = self._arrived[len(self._arrived) - self.settings.limit_requests]
        else:
            leaves = self._when_rested()
        return max(1, math.ceil(leaves + self.settings.limit_window - self.clock()))

    def _when_rested(self) -> float:
        """The moment of the execution after whose leaving the rest is within the limit."""
        spent = self._spent
        for moment, seconds in self._worked:
            spent -= seconds
            if spent <= self.settings.limit_seconds:
                return moment
        return self.clock()

    def _left(self) -> dict[str, str]:
        found = {}
        if self.settings.limit_requests:
            count = max(0, self.settings.limit_requests - len(self._arrived))
            found["x-ms-ratelimit-burst-remaining-xrm-requests"] = str(count)
        if self.settings.limit_seconds:
            seconds = max(0.0, self.settings.limit_seconds - self._spent)
            found["x-ms-ratelimit-time-remaining-xrm-requests"] = f"{seconds:.2f}"
        return found
