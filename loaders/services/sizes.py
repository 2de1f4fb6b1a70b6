"""How many rows go in one request: found while running, from the time that requests take.

A request should take a few seconds: long enough that the way there and back costs little, short
enough that a lost answer or a deadlock costs little, too (protocols A9). What the way alone takes
is known from the quickest answer. Each kind of rows has a size of its own; a time-out or a 413
halves it.
"""

from __future__ import annotations

import math
import threading
from typing import NamedTuple

TARGET = 5.0  # seconds of work in a request
FLOOR = 50  # rows below which a slow service gets no smaller requests, unless they fail


class Load(NamedTuple):
    """What a request carries: rows of one kind (`<model> <operation>`)."""

    kind: str
    rows: int


class Sizes:
    """Of one service; `most` rows are never exceeded, `start` is where each kind begins."""

    def __init__(self, start: int, most: int | None = None) -> None:
        self._most = max(1, most or start)
        self._start = max(1, min(start, self._most))
        self._sizes: dict[str, int] = {}
        self._tops: dict[str, int] = {}
        self._way = math.inf
        self._lock = threading.Lock()

    def of(self, kind: str) -> int:
        """Rows of the next request of a kind."""
        return self._sizes.get(kind, self._start)

    def took(self, seconds: float, load: Load | None = None) -> None:
        """An answer came after so many seconds. Only a full request says something of its size."""
        with self._lock:
            way, self._way = self._way, min(self._way, seconds)
            size = self.of(load.kind) if load else 0
            if load is None or not 0.8 * size <= load.rows <= 1.25 * size or math.isinf(way):
                return
            work = seconds - self._way
            if work < TARGET / 2:
                self._sizes[load.kind] = min(2 * size, self._tops.get(load.kind, self._most))
            elif work > 3 * TARGET:
                self._sizes[load.kind] = min(size, max(FLOOR, size // 2))

    def too_much(self, load: Load) -> None:
        """No answer in time, or a 413: at most half of it from now on."""
        with self._lock:
            half = max(1, (load.rows + 1) // 2)
            self._tops[load.kind] = min(self._tops.get(load.kind, half), half)
            self._sizes[load.kind] = min(self.of(load.kind), half)
