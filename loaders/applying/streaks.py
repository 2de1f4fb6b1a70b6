"""Notices a target whose rows keep failing alike, so that not every row has to pay for it.

A missing privilege refuses ten thousand rows with the same words. After `limit` of them in a row
the target stops; its rest stays planned. The first rows of a target go out alone, because many are
on their way at once and all of them would have failed before the first answer is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from loaders.models import WRITTEN, Change, Outcome
from loaders.units import in_chunks

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
FAILURES = frozenset(("rejected", "failed"))
Cause = tuple[str, int | None, str | None, str]


@dataclass
class _Streak:
    """How often rows of one model failed alike, one after another."""

    cause: Cause | None = None
    message: str = ""
    rows: int = 0
    written: bool = False


class Streaks:
    """What has failed so far in one apply, by model."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._streaks: dict[str, _Streak] = {}

    def note(self, model: str, outcomes: Sequence[Outcome]) -> None:
        """Take in outcomes in their order. What is blocked, unsent or unknown says nothing."""
        streak = self._streaks.setdefault(model, _Streak())
        for outcome in outcomes:
            if self._is_over(streak):
                return
            if outcome.status in FAILURES:
                _count(streak, outcome)
            elif outcome.status in WRITTEN or outcome.status == "stale":
                streak.cause, streak.rows, streak.written = None, 0, True

    def stopped(self) -> Mapping[str, str]:
        """{model: why it stopped} of the models that failed alike too often."""
        return {
            model: f"{streak.rows} rows in a row were refused for the same reason: {streak.message}"
            for model, streak in self._streaks.items()
            if self._is_over(streak)
        }

    def portions(self, model: str, rows: list[Change]) -> Iterator[list[Change]]:
        """Rows of one request; before a first success the first few alone, units whole."""
        streak = self._streaks.get(model)
        if len(rows) <= self._limit or (streak and streak.written):
            yield rows
            return
        first, *rest = in_chunks(rows, self._limit)
        yield first
        if rest:
            yield [row for chunk in rest for row in chunk]

    def _is_over(self, streak: _Streak) -> bool:
        return streak.rows >= self._limit


def _count(streak: _Streak, outcome: Outcome) -> None:
    message = outcome.error_message or "no reason given"
    masked = GUID.sub("#", message)
    cause = (outcome.status, outcome.http_status, outcome.error_code, masked)
    if cause != streak.cause:
        streak.cause, streak.rows = cause, 0
    streak.rows += 1
    facts = [str(fact) for fact in (outcome.http_status, outcome.error_code) if fact]
    streak.message = f"{message} ({', '.join(facts)})" if facts else message
