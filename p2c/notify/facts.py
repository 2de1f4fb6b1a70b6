"""What the ledger knows of the last runs, as far as somebody may want a message of it.

Read from its SQLite file, so that it can be asked while a run goes on and after one that failed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from loaders.ledger.connection import storage_error
from p2c.lookup.status import opened

Row = Mapping[str, Any]
# Reports that are looked through for the newest counts of each flow.
LOOKED_AT = 200
RUNS = """
select n = (select max(n) from runs) as is_newest,
    run_id, command, status, started_at, finished_at, report
from runs where command in ('run', 'apply', 'retry') order by n desc
"""
REPORTS = f"""
select report from runs
where status in ('ok', 'partial', 'interrupted', 'aborted') and command in ('run', 'apply', 'retry')
    and json_array_length(report, '$.flows') > 0
order by n desc limit {LOOKED_AT}
"""
TIMES = """
select min(started_at) as first_at, max(started_at) as last_at,
    max(finished_at) filter (
        where command = 'run' and status in ('ok', 'partial')
    ) as run_at,
    max(started_at) filter (
        where (command in ('run', 'extract') and status in ('ok', 'partial')) or (
            json_extract(report, '$.stages.extract') is not null
            and json_extract(report, '$.stopped_in') is not 'extract'
        )
    ) as extract_at
from runs
"""


@dataclass(frozen=True)
class Facts:
    """`run`: the last that ended, or whose process is gone; `flows`: the newest counts of each.

    held: flow → why, of what the last run that got so far held back.
    first_at, last_at: when the first and the last command began; run_at: when a run last came to
    its end; extract_at: when the last one began whose extract did. None where there was none.
    """

    run: Row | None = None
    flows: Sequence[Row] = ()
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None
    run_at: datetime | None = None
    extract_at: datetime | None = None


def facts(ledger: Path, *, is_held: bool) -> Facts:
    """Read them; empty where there is no ledger yet. Raises StorageError.

    is_held: whether a process holds the warehouse; the last run is cut off if it is noted as
    running and none does.
    """
    if not ledger.is_file():
        return Facts()
    try:
        with closing(opened(ledger)) as connection:
            return _read(connection, is_held)
    except sqlite3.Error as error:
        raise storage_error(ledger, error) from error


def _read(ledger: sqlite3.Connection, is_held: bool) -> Facts:
    times = ledger.execute(TIMES).fetchone()
    reports = [json.loads(row["report"]) for row in ledger.execute(REPORTS)]
    moments = {name: _moment(times[name]) for name in ("first_at", "last_at")}
    moments |= {name: _moment(times[name]) for name in ("run_at", "extract_at")}
    run = _last(ledger, is_held)
    return Facts(run=run, flows=_newest(reports), held=_held(run, reports), **moments)


def _held(run: Row | None, reports: Sequence[Row]) -> Mapping[str, Sequence[str]]:
    """A run that failed because all were held says it itself, one that failed before says nothing
    of it."""
    newest = next((one for one in reports if one.get("kind", "changes") == "changes"), {})
    return (run or {}).get("report", {}).get("held_back") or newest.get("held_back") or {}


def _last(ledger: sqlite3.Connection, is_held: bool) -> Row | None:
    """The last that says something: not the one that is on, no plan that nobody confirmed.

    An apply or a retry counts once it has begun to write: a mistyped id is no state of the sync.
    """
    with closing(ledger.execute(RUNS)) as rows:
        for row in rows:
            run = {**dict(row), "report": json.loads(row["report"] or "{}")}
            if row["status"] == "running" and not (is_held and row["is_newest"]):
                return run | {"status": "cut_off"}
            has_begun = row["command"] == "run" or "flows" in run["report"]
            if has_begun and row["status"] not in ("running", "planned"):
                return run
    return None


def _newest(reports: Sequence[Row]) -> list[Row]:
    """Of each flow and target the counts of the last run that had it; of what failed, a retry's."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    failed: dict[tuple[str, str], int] = {}
    for report in reports:
        kind = report.get("kind", "changes")
        for flow in report["flows"] if kind in ("changes", "retry") else ():
            key = (flow["flow"], flow["target"])
            failed.setdefault(key, flow.get("failed") or 0)
            if kind == "changes":
                found.setdefault(key, dict(flow))
    return [flow | {"failed": failed[key]} for key, flow in found.items()]


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
