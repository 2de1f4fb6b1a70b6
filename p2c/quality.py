"""The warehouse's own account of records: rejects, and everything known about one record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from p2c.errors import NothingStaged
from p2c.settings import Loaded
from p2c.warehouse import Reader, Row, reading

LAYERS = ("raw_sales", "raw_finops", "keys", "common", "target")

REJECTED = """
select flow, target, source_key, record_key, code, column_name, value, message
from quality.rejected_records
where len($1) = 0 or list_contains($1, flow)
order by flow, target, code, record_key, source_key
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
    coalesce(w.error_code, w.status) as code, null as column_name, null as value,
    coalesce(w.error_message, 'The service gave no reason.') as message
from tries as w
where w.status in ('rejected', 'failed', 'unresolved', 'set_aside')
    and (len($1) = 0 or list_contains($1, w.flow))
order by w.flow, target, code, w.record_key
"""
# A record is meant by its whole key, or by one part of it: `usmf/ACC-01000` by `ACC-01000`.
NAMED = """
(source_key = $1 or record_key = $1
 or list_contains(string_split(coalesce(source_key, ''), '/'), $1)
 or list_contains(string_split(coalesce(record_key, ''), '/'), $1))
and (len($2) = 0 or list_contains($2, flow))
"""
FATES = f"select * from quality.record_fates where {NAMED} order by flow, target, record_key"
REASONS = f"select * from quality.rejected_records where {NAMED} order by flow, target, code"
WRITES = f"""
select flow, system || '.' || entity_set as target, operation, record_key, status, attempts,
    http_status, error_code, error_message, request_id, planned_at, finished_at, run_id
from ledger.writes where status <> 'planned' and {NAMED} order by planned_at desc, write_id limit 20
"""


def rejects(loaded: Loaded, flows: Sequence[str]) -> dict[str, Any]:
    """What cannot be written by the project's own rules or by the services' word, and counts.

    Each record says by whom: `mapping` (quality.rejected_records) or `service` (the ledger).
    """
    with reading(loaded.warehouse) as warehouse:
        rows = [{**row, "by": "mapping"} for row in warehouse.rows(REJECTED, [list(flows)])]
        if "plans" in warehouse.columns("ledger"):
            rows += [{**row, "by": "service"} for row in warehouse.rows(REFUSED, [list(flows)])]
    counts = Counter((row["flow"], row["target"], row["by"], row["code"]) for row in rows)
    names = ("flow", "target", "by", "code", "records")
    groups = [dict(zip(names, (*key, count), strict=True)) for key, count in counts.items()]
    return {"rejects": len(rows), "codes": groups, "records": rows}


def explain(loaded: Loaded, record: str, flows: Sequence[str], limit: int) -> dict[str, Any]:
    """Everything the warehouse knows of a record; NothingStaged when it knows nothing.

    `limit` caps the rows shown of each table (0: all).
    """
    with reading(loaded.warehouse) as warehouse:
        values = [record, list(flows)]
        found: dict[str, Any] = {
            "record": record,
            "fates": warehouse.rows(FATES, values),
            "reasons": warehouse.rows(REASONS, values),
            "writes": warehouse.rows(WRITES, values),
            "layers": _layers(warehouse, _names(warehouse, record, values), limit),
        }
    if not any(found[part] for part in ("fates", "writes", "layers")):
        raise NothingStaged(
            f"Nothing staged is called {record!r}: give the account or product number, the id or "
            "the key as `p2c plan` and `p2c rejects` print it."
        )
    return found


def _names(warehouse: Reader, record: str, values: list[Any]) -> list[str]:
    """What the record is called elsewhere: its source keys, besides the name given."""
    keys = warehouse.rows(
        f"select distinct source_key from quality.record_fates where {NAMED} "
        "and source_key is not null limit 20",
        values,
    )
    return list(dict.fromkeys([record, *(row["source_key"] for row in keys)]))


def _layers(warehouse: Reader, names: list[str], limit: int) -> list[dict[str, Any]]:
    """Rows of each layer that hold one of the names in a text column, without their nulls."""
    found = []
    for schema in LAYERS:
        for table, columns in warehouse.columns(schema).items():
            rows = _matching(warehouse, f'"{schema}"."{table}"', columns, names, limit)
            if rows:
                found.append({"schema": schema, "table": table, "rows": rows})
    return found


def _matching(
    warehouse: Reader, relation: str, columns: list[str], names: list[str], limit: int
) -> list[Row]:
    tests = " or ".join(f'list_contains($1, "{column}")' for column in columns)
    cut = f"limit {limit}" if limit else ""
    rows = warehouse.rows(f"select * from {relation} where {tests} {cut}", [names])
    return [
        {name: value for name, value in row.items() if value is not None and name[:5] != "_dlt_"}
        for row in rows
    ]
