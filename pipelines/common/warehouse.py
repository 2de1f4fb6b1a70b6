"""The raw layer's own bookkeeping in DuckDB: who holds the file, what arrived, what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from .duck import opened, tables_of
from .resources import DELETIONS, READS
from .tables import Table

# Every living row is in a full read or newer than it; the rest is gone. Since `landed` is noted,
# rows that are gone come with the read itself, and rows that did not change keep an older load id.
_GONE_FROM_FULL_READ = """
update {schema}.{table} as record
set deleted_at = last_full.finished_at
from (
    select load_id, finished_at, {landed} is null as marks
    from {schema}.{reads}
    where table_name = '{table}' and mode = 'full' and load_id in ({loaded})
    order by load_id desc
    limit 1
) as last_full
where last_full.marks and record.deleted_at is null and record._dlt_load_id < last_full.load_id
"""

# A row that was sent again after its deletion is alive.
_NAMED_AS_DELETED = """
update {schema}.{table} as record
set deleted_at = gone.deleted_at
from (
    select record_id, max(_dlt_load_id) as load_id, max(deleted_at) as deleted_at
    from {schema}.{deletions}
    where table_name = '{table}' and _dlt_load_id in ({loaded})
    group by record_id
) as gone
where record.{key} = gone.record_id
    and record.deleted_at is null
    and record._dlt_load_id < gone.load_id
"""

# The records of a load that never arrived completely.
_FORGET = "delete from {schema}.{table} where _dlt_load_id not in ({loaded})"

# Older reads do not say what they landed: each may have changed its table.
_LAST_LANDED = """
select table_name, max_by(coalesce({data_load_id}, load_id), load_id) from {schema}.{reads}
where mode <> 'skipped' and load_id in ({loaded}) group by table_name
"""

_COUNT_INTO_READS = """
update {schema}.{reads} set deletions = ?
where table_name = '{table}' and mode = 'full' and load_id = (
    select max(load_id) from {schema}.{reads}
    where table_name = '{table}' and mode = 'full' and load_id in ({loaded})
)
"""


def check_free(path: Path) -> None:
    """Raise WarehouseBusy or WarehouseUnusable if nothing could be loaded; creates nothing."""
    if path.exists():
        with opened(path):
            pass


def loaded_packages(path: Path, schema: str) -> frozenset[str]:
    """Ids of the load packages that arrived completely; none without a warehouse."""
    if not path.exists():
        return frozenset()
    with opened(path) as connection:
        if "_dlt_loads" not in tables_of(connection, schema):
            return frozenset()
        found = connection.execute(_loaded(schema)).fetchall()
    return frozenset(str(row[0]) for row in found)


def last_landed(path: Path, schema: str) -> dict[str, str]:
    """Table → load id of the last complete read that changed it; none without a warehouse."""
    if not path.exists():
        return {}
    with opened(path) as connection:
        if not {READS, "_dlt_loads"} <= tables_of(connection, schema):
            return {}
        known = _or_null(connection, schema, "data_load_id")
        words = {"schema": schema, "reads": READS, "loaded": _loaded(schema)}
        found = connection.execute(_LAST_LANDED.format(data_load_id=known, **words))
        return {str(table): str(load_id) for table, load_id in found.fetchall()}


def mark_deleted(path: Path, schema: str, tables: Iterable[Table]) -> dict[str, int]:
    """Give `deleted_at` to rows that are gone at the source; how many, by table.

    Looks at the complete loads only and at what they say of themselves, so it can run at any
    time and any number of times: a crash before it is repaired by the next run.
    """
    if not path.exists():
        return {}
    with opened(path) as connection:
        present = tables_of(connection, schema)
        if not {READS, "_dlt_loads"} <= present:
            return {}
        connection.begin()
        for name in sorted({READS, DELETIONS} & present):
            connection.execute(_FORGET.format(schema=schema, table=name, loaded=_loaded(schema)))
        landed = _or_null(connection, schema, "landed")
        marked = {
            table.name: _mark(connection, schema, table, landed, deletions=DELETIONS in present)
            for table in tables
            if table.name in present
        }
        connection.commit()
    return marked


def _mark(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: Table,
    landed: str,
    *,
    deletions: bool,
) -> int:
    names = {
        "schema": schema,
        "table": table.name,
        "key": table.key[0],
        "reads": READS,
        "deletions": DELETIONS,
        "landed": landed,
        "loaded": _loaded(schema),
    }
    gone = _changed(connection, _GONE_FROM_FULL_READ.format(**names))
    if gone:
        connection.execute(_COUNT_INTO_READS.format(**names), [gone])
    named = _changed(connection, _NAMED_AS_DELETED.format(**names)) if deletions else 0
    return gone + named


def _or_null(connection: duckdb.DuckDBPyConnection, schema: str, column: str) -> str:
    """A column of `reads`, or null where the warehouse is from before there was one."""
    columns = connection.execute(f"describe {schema}.{READS}").fetchall()
    return column if column in {name for name, *_ in columns} else "null"


def _loaded(schema: str) -> str:
    return f"select load_id from {schema}._dlt_loads where status = 0"


def _changed(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
