"""What a run reports: the fates of every flow's records, and what the services made of its changes.

The counts are checked each time: a report that does not add up is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from loaders.clock import stamp
from loaders.errors import FateMismatch
from loaders.models import ApplyReport, Plan, SyncGraph, TargetCounts
from loaders.warehouse import open_warehouse

FATES = (
    "filtered",
    "identical",
    "create",
    "update",
    "deactivate",
    "rejected",
    "blocked",
    "conflict",
)
CHANGES = ("create", "update", "deactivate")


@dataclass(frozen=True)
class RunReport:
    """What `--json` prints and `runs.report` keeps; `flows` has an entry for each target.

    unchanged_since: when the build began that the run went by, where it had none of its own to do.
    stages: seconds by stage, of those that there were.
    """

    run_id: str
    status: str
    seconds: float
    writes: int
    flows: tuple[Mapping[str, Any], ...]
    plan_id: str | None = None
    requests: int = 0
    error: str | None = None
    kind: str = "changes"
    unchanged_since: datetime | None = None
    stages: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "writes": self.writes,
            "kind": self.kind,
            "plan_id": self.plan_id,
            "requests": self.requests,
            "error": self.error,
            "unchanged_since": stamp(self.unchanged_since) if self.unchanged_since else None,
            "stages": dict(self.stages),
            "flows": [dict(flow) for flow in self.flows],
        }


def flow_report(
    warehouse: Path,
    graph: SyncGraph,
    plan: Plan,
    applied: ApplyReport | None,
    *,
    run_id: str,
    seconds: float,
) -> RunReport:
    """Join the fates dbt counted with the outcomes of the apply, for the flows of the plan.

    A retry or an undo speaks of its own rows alone: they are its source rows, and a record that an
    undo deletes counts under `deactivate`.
    Raises FateMismatch when a flow's source records and fates differ, when the plan does not have
    the changes dbt counted (unless it was limited), or when written, failed, stale, blocked and
    unsent rows are not the changes.
    """
    order = {(t.flow, t.name): place for place, t in enumerate(graph.targets)}
    rows = _fates(warehouse, plan)
    rows.sort(key=lambda row: order.get((row["flow"], row["target"]), len(order)))
    flows = [_entry(row, plan, applied) for row in rows]
    return RunReport(
        run_id=run_id,
        status=applied.status if applied else "ok",
        seconds=seconds,
        writes=applied.written if applied else 0,
        flows=tuple(flows),
        plan_id=plan.plan_id,
        requests=applied.requests if applied else 0,
        error=_error(applied),
        kind=plan.kind,
    )


def _error(applied: ApplyReport | None) -> str | None:
    """What ended the apply early, or some of its targets."""
    if applied is None:
        return None
    messages = [str(applied.error)] if applied.error else []
    return " ".join([*messages, *applied.stopped]) or None


def _fates(warehouse: Path, plan: Plan) -> list[dict[str, Any]]:
    if plan.kind == "changes":
        return [row for row in read_flow_counts(warehouse) if row["flow"] in plan.flows]
    return [_own_fates(*key, operations) for key, operations in plan.counts.items()]


def _own_fates(flow: str, target: str, operations: Mapping[str, int]) -> dict[str, Any]:
    gone = operations.get("deactivate", 0) + operations.get("delete", 0)
    changes = {**{name: operations.get(name, 0) for name in CHANGES}, "deactivate": gone}
    empty = dict.fromkeys((*FATES, "drift", "first_contact"), 0)
    whole = sum(changes.values())
    return {"flow": flow, "target": target, "source_rows": whole, **empty, **changes}


def read_flow_counts(warehouse: Path) -> list[dict[str, Any]]:
    """`quality.flow_counts` as it stands. Raises WarehouseError when dbt has not built it."""
    with open_warehouse(warehouse) as connection:
        cursor = connection.execute(
            'select flow, target, source_rows, filtered, identical, "create", "update", '
            "deactivate, rejected, blocked, conflict, drift, first_contact "
            "from quality.flow_counts order by flow, target"
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _entry(row: Mapping[str, Any], plan: Plan, applied: ApplyReport | None) -> dict[str, Any]:
    key = (row["flow"], row["target"])
    fates = sum(row[name] for name in FATES)
    _equal(key, ("source_rows", row["source_rows"]), (" + ".join(FATES), fates))
    changes = sum(row[name] for name in CHANGES)
    planned = sum(plan.counts.get(key, {}).values())
    if plan.limit is None:
        _equal(key, (" + ".join(CHANGES), changes), ("changes in the plan", planned))
    counts = applied.counts.get(key, TargetCounts()) if applied else TargetCounts()
    entry = {**row, **counts.__dict__, "blocked": row["blocked"]}
    entry["blocked_at_write"] = counts.blocked
    entry["unsent"] = counts.unsent + changes - planned if applied else changes
    if applied:
        at_write = counts.written + counts.failed + counts.stale + counts.blocked
        right = ("written + failed + stale + blocked at write + unsent", at_write + entry["unsent"])
        _equal(key, (" + ".join(CHANGES), changes), right)
    return entry


def _equal(key: tuple[str, str], left: tuple[str, int], right: tuple[str, int]) -> None:
    if left[1] != right[1]:
        raise FateMismatch(*key, left, right)
