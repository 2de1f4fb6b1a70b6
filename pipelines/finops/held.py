"""What the warehouse holds of a table, beside what has just been read: computed by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ..common.duck import opened
from ..common.loading import DATASET
from ..common.rows import SETTINGS, Rows
from ..common.tables import TIMESTAMP, Table

EXAMPLES = 3
_BESIDE_VALUES = {"etag", "deleted_at"}


@dataclass(frozen=True)
class Missed:
    """Rows that an export of changes had not told of: how many, and the keys of some."""

    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """The living rows of a table in the warehouse."""

    warehouse: Path
    table: Table

    def count_with(self, changes: Rows) -> int:
        """How many rows live when these changes have arrived."""
        sql = f"""
            select (select count(*) from {self._alive})
                + (select count(*) from changes anti join {self._alive} using ({self._key}))
        """
        with self._beside(changes=changes) as connection:
            return _number(connection, sql)

    def unknown(self, keys: Rows, changes: Rows) -> int:
        """How many of the keys are neither here nor among the changes."""
        sql = f"""
            select count(*) from keys anti join {self._alive} using ({self._key})
                anti join changes using ({self._key})
        """
        with self._beside(keys=keys, changes=changes) as connection:
            return _number(connection, sql)

    def gone(self, keys: Rows, at: datetime) -> pa.Table:
        """The rows that live here and not at the service, with `deleted_at`."""
        columns = ", ".join(_quoted(c) for c in self.table.schema.names if c != "deleted_at")
        sql = f"select {columns} from {self._alive} anti join keys using ({self._key})"
        with self._beside(keys=keys) as connection:
            rows: pa.Table = connection.sql(sql).to_arrow_table()
        times = pa.repeat(pa.scalar(at, TIMESTAMP), rows.num_rows)
        return rows.append_column("deleted_at", times).cast(self.table.schema)

    def missed(self, full: Rows, changes: Rows, later: Rows) -> Missed:
        """Rows of a full reading that are neither as here nor as the changes have them.

        later: changes since; what they tell of may have come after the others.
        """
        values = [name for name in self.table.schema.names if name not in _BESIDE_VALUES]
        columns = ", ".join(_quoted(name) for name in values)
        sql = f"""
            select {", ".join(_quoted(name) for name in self.table.key)} from (
                select {columns} from full_reading
                except
                (select {columns} from {self._alive} anti join changes using ({self._key})
                    union all select {columns} from changes)
            ) anti join later using ({self._key}) order by all
        """
        with self._beside(full_reading=full, changes=changes, later=later) as connection:
            found = connection.execute(sql).fetchall()
        return Missed(len(found), tuple("/".join(map(str, row)) for row in found[:EXAMPLES]))

    @property
    def _key(self) -> str:
        return ", ".join(_quoted(name) for name in self.table.key)

    @property
    def _alive(self) -> str:
        schema = DATASET.format(system=self.table.system)
        return f"(select * from {schema}.{self.table.name} where deleted_at is null)"

    @contextmanager
    def _beside(self, **tables: Rows) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened(self.warehouse) as connection:
            connection.execute("set timezone = 'UTC'")
            for name, value in SETTINGS.items():
                connection.execute(f"set {name} = '{value}'")
            for name, rows in tables.items():
                _show(connection, name, rows)
            yield connection


def _show(connection: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """Rows in memory are called the same for all; those on disk are files."""
    relation = rows.relation(connection)
    kind = "view" if "(" in relation else "table"
    columns = ", ".join(map(_quoted, rows.table.schema.names))
    connection.execute(f"create or replace temp {kind} {name} as select {columns} from {relation}")


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def _quoted(name: str) -> str:
    return f'"{name}"'
