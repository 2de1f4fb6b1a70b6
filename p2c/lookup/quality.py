"""What cannot be written, by the warehouse's and the ledger's own account, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import Any

from p2c.config.context import Context
from p2c.lookup import waiting as held
from p2c.warehouse import Reader, Row, reading

WAITING = frozenset(("blocked", "conflict"))
REJECTED = """
select flow, target, source_key, record_key, code, column_name, value, message
from quality.rejected_records
"""
# What the services refused since the last run of each flow, unless a later try came through.
REFUSED = """
with applied as (
    select unnest(from_json(flows, '["VARCHAR"]')) as flow, created_at
    from ledger.plans
    where apply_started_at is not null and coalesce(kind, 'changes') = 'changes'
),
latest as (select flow, max(created_at) as since from applied group by flow),
tries as (
    select w.* from ledger.writes as w join latest on latest.flow = w.flow
    where w.planned_at >= latest.since and w.status <> 'planned'
    qualify row_number() over (
        partition by w.flow, w.system, w.entity_set, w.record_key
        order by w.planned_at desc, w.write_id desc
    ) = 1
)
select w.flow, w.system || '.' || w.entity_set as target, w.source_key, w.record_key,
    case when w.status = 'blocked' then 'blocked' else coalesce(w.error_code, w.status) end as code,
    null as column_name, null as value,
    coalesce(w.error_message, 'The service gave no reason.') as message,
    w.parents as parents, w.status
from tries as w
where w.status in ('rejected', 'failed', 'unresolved', 'quarantined', 'blocked')
"""


def rejects(context: Context, flows: Sequence[str]) -> dict[str, Any]:
    """What cannot be written by the project's own rules or by the services' word, and counts.

    Each record says by whom: `mapping` (the build) or `service` (the ledger). Those that only wait
    (codes blocked, conflict) are there too, with the reason of what they wait for; `rejects` counts
    records that are refused, `held` those that wait.
    """
    with reading(context.warehouse) as warehouse:
        rows = [row for row in listed(warehouse) if not flows or row["flow"] in flows]
    rows.sort(key=place)
    return {
        "rejects": distinct(row for row in rows if row["code"] not in WAITING),
        "held": distinct(row for row in rows if row["code"] in WAITING),
        "codes": _groups(rows),
        "records": rows,
    }


def listed(warehouse: Reader) -> list[Row]:
    """Every reason and every record that waits, of all flows, in no particular order."""
    refused = [{**row, "by": "mapping"} for row in warehouse.rows(REJECTED)]
    waiting = [{**row, "by": "mapping"} for row in held.held(warehouse)]
    tries = _tries(warehouse, {(row["target"], row["record_key"]) for row in waiting})
    waiting += [row for row in tries if row["code"] in WAITING]
    refused += [held.without_parents(row) for row in tries if row["code"] not in WAITING]
    return [*refused, *held.with_causes(waiting, refused, held.family(warehouse))]


def _tries(warehouse: Reader, known: Set[tuple[str, str]]) -> list[Row]:
    """What services and applies left unwritten; what is `known` to wait is shown once."""
    if "plans" not in warehouse.columns("ledger"):
        return []
    rows = [{**row, "by": "service"} for row in warehouse.rows(REFUSED)]
    return [
        row
        for row in rows
        if row["code"] not in WAITING or (row["target"], row["record_key"]) not in known
    ]


def _groups(rows: Sequence[Row]) -> list[dict[str, Any]]:
    counts = Counter((row["flow"], row["target"], row["by"], row["code"]) for row in rows)
    names = ("flow", "target", "by", "code", "records")
    return [dict(zip(names, (*key, count), strict=True)) for key, count in counts.items()]


def distinct(rows: Iterable[Row]) -> int:
    """How many records; each once, as one may have several reasons."""
    return len(
        {(row["flow"], row["target"], row["source_key"] or row["record_key"]) for row in rows}
    )


def place(row: Row) -> tuple[str, ...]:
    """Where a row stands in a list: by flow, target, who says so, code, record."""
    names = ("flow", "target", "by", "code", "record_key", "source_key")
    return tuple(str(row[name] or "") for name in names)
