"""Which thresholds of [p2c.notify] are crossed, by what the ledger knows.

A condition is a kind of trouble, of all flows or of one; its level is how many of its steps are
crossed. The set of levels is the state: only where it changes somebody is notified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from p2c.config.notify_settings import EACH, Notify, Thresholds
from p2c.notify.facts import Facts, Row

COUNTED = ("rejected", "blocked", "failed")
CHANGES = ("create", "update", "deactivate")
# How a run ended that did not come to its end.
ENDED = {
    "failed": "failed",
    "interrupted": "was interrupted",
    "aborted": "was broken off",
    "cut_off": "was cut off: its process is gone",
    "not_started": "could not begin",
}


@dataclass(frozen=True)
class Condition:
    """A threshold that is crossed: `count` (of `of`) is at or above `limit`, as it is set."""

    kind: str
    level: int
    flow: str | None = None
    count: float | None = None
    of: int | None = None
    limit: str | None = None
    # Of a run: its row of the ledger. Of a flow that is held back: the reasons.
    run: Row | None = None
    reasons: Sequence[str] = ()

    @property
    def key(self) -> str:
        """What it is known by from one run to the next."""
        return f"{self.kind}:{self.flow}" if self.flow else self.kind


def conditions(found: Facts, settings: Notify, now: datetime) -> list[Condition]:
    """All that are crossed, the run's own first."""
    return [
        *_run(found.run),
        *_held(found.held),
        *_counts(found.flows, settings, None),
        *_by_flow(found.flows, settings.by_flow),
        *_age("hours_since_run", found.run_at, found, settings.hours_since_run, now),
        *_age("hours_since_extract", found.extract_at, found, settings.hours_since_extract, now),
    ]


def _run(run: Row | None) -> Iterator[Condition]:
    if run is not None and run["status"] in ENDED:
        yield Condition("run", 1, run=run)


def _held(held: Mapping[str, Sequence[str]]) -> Iterator[Condition]:
    """Flows that the last run held back."""
    for flow, reasons in held.items():
        yield Condition("held", 1, flow, reasons=tuple(reasons))


def _counts(flows: Sequence[Row], thresholds: Thresholds, name: str | None) -> Iterator[Condition]:
    """rejected, blocked and failed of the flows given, taken together."""
    read = sum(flow.get("source_rows") or 0 for flow in flows)
    changes = sum(flow.get(change) or 0 for flow in flows for change in CHANGES)
    for kind in COUNTED:
        count = sum(flow.get(kind) or 0 for flow in flows)
        of = changes if kind == "failed" else read
        limits: Sequence[str] = getattr(thresholds, kind)
        crossed = [limit for limit in limits if is_crossed(limit, count, of)]
        if crossed:
            highest = max(crossed, key=lambda limit: _records(limit, of))
            yield Condition(kind, len(crossed), name, count, of, highest)


def _by_flow(flows: Sequence[Row], by_flow: Mapping[str, Thresholds]) -> Iterator[Condition]:
    for name in dict.fromkeys(flow["flow"] for flow in flows):
        thresholds = by_flow.get(name, by_flow.get(EACH))
        if thresholds:
            yield from _counts([flow for flow in flows if flow["flow"] == name], thresholds, name)


def _age(
    kind: str, moment: datetime | None, found: Facts, limit: float | None, now: datetime
) -> Iterator[Condition]:
    """Counted from the first command where none came to its end yet; without any it is crossed."""
    since = moment or found.first_at
    if limit is None:
        return
    hours = None if since is None else (now - since).total_seconds() / 3600
    if hours is None or hours >= limit:
        yield Condition(kind, 1, count=hours, limit=f"{limit:g}")


def is_crossed(limit: str, count: int, of: int) -> bool:
    """Whether a count is at or above `20`, or `5%` of what there is; nothing is never too much."""
    return count > 0 and count >= _records(limit, of)


def _records(limit: str, of: int) -> float:
    return float(limit[:-1]) * of / 100 if limit.endswith("%") else float(limit)


def levels(found: Sequence[Condition]) -> dict[str, int]:
    """The state: key → level."""
    return {condition.key: condition.level for condition in found}


def as_row(condition: Condition) -> dict[str, Any]:
    """For JSON, without what may quote a record."""
    row = {
        "kind": condition.kind,
        "flow": condition.flow,
        "level": condition.level,
        "count": None if condition.count is None else round(condition.count, 1),
        "of": condition.of,
        "limit": condition.limit,
    }
    if condition.kind == "run" and condition.run:
        row |= {"status": condition.run["status"], "run_id": condition.run.get("run_id")}
    return row
