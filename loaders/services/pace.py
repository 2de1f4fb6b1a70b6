"""How many requests at once: more while more get through, fewer when the service says so.

From a modest start the number doubles each round for as long as the rows written a second grow with
it, then it grows by steps; where a step brings nothing it is taken back, and tried again later. A
429 halves it, and keeps it under the number that was refused for as long as the services count
(protocols A10, B9). Latency needs no rule of its own: an answer that takes as long however many are
on their way lets the number grow, one that takes longer the more there are does not.

A round is as many answers as may be on their way at once. Times are seconds of one clock.
"""

from __future__ import annotations

START = 4
WINDOW = 300.0  # the services' sliding window (protocols A10)
GROWS = 1.05  # a round that is worth its step
FALLS = 0.6  # a round in which the service got slower by itself
REST = 8  # rounds after which a step that brought nothing is tried again


class Pace:
    """Of one service. Not safe for threads by itself: the throttle holds its lock."""

    def __init__(self, most: int, now: float) -> None:
        self._most = max(1, most)
        self._hint: int | None = None
        self._under: tuple[float, int] | None = None  # until when, and the most that is tried
        self._places = min(START, self._most)
        self._doubles = True
        self._best, self._kept = 0.0, self._places
        self._rest = 0
        self._full = False
        self._round(now)

    def places(self, now: float) -> int:
        """The most that may be on their way."""
        return max(1, min(self._places, self._ceiling(now)))

    def answered(
        self, now: float, rows: int, hint: int | None = None, *, full: bool = True
    ) -> None:
        """A request came back that carried so many rows; `full`: no place was free meanwhile."""
        self._hint = hint or self._hint
        self._answers += 1
        self._rows += rows
        self._full = self._full or full
        if self._answers >= self.places(now):
            if self._full:
                self._judge(now, self._rows / max(now - self._began, 1e-6))
            self._round(now)

    def refused(self, now: float) -> None:
        """A 429 came, the first of those that stand for one limit."""
        places = self.places(now)
        self._under = (now + WINDOW, max(1, places - 1))
        self._places = max(1, places // 2)
        self._doubles = False
        self.begin(now)

    def begin(self, now: float) -> None:
        """What is written from now on is other work: rows a second so far say nothing about it."""
        self._best, self._kept, self._rest = 0.0, self._places, 0
        self._round(now)

    def _round(self, now: float) -> None:
        self._began, self._answers, self._rows, self._full = now, 0, 0, False

    def _ceiling(self, now: float) -> int:
        ceiling = min(self._most, self._hint or self._most)
        if self._under and now < self._under[0]:
            return min(ceiling, self._under[1])
        return ceiling

    def _judge(self, now: float, rate: float) -> None:
        """What to do after a round in which every place was taken."""
        if rate > self._best * GROWS:
            self._best, self._kept = rate, self.places(now)
            self._grow(now)
        elif not self._rest:
            self._places, self._doubles, self._rest = self._kept, False, REST
        elif rate < self._best * FALLS:
            self._places = max(1, self._places * 3 // 4)
            self._best, self._kept, self._rest = rate, self._places, REST
        else:
            self._rest -= 1
            if not self._rest:
                self._best, self._kept = rate, self._places
                self._grow(now)

    def _grow(self, now: float) -> None:
        step = self._places if self._doubles else max(1, self._places // 8)
        self._places = min(self._places + step, self._ceiling(now))
