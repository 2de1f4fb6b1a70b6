"""Seconds by stage of a run: extract, build, plan, write, publish, in the order they came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any


@dataclass
class Stages:
    """What each stage took; one that a run did not get to, or did not need, is not there."""

    seconds: dict[str, float] = field(default_factory=dict)
    # The stage that an error ended, or that is on.
    current: str | None = None

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of the block to a stage, also of one that an error ends."""
        self.current, began = stage, monotonic()
        try:
            yield
        finally:
            spent = self.seconds.get(stage, 0.0) + monotonic() - began
            self.seconds[stage] = round(spent, 1)
        self.current = None

    def as_dict(self) -> dict[str, Any]:
        """For the report: `stages`, and `stopped_in` where an error ended one."""
        stopped = {"stopped_in": self.current} if self.current else {}
        return {"stages": dict(self.seconds), **stopped}
