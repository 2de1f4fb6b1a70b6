"""What of a full read goes into the warehouse: rows that are new, different or gone.

DuckDB compares the rows that were sent with those that are there, by a hash of all columns for
each key, so that what does not fit into memory is compared as well. A row stays as it is when it is
equal, alive, and came with a load that arrived completely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from .duck import opened, tables_of
from .rows import PIECE, SETTINGS, Rows

LOAD_ID = "_dlt_load_id"
_OWN = frozenset({LOAD_ID, "_dlt_id"})
_NEEDED = frozenset({LOAD_ID, "deleted_at"})

# One row for each key that is to be landed.
_FIND = """
create or replace temp table landing as
with sent as (select {key}, hash({sent}) as content from {rows}),
there as (
    select {key}, {kept} as content, deleted_at is null as alive,
        _dlt_load_id in (select load_id from {schema}._dlt_loads where status = 0) as arrived
    from {schema}.{table}
)
select {key}, sent.content is null as gone
from sent full join there using ({key})
where there.content is null
    or not there.arrived
    or (sent.content is not null and (not there.alive or sent.content <> there.content))
    or (sent.content is null and there.alive)
"""
_WRITE = """
copy (
    select {columns}, null::timestamptz as deleted_at
    from {rows} semi join (from landing where not gone) using ({key})
    union all
    select {kept_columns}, coalesce(deleted_at, ?::timestamptz)
    from {schema}.{table} semi join (from landing where gone) using ({key})
) to '{file}' (format parquet)
"""


@dataclass(frozen=True)
class Landing:
    """What is to be loaded: `changed` and `gone` rows, and the file they are in.

    file: None where all rows of the read are to be loaded as they are, or none.
    """

    changed: int
    gone: int = 0
    file: Path | None = None

    @property
    def landed(self) -> int:
        """Rows that are new, different or gone."""
        return self.changed + self.gone

    def tables(self, rows: Rows) -> Iterator[pa.Table]:
        """The rows to load, in pieces of `table.schema`; one empty piece where there are none."""
        schema = rows.table.schema
        if not self.landed:
            yield schema.empty_table()
        elif self.file is None:
            yield from rows.tables()
        else:
            with pq.ParquetFile(self.file) as parquet:
                for batch in parquet.iter_batches(PIECE):
                    yield pa.Table.from_batches([batch]).cast(schema)


@dataclass(frozen=True)
class RawSchema:
    """The raw layer of one system in the warehouse, which may not be there yet.

    landed: table → load id of the last read that landed anything.
    """

    path: Path
    name: str
    landed: Mapping[str, str] = field(default_factory=dict)

    def compare(self, rows: Rows, at: datetime) -> Landing:
        """What of a full read is to be landed; `at`: when rows that are gone were found so."""
        with self._open() as connection:
            columns = _columns(connection, self.name, rows.table.name)
            if not columns.keys() >= _NEEDED | set(rows.table.key):
                return Landing(rows.num_rows)
            return _compared(connection, self.name, rows, columns, at)

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.path.exists():
            with duckdb.connect() as nothing:
                yield nothing
            return
        with opened(self.path) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"set {name} = '{value}'")
            yield connection


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str]:
    """Column → type of a table; none where it, or what says which loads arrived, is not there."""
    if not {table, "_dlt_loads"} <= tables_of(connection, schema):
        return {}
    return dict(connection.execute(_TYPES, [schema, table]).fetchall())


_TYPES = """
select column_name, data_type from information_schema.columns
where table_schema = ? and table_name = ?
"""


def _compared(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    rows: Rows,
    columns: dict[str, str],
    at: datetime,
) -> Landing:
    relation = rows.relation(connection)
    described = connection.execute(
        f"select column_name, column_type from (describe select * from {relation})"
    )
    types = dict(described.fetchall())
    names = [name for name in rows.table.schema.names if name != "deleted_at"]
    words = {
        "schema": schema,
        "table": rows.table.name,
        "rows": relation,
        "key": ", ".join(rows.table.key),
        "columns": ", ".join(f'"{name}"' for name in names),
        "sent": ", ".join(f'"{name}"' for name in names),
        "kept": _content(names, columns, types),
        "kept_columns": ", ".join(_as_sent(name, columns, types) for name in names),
    }
    connection.execute(_FIND.format(**words))
    counts = connection.execute(
        "select count(*) filter (not gone), count(*) filter (gone) from landing"
    )
    changed, gone = counts.fetchall()[0]
    if not changed and not gone:
        return Landing(0)
    file = rows.new_file()
    connection.execute(_WRITE.format(**words, file=str(file).replace("'", "''")), [at])
    return Landing(changed, gone, file)


def _content(names: list[str], columns: dict[str, str], types: dict[str, str]) -> str:
    """The hash of a kept row. One that cannot be equal, where a column is new or of another type,
    and where one that is not declared any more still holds a value (it is to be empty)."""
    if any(columns.get(name) != types[name] for name in names):
        return "0::ubigint"
    same = ", ".join(f'"{name}"' for name in names)
    rest = [name for name in columns if name not in {*names, "deleted_at", *_OWN}]
    if not rest:
        return f"hash({same})"
    left = " and ".join(f'"{name}" is null' for name in rest)
    return f"case when {left} then hash({same}) else 0::ubigint end"


def _as_sent(name: str, columns: dict[str, str], types: dict[str, str]) -> str:
    """A column of a kept row as the declared type."""
    if name not in columns:
        return f"null::{types[name]}"
    return f'"{name}"' if columns[name] == types[name] else f'try_cast("{name}" as {types[name]})'
