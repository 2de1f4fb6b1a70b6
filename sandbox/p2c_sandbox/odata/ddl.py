"""SQLite tables made from the model."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from p2c_sandbox.odata.model import Column, Service, Table
from p2c_sandbox.odata.texts import odd


def connect(path: Path | None) -> sqlite3.Connection:
    """Open the file (None = in memory). Speed before durability: a sandbox can be made again."""
    db = sqlite3.connect(
        path or ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
    )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def stored_columns(table: Table) -> Iterator[str]:
    """Names of the SQLite columns of a table, without `_id` and `_version`."""
    for column in table.columns.values():
        if column.source:
            continue
        yield column.name
        if column.entity_column:
            yield column.entity_column


def statements(service: Service) -> Iterator[str]:
    """Everything needed to open a new or an existing file."""
    yield "CREATE TABLE IF NOT EXISTS _counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
    yield (
        "CREATE TABLE IF NOT EXISTS _deletions"
        " (entity_set TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL)"
    )
    yield "CREATE INDEX IF NOT EXISTS _deletions_version ON _deletions (entity_set, version)"
    for table in service.tables.values():
        yield from _table(table)
    for table in service.tables.values():
        for child in table.children.values():
            yield _index(service.table(child.set), [child.column])


def _table(table: Table) -> Iterator[str]:
    if table.rows_of:
        listed = ", ".join(f'"{name}"' for name in ("_id", "_version", *stored_columns(table)))
        yield f'CREATE VIEW IF NOT EXISTS "{table.set}" AS SELECT {listed} FROM "{table.rows_of}"'
        return
    columns = ["_id INTEGER PRIMARY KEY", "_version INTEGER NOT NULL"]
    for column in (c for c in table.columns.values() if not c.source):
        columns.append(f'"{column.name}" {_sql_type(column)}')
        if column.entity_column:
            columns.append(f'"{column.entity_column}" TEXT')
    yield f'CREATE TABLE IF NOT EXISTS "{table.set}" ({", ".join(columns)})'
    yield _index(table, table.key, unique=True)
    for key in table.alternate_keys.values():
        yield _index(table, key, unique=True)
        if len(key) == 1 and table.columns[key[0]].is_text:
            yield _odd_index(table, key[0])
    for index in table.indexes:
        yield _index(table, index)
    if table.change_tracking:
        yield _index(table, ["_version"])


def _sql_type(column: Column) -> str:
    if column.is_text:
        return "TEXT COLLATE NOCASE"
    if column.type in ("datetime", "date", "guid", "lookup"):
        return "TEXT"
    return "INTEGER"


def _odd_index(table: Table, column: str) -> str:
    """The few rows that the collation may see otherwise than NOCASE (`p2c_sandbox.odata.texts`)."""
    name = f"{table.set}__{column}__odd"
    where = odd(f'"{column}"')
    return f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table.set}" ("{column}") WHERE {where}'


def _index(table: Table, columns: list[str], *, unique: bool = False) -> str:
    name = f"{table.set}__{'_'.join(columns)}"
    listed = ", ".join(f'"{column}"' for column in columns)
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return f'CREATE {kind} IF NOT EXISTS "{name}" ON "{table.set}" ({listed})'
