"""Reading the warehouse for a person: opened read-only, and closed again at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from p2c.errors import NothingStaged, WarehouseBusy
from p2c.lock import holder
from pipelines.common.memory import limited

Row = dict[str, Any]


@contextmanager
def reading(warehouse: Path) -> Iterator[Reader]:
    """A reader for the length of the block.

    Raises NothingStaged when there is no warehouse, WarehouseBusy when another process holds it.
    """
    if not warehouse.is_file():
        raise NothingStaged(f"There is no warehouse {warehouse} yet: run `p2c run` first.")
    try:
        connection = limited(duckdb.connect(str(warehouse), read_only=True))
    except duckdb.IOException as error:
        raise WarehouseBusy(_busy(warehouse, str(error))) from None
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield Reader(connection)
    finally:
        connection.close()


class Reader:
    """Queries that return dictionaries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._tables: dict[tuple[str, str], dict[str, list[str]]] = {}

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """The rows of a query; NothingStaged when its table, or a view's column, is not built yet.

        values: by place, or by name where the query says `$name`.
        """
        bound = dict(values) if isinstance(values, Mapping) else list(values)
        try:
            cursor = self._connection.execute(sql, bound)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            first = str(error).splitlines()[0]
            raise NothingStaged(f"{first} Run `p2c build` first.") from None
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self, schema: str, kind: str = "") -> dict[str, list[str]]:
        """Table → its columns (of one type, where one is given), for a schema."""
        if (schema, kind) in self._tables:
            return self._tables[schema, kind]
        found = self.rows(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = $1 and ($2 = '' or data_type = $2) "
            "order by table_name, ordinal_position",
            [schema, kind],
        )
        tables: dict[str, list[str]] = {}
        for row in found:
            tables.setdefault(row["table_name"], []).append(row["column_name"])
        self._tables[schema, kind] = tables
        return tables

    def columns(self, schema: str, kind: str = "VARCHAR") -> dict[str, list[str]]:
        """Table → its columns of one type, for a schema."""
        return self.tables(schema, kind)


def _busy(warehouse: Path, message: str) -> str:
    other = holder(warehouse)
    pid = re.search(r"\(PID (\d+)\)", message)
    if other:
        who = str(other)
    elif pid:
        who = f"process {pid[1]}"
    else:
        return f"The warehouse {warehouse} cannot be opened: {message.splitlines()[0]}"
    return f"The warehouse {warehouse} is held by {who}: wait for it to end, or close it."
