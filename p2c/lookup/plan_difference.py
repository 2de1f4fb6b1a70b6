"""What two builds of the same staged data would write differently: SQL over both `changes` layers.

A change is known by flow, target and record key. One that both have differs when another operation
or another value would be written; the order of columns, or 1.0 for 1.00, is no difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.common.memory import limited

Row = dict[str, Any]
OLD, NEW = "old", "new"
# Flow, target, quoted relation in the warehouse.
Relation = tuple[str, str, str]

LAYER = """
select '{flow}' as flow, '{target}' as target, record_key, source_key, operation, key_values,
    "before", "after"
from {side}_build.{relation}"""
NO_LAYER = """
select null::varchar as flow, null::varchar as target, null::varchar as record_key,
    null::varchar as source_key, null::varchar as operation, null::varchar as key_values,
    null::varchar as "before", null::varchar as "after" where false"""
DIFFERING = """
create temp table differing as
select flow, target, record_key, coalesce(n.source_key, o.source_key) as source_key,
    o.operation as old_operation, n.operation as new_operation,
    coalesce(n."before", o."before") as held, o."after" as old_after, n."after" as new_after,
    o.key_values as old_key, n.key_values as new_key,
    case when n.operation is null then 'only_old' when o.operation is null then 'only_new'
        else 'different' end as status
from old_changes as o full join new_changes as n using (flow, target, record_key)
where o.operation is distinct from n.operation or o."after" is distinct from n."after"
    or o.key_values is distinct from n.key_values
"""
# Numbers are compared as numbers with all their digits, which DuckDB's JSON keeps where it casts
# them and drops where it shows them (json_each); whatever else JSON has, as it is written.
SIDE_COLUMNS = """
    select d.flow, d.target, d.record_key, j.key as column_name, j.value,
        case when j.type not in ('VARCHAR', 'NULL', 'BOOLEAN')
            then from_json(d.{side}_after, '"MAP(VARCHAR, DECIMAL(38, 12))"')[j.key] end as number
    from differing as d, json_each(d.{side}_after) as j where d.status = 'different'"""
COLUMNS = f"""
create temp table differing_columns as
with o as ({SIDE_COLUMNS.format(side="old")}
),
n as ({SIDE_COLUMNS.format(side="new")}
)
select flow, target, record_key, column_name
from o full join n using (flow, target, record_key, column_name)
where coalesce(o.number <> n.number, o.value is distinct from n.value)
"""
ALIKE = """
delete from differing as d
where d.status = 'different' and d.old_operation = d.new_operation and d.old_key = d.new_key
    and not exists (from differing_columns as c where c.flow = d.flow and c.target = d.target
        and c.record_key = d.record_key)
"""
TOTALS = """
with planned as (
    select flow, target, count(*) filter (side = 'old') as old,
        count(*) filter (side = 'new') as new
    from (select flow, target, 'old' as side from old_changes
        union all select flow, target, 'new' from new_changes)
    group by flow, target
),
found as (
    select flow, target, count(*) filter (status = 'only_old') as only_old,
        count(*) filter (status = 'only_new') as only_new,
        count(*) filter (status = 'different') as different
    from differing group by flow, target
)
select flow, target, coalesce(old, 0) as old, coalesce(new, 0) as new,
    coalesce(only_old, 0) as only_old, coalesce(only_new, 0) as only_new,
    coalesce(different, 0) as different
from planned full join found using (flow, target)
"""
COUNTS = ("old", "new", "only_old", "only_new", "different")
# Of a record that one version alone writes: the columns that it would change, none of a new one.
IN_COLUMNS = """
with touched as (
    select flow, target, column_name from differing_columns
    union all
    select d.flow, d.target, j.key
    from differing as d, json_each(coalesce(d.new_after, d.old_after)) as j
    where d.status <> 'different' and coalesce(d.new_operation, d.old_operation) = 'update'
)
select flow, target, column_name as "column", count(*) as records from touched
group by all order by records desc, flow, target, column_name
"""
SHOWN = """
select d.*, (select list(c.column_name) from differing_columns as c where c.flow = d.flow
    and c.target = d.target and c.record_key = d.record_key) as columns,
    {old_fate} as old_fate, {new_fate} as new_fate
from differing as d
qualify row_number() over (partition by d.flow, d.target, d.status order by d.record_key) <= $most
order by d.flow, d.target, d.status, d.record_key
"""
FATE = """(
    select first({{'fate': f.fate, 'detail': f.detail}}) from {side}_build.quality.record_fates as f
    where f.flow = d.flow and f.target = d.target and f.source_key = d.source_key)"""
BUILT = """
select 1 from duckdb_tables() where database_name = $1 || '_build' and schema_name = 'quality'
    and table_name = $2
union all
select 1 from duckdb_views() where database_name = $1 || '_build' and schema_name = 'quality'
    and view_name = $2
"""


@dataclass(frozen=True)
class Build:
    """A built warehouse file, and the relations of its `changes` layer."""

    warehouse: Path
    relations: Sequence[Relation]


def difference(old: Build, new: Build, limit: int | None = None) -> dict[str, Any]:
    """`flows`, `columns`, `changes`: counts by flow and target, by column, and the records.

    At most `limit` records of each target and status (None, 0: all). Each has the operation of both
    (null where a version does not write it), `fields`: column → `held` by the target now, `old` and
    `new` as each version would write it (left out where it does not), and of one that a version
    does not write, what that version makes of the record (`fate`, `detail`).
    """
    order = list(dict.fromkeys(r[:2] for r in (*new.relations, *old.relations)))
    with _both(old, new) as connection:
        for statement in (DIFFERING, COLUMNS, ALIKE):
            connection.execute(statement)
        flows = _totals(connection, order)
        sql = SHOWN.format(**{f"{side}_fate": _fate(connection, side) for side in (OLD, NEW)})
        shown = _rows(connection, sql, {"most": limit or 2**62})
        columns = _rows(connection, IN_COLUMNS)
    shown.sort(key=lambda row: order.index((row["flow"], row["target"])))
    return {"flows": flows, "columns": columns, "changes": [_change(row) for row in shown]}


@contextmanager
def _both(old: Build, new: Build) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both files attached, read-only, with a view of all changes of each."""
    connection = limited(duckdb.connect())
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {_text(new.warehouse.parent / 'spill')}")
        for side, build in ((OLD, old), (NEW, new)):
            connection.execute(f"attach {_text(build.warehouse)} as {side}_build (read_only)")
            layer = " union all ".join(_layer(side, build.relations)) or NO_LAYER
            connection.execute(f"create temp view {side}_changes as {layer}")
        yield connection
    finally:
        connection.close()


def _layer(side: str, relations: Iterable[Relation]) -> Iterator[str]:
    for flow, target, relation in relations:
        yield LAYER.format(side=side, flow=flow, target=target, relation=relation)


def _totals(connection: duckdb.DuckDBPyConnection, order: Sequence[tuple[str, str]]) -> list[Row]:
    """One row for each target of either version, what it does not count being 0."""
    found = {(row["flow"], row["target"]): row for row in _rows(connection, TOTALS)}
    fates = {side: _fates(connection, side) for side in (OLD, NEW)}
    return [
        {"flow": place[0], "target": place[1]}
        | found.get(place, dict.fromkeys(COUNTS, 0))
        | {f"{side}_fates": fates[side].get(place, {}) for side in (OLD, NEW)}
        for place in order
    ]


def _fate(connection: duckdb.DuckDBPyConnection, side: str) -> str:
    """What a version makes of the record, where it was written down."""
    there = _rows(connection, BUILT, [side, "record_fates"])
    return FATE.format(side=side) if there else "null"


def _fates(connection: duckdb.DuckDBPyConnection, side: str) -> dict[tuple[str, str], Row]:
    """(flow, target) → records by fate; empty where a version has no such table."""
    if not _rows(connection, BUILT, [side, "flow_counts"]):
        return {}
    found = _rows(connection, f"select * from {side}_build.quality.flow_counts")
    return {(row.pop("flow"), row.pop("target")): row for row in found}


def _change(row: Row) -> Row:
    """One record as data."""
    images = {name: _image(row[name]) for name in ("held", "old_after", "new_after")}
    names = row["columns"] or (*images["new_after"], *images["old_after"])
    change = {name: row[name] for name in ("flow", "target", "status", "record_key")}
    change |= {"operation": {OLD: row["old_operation"], NEW: row["new_operation"]}}
    change["fields"] = {name: _field(images, name) for name in dict.fromkeys(names)}
    if row["old_key"] and row["new_key"] and row["old_key"] != row["new_key"]:
        change["key_values"] = {OLD: row["old_key"], NEW: row["new_key"]}
    for side in (OLD, NEW):
        if row[f"{side}_operation"] is None and row[f"{side}_fate"]:
            change |= row[f"{side}_fate"]
    return change


def _field(images: Mapping[str, Mapping[str, Any]], name: str) -> Row:
    sides = {"held": "held", OLD: "old_after", NEW: "new_after"}
    return {label: images[of][name] for label, of in sides.items() if name in images[of]}


def _image(text: str | None) -> dict[str, Any]:
    """An image's values, numbers exact."""
    return dict(json.loads(text or "{}", parse_float=Decimal))


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Row]:
    cursor = connection.execute(sql, values if isinstance(values, Mapping) else list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _text(path: Path) -> str:
    """A path as SQL's text."""
    return "'" + str(path).replace("'", "''") + "'"
