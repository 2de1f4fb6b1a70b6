"""What the last runs did, read from the ledger's SQLite file: works while a run goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from p2c.config.context import Context
from p2c.lock import Holder, holder

RUNS = """
select run_id, command, status, started_at, finished_at, seconds, writes, report
from runs order by started_at desc, n desc limit ?
"""
# What a person may have looked at since (plan, verify, undo) is no run, nor is an apply or a retry
# that was refused before it began, as one of a plan that is not there.
LAST = """
select run_id, command, status, started_at, finished_at, seconds, writes, report
from runs where command = 'run' or (command in ('apply', 'retry') and (
    status <> 'failed' or exists (
        select 1 from plans
        where apply_started_at between runs.started_at and coalesce(runs.finished_at, '9999')
    )
))
order by started_at desc, n desc limit 1
"""
# An apply writes what an earlier command planned: its rows are those of its plan.
OF_RUN = "(run_id = :run or plan_id = :plan)"
WRITES = f"""
select flow, system || '.' || entity_set as target, status, count(*) as rows
from writes where {OF_RUN} group by 1, 2, 3 order by min(n)
"""
# What its plans have for each target; a ledger before version 2 has all rows in `writes`.
PLANNED = f"""
select json_extract(part.value, '$[1]') as flow,
    json_extract(part.value, '$[2]') || '.' || json_extract(part.value, '$[3]') as target,
    sum(json_extract(part.value, '$[7]')) as rows
from plans, json_each(plans.parts) as part
where {OF_RUN} group by 1, 2 order by min(plans.n), min(part.key)
"""
IN_FILES = 2
FAILURES = f"""
select flow, system || '.' || entity_set as target, status, error_code, error_message,
    count(*) as rows, min(record_key) as example
from writes where {OF_RUN}
    and (
        status not in ('planned', 'sent', 'acknowledged', 'verified')
        or error_code = 'not_persisted'
    )
group by 1, 2, 3, 4, 5 order by count(*) desc, min(n) limit 20
"""
OPEN = """
select count(*) from writes where status in ('sent', 'unresolved')
"""


def read(context: Context, limit: int) -> dict[str, Any]:
    """Holder of the warehouse, the last `limit` runs (0: all), the last one that writes.

    `last` is the last run, apply or retry, whatever was looked at since; `writes` and `failures`
    are its own.
    """
    held = holder(context.warehouse)
    found: dict[str, Any] = {
        "warehouse": str(context.warehouse),
        "held_by": asdict(held) if held else None,
        "runs": [],
        "last": None,
        "writes": [],
        "failures": [],
        "unresolved": 0,
    }
    path = context.path("state_dir") / "ledger.sqlite"
    if path.is_file():
        try:
            found |= _runs(path, held, limit)
        except sqlite3.Error as error:
            from loaders.ledger.connection import storage_error  # noqa: PLC0415 - it is quick without it

            raise storage_error(path, error) from error
    return found


def _runs(path: Path, held: Holder | None, limit: int) -> dict[str, Any]:
    with closing(opened(path)) as ledger:
        return {
            "runs": [_run(row, held) for row in ledger.execute(RUNS, [limit or -1])],
            **_last(ledger, held),
            "unresolved": ledger.execute(OPEN).fetchone()[0],
        }


def _last(ledger: sqlite3.Connection, held: Holder | None) -> dict[str, Any]:
    row = ledger.execute(LAST).fetchone()
    if row is None:
        return {}
    run = _run(row, held)
    names = {"run": run["run_id"], "plan": (run["report"] or {}).get("plan_id")}
    return {
        "last": run,
        "writes": _writes(ledger, names),
        "failures": [dict(row) for row in ledger.execute(FAILURES, names)],
    }


def _writes(ledger: sqlite3.Connection, names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows by target and status; those that nothing is known of are planned."""
    found = [dict(row) for row in ledger.execute(WRITES, names)]
    if ledger.execute("pragma user_version").fetchone()[0] < IN_FILES:
        return found
    rows = []
    for flow, target, total in ledger.execute(PLANNED, names):
        mine = [row for row in found if (row["flow"], row["target"]) == (flow, target)]
        known = [row for row in mine if row["status"] != "planned"]
        left = total - sum(row["rows"] for row in known)
        planned = {"flow": flow, "target": target, "status": "planned", "rows": left}
        rows += [*known, *([planned] if left else [])]
    return rows


def opened(path: Path) -> sqlite3.Connection:
    """The ledger's file, for reading."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
    connection.row_factory = sqlite3.Row
    return connection


def _run(row: sqlite3.Row, held: Holder | None) -> dict[str, Any]:
    run = dict(row)
    run["report"] = json.loads(run["report"]) if run["report"] else None
    if run["status"] == "running" and held is None:
        run["status"] = "interrupted"  # its process is gone, and with it the lock
    return run
