"""Everything the warehouse and the ledger know about one record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loaders import read_targets
from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.warehouse import Reader, Row, reading

LAYERS = ("raw_sales", "raw_finops", "keys", "common", "target")
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
# Names that look like the one given: of records, whole or by their parts.
NEAREST = """
with names as (
    select distinct unnest(list_distinct([record_key, source_key]
        || string_split(coalesce(record_key, ''), '/'))) as name
    from quality.record_fates where len($2) = 0 or list_contains($2, flow)
)
select name from names
where length(name) > 2 and jaro_winkler_similarity(lower(name), lower($1)) > 0.85
order by jaro_winkler_similarity(lower(name), lower($1)) desc, length(name), name limit 3
"""
READS = """
select '{schema}.' || table_name as relation, max(started_at) as at
from {schema}.reads where mode <> 'skipped' group by 1
"""


def explain(context: Context, record: str, flows: Sequence[str], limit: int) -> dict[str, Any]:
    """Everything the warehouse knows of a record; NothingStaged when it knows nothing.

    Each fate says `as_of`, the time of what it was judged by, and `speaks_of`: before or after the
    last write of that record. `limit` caps the rows shown of each table (0: all).
    """
    with reading(context.warehouse) as warehouse:
        values = [record, list(flows)]
        writes = warehouse.rows(WRITES, values)
        found: dict[str, Any] = {
            "record": record,
            "fates": _dated(context, warehouse, warehouse.rows(FATES, values), writes),
            "reasons": warehouse.rows(REASONS, values),
            "writes": writes,
            "layers": _layers(warehouse, _names(warehouse, record, values), limit),
        }
        if not any(found[part] for part in ("fates", "writes", "layers")):
            raise NothingStaged(_unknown(record, warehouse.rows(NEAREST, [record, list(flows)])))
    return found


def _unknown(record: str, near: Sequence[Row]) -> str:
    likely = [str(row["name"]) for row in near]
    meant = f" Did you mean {' or '.join(likely)}?" if likely else ""
    return (
        f"Nothing staged is called {record!r}.{meant} Give the account or product number, the id "
        "or the key as `p2c plan` and `p2c rejects` print it."
    )


def _dated(
    context: Context, warehouse: Reader, fates: Sequence[Row], writes: Sequence[Row]
) -> list[Row]:
    """The fates with the time they speak of, against the last write of the same record."""
    read = _last_reads(warehouse)
    sources = _sources(context)
    dated = []
    for fate in fates:
        times = [read[table] for table in sources.get(_target(fate), ()) if table in read]
        times += [fate["built_at"]] if fate.get("built_at") else []
        as_of = min(times, default=None)
        sent = [row["finished_at"] for row in writes if _same(row, fate) and row["finished_at"]]
        dated.append({**fate, "as_of": as_of, "speaks_of": _speaks_of(as_of, sent)})
    return dated


def _speaks_of(as_of: datetime | None, sent: Sequence[datetime]) -> str | None:
    if as_of is None:
        return None
    if not sent:
        return "a record that no run has written"
    return "before the last write" if as_of < max(sent) else "after the last write"


def _sources(context: Context) -> dict[tuple[str, str], tuple[str, ...]]:
    """(flow, target) → the raw tables it is computed from, as far as dbt's manifest has them."""
    path = context.path("target_dir") / "manifest.json"
    if not path.is_file():
        return {}
    return {(target.flow, target.name): target.sources for target in read_targets(path).targets}


def _last_reads(warehouse: Reader) -> dict[str, datetime]:
    """Raw table → when its last read began."""
    found = {}
    for schema in ("raw_sales", "raw_finops"):
        if "reads" in warehouse.tables(schema):
            for row in warehouse.rows(READS.format(schema=schema)):
                found[row["relation"]] = row["at"]
    return found


def _target(row: Row) -> tuple[str, str]:
    return row["flow"], row["target"]


def _same(write: Row, fate: Row) -> bool:
    """Whether a write is one of the record whose fate this is."""
    return _target(write) == _target(fate) and fate["record_key"] == write["record_key"]


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
