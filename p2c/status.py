"""What the last runs did, read from the ledger's SQLite file: works while a run goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from p2c.lock import Holder, holder
from p2c.settings import Loaded

RUNS = """
select run_id, command, status, started_at, finished_at, seconds, writes, report
from runs order by started_at desc, n desc limit ?
"""
WRITES = """
select flow, system || '.' || entity_set as target, status, count(*) as rows
from writes where run_id = ? group by 1, 2, 3 order by min(n)
"""
FAILURES = """
select flow, system || '.' || entity_set as target, status, error_code, error_message,
    count(*) as rows, min(record_key) as example
from writes where run_id = ? and status not in ('planned', 'sent', 'acknowledged', 'verified')
group by 1, 2, 3, 4, 5 order by count(*) desc, min(n) limit 20
"""
OPEN = """
select count(*) from writes where status in ('sent', 'unresolved')
"""


def read(loaded: Loaded, limit: int) -> dict[str, Any]:
    """Holder of the warehouse, the last `limit` runs (0: all), the latest one's writes."""
    held = holder(loaded.warehouse)
    found: dict[str, Any] = {
        "warehouse": str(loaded.warehouse),
        "held_by": asdict(held) if held else None,
        "runs": [],
        "writes": [],
        "failures": [],
        "unresolved": 0,
    }
    path = loaded.path("state_dir") / "ledger.sqlite"
    if path.is_file():
        with closing(_open(path)) as ledger:
            found["runs"] = [_run(row, held) for row in ledger.execute(RUNS, [limit or -1])]
            if found["runs"]:
                latest = found["runs"][0]["run_id"]
                found["writes"] = _rows(ledger, WRITES, latest)
                found["failures"] = _rows(ledger, FAILURES, latest)
            found["unresolved"] = ledger.execute(OPEN).fetchone()[0]
    return found


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
    connection.row_factory = sqlite3.Row
    return connection


def _rows(ledger: sqlite3.Connection, sql: str, *values: str) -> list[dict[str, Any]]:
    return [dict(row) for row in ledger.execute(sql, values)]


def _run(row: sqlite3.Row, held: Holder | None) -> dict[str, Any]:
    run = dict(row)
    run["report"] = json.loads(run["report"]) if run["report"] else None
    if run["status"] == "running" and held is None:
        run["status"] = "interrupted"  # its process is gone, and with it the lock
    return run
