"""The run history: what each run was, how long it took, what it wrote, and what failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from p2c.warehouse import Reader, Row

COUNTS = ("written", "failed", "stale", "rejected", "blocked", "conflict", "identical", "filtered")
STAGES = ("extract", "build", "plan", "write", "publish", "copy")
RUNS = """
select run_id, command, status, started_at, finished_at, seconds, writes, report,
    count(*) over () as found
from ledger.runs order by started_at desc, run_id desc limit $1
"""


def runs(warehouse: Reader, limit: int) -> dict[str, Any]:
    """`found` (of all), and the newest `limit` (0: all) as `rows`, each with its `flows`.

    Counts of a flow are null where the run did not say them. `stages` has seconds by stage where
    the run noted them, and of all of them the names; `failed` sums up what was not written.
    """
    rows = warehouse.rows(RUNS, [limit or None])
    found = [_run(row) for row in rows]
    return {
        "found": rows[0]["found"] if rows else 0,
        "rows": found,
        "stages": sorted({name for run in found for name in run["stages"]}, key=_place),
    }


def _run(row: Row) -> Row:
    report = json.loads(row.pop("report") or "{}")
    flows = [_flow(flow) for flow in report.get("flows") or ()]
    stages = report.get("stages")
    return row | {
        "flows": flows,
        "failed": sum(flow["failed"] or 0 for flow in flows),
        "error": report.get("error"),
        "kind": report.get("kind"),
        "plan_id": report.get("plan_id"),
        "stages": stages if isinstance(stages, Mapping) else {},
    }


def _place(stage: str) -> tuple[int, str]:
    """Stages come in the order of a run, others after them."""
    return (STAGES.index(stage) if stage in STAGES else len(STAGES), stage)


def _flow(flow: Mapping[str, Any]) -> Row:
    return {name: flow.get(name) for name in ("flow", "target", "source_rows", *COUNTS)}
