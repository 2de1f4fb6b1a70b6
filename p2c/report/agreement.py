"""How far both systems agree: now, by entity and legal entity, and run by run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from p2c.errors import NothingStaged
from p2c.lookup import reconciliation
from p2c.warehouse import Reader, Row

STATUSES = ("agree", "differ", "only_source", "only_target")
# Runs in the chart over time, and rows of it: with many companies there are fewer runs.
RUNS, POINTS = 60, 6000
COUNTED = ", ".join(
    f"coalesce(sum(records) filter (status = '{status}'), 0)::bigint as {status}"
    for status in STATUSES
)
OVER_TIME = f"""
with runs as (
    select run_id, min(noted_at) as noted_at from ledger.reconciliation
    group by run_id order by 2 desc limit $1
)
select run_id, runs.noted_at, r.flow, r.target, r.data_area_id as company, {COUNTED}
from ledger.reconciliation as r join runs using (run_id)
where r.status in {STATUSES}
group by all order by runs.noted_at, r.flow, r.target, company
"""

# What was written to the services after that build began, and is not in its counts.
SINCE = """
select count(*) as records from ledger.writes
where status in ('acknowledged', 'verified')
    and finished_at > (select noted_at from ledger.marks where name = 'built')
"""


def agreement(warehouse: Reader) -> dict[str, Any]:
    """`rows` (counts and `share` that agrees, by flow, target and company), `totals`, `reasons`.

    And `columns` that differ, broken limits as `breaches`, `built_at`, `written_since` (records),
    and `timeline`: the counts of the last runs before they wrote, 60 at most. NothingStaged when
    nothing was built.
    """
    found = reconciliation.found(warehouse, [], 0)
    rows = _rows(found["records"])
    return {
        "built_at": found["built_at"],
        "written_since": warehouse.rows(SINCE)[0]["records"],
        "rows": rows,
        "totals": _counted({}, found["records"]),
        "reasons": [row for row in found["records"] if row["why"]],
        "columns": found["columns"],
        "breaches": found["breaches"],
        "timeline": _timeline(warehouse, len(rows)),
    }


def _rows(records: Iterable[Row]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in records:
        if row["status"] in STATUSES:
            place = (row["flow"], row["target"], row["data_area_id"])
            groups.setdefault(place, []).append(row)
    names = ("flow", "target", "company")
    return [_counted(dict(zip(names, place, strict=True)), rows) for place, rows in groups.items()]


def _counted(place: Row, rows: Iterable[Row]) -> Row:
    """The counts by status, and the share that agrees of all, in percent, rounded down."""
    counts = dict.fromkeys(STATUSES, 0)
    for row in rows:
        if row["status"] in counts:
            counts[row["status"]] += row["records"]
    every = sum(counts.values())
    share = counts["agree"] * 1000 // every / 10 if every else None
    return place | counts | {"all": every, "share": share}


def _timeline(warehouse: Reader, places: int) -> list[Row]:
    """places: rows that a run has, about."""
    runs = max(2, min(RUNS, POINTS // max(1, places)))
    try:
        return warehouse.rows(OVER_TIME, [runs])
    except NothingStaged:  # no run has ended since there is such a table
        return []
