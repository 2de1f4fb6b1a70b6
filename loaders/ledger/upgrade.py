"""Brings a ledger of an earlier version, and its copy in the warehouse, to the words of this one.

Version 1 says `quarantined` for `set_aside`, and `not_persisted` for `not_kept`. Version 2 has the
rows of plans in files (rows_to_files.py). Columns that were added are no matter of a version:
`schema.missing_columns` has them. The warehouse's version is a mark in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb

from loaders.errors import StorageError, WarehouseError
from loaders.ledger import marks, rows_to_files

VERSION = 2
# Of the warehouse: what the loaders find in it, and macros that read what an earlier one left.
WAREHOUSE_VERSION = 1
NEWER_WAREHOUSE = (
    "was written by a later version of this program. Install that one or a newer one; or move the "
    "warehouse away: it is read and built anew."
)
NEWER = "was written by a later version of this program. Install that one or a newer one."
# Rows with an old word get the new one; their new `touched` makes publish copy them.
CHANGED = (
    "update writes set status = 'quarantined', touched = :touched where status = 'set_aside'",
    "update writes set error_code = 'not_persisted', touched = :touched "
    "where error_code = 'not_kept'",
    "update runs set report = replace(report, '\"set_aside\":', '\"quarantined\":'), "
    "touched = :touched where report like '%\"set_aside\":%'",
    "update meta set key = 'copied' where key = 'told'",
    "update meta set value = cast(:touched as text) where key = 'touched'",
)
OLD_COLUMNS = (
    "select table_name, column_name from information_schema.columns "
    "where table_schema = 'ledger' and column_name in ('not_kept', 'p2c_not_kept')"
)
OLD_NAMES = (
    "select table_name, table_type from information_schema.tables "
    "where table_schema = 'quality' and table_name = 'not_kept_values'"
)
COPY_CHANGED = (
    "update ledger.writes set status = 'quarantined' where status = 'set_aside'",
    "update ledger.writes set error_code = 'not_persisted' where error_code = 'not_kept'",
)


def upgrade(db: sqlite3.Connection, path: Path) -> bool:
    """Within a transaction; whether rows moved. Raises StorageError for a later version."""
    version = int(db.execute("pragma user_version").fetchone()[0])
    if version > VERSION:
        raise StorageError(path, NEWER)
    if version == VERSION:
        return False
    if there := rows_to_files.old_columns(db):
        if version == 0:
            _to_words_of_1(db, there)
        rows_to_files.move(db, path)
    db.execute(f"pragma user_version = {VERSION}")
    return bool(there)


def _to_words_of_1(db: sqlite3.Connection, columns: Collection[str]) -> None:
    if "not_kept" in columns:
        db.execute("update writes set not_persisted = not_kept")
        db.execute("alter table writes drop column not_kept")
    db.execute("drop index if exists writes_failed")  # its condition has the old word
    row = db.execute("select value from meta where key = 'touched'").fetchone()
    touched = int(row["value"]) + 1 if row else 0
    for statement in CHANGED:
        db.execute(statement, {"touched": touched})


def upgrade_copy(connection: duckdb.DuckDBPyConnection, path: Path, now: datetime) -> None:
    """The same for `ledger` in the warehouse; nothing happens where it has no old column.

    What the other schemas hold is built or read anew by a version that is another. Raises
    WarehouseError for a warehouse of a later version.
    """
    found = marks.get(connection, marks.VERSION)
    if found and int(found[0]) > WAREHOUSE_VERSION:
        raise WarehouseError(path, NEWER_WAREHOUSE)
    if found is None or int(found[0]) < WAREHOUSE_VERSION:
        _upgrade_copy(connection)
        connection.execute("create schema if not exists ledger")
        marks.put(connection, marks.VERSION, str(WAREHOUSE_VERSION), now)


def _upgrade_copy(connection: duckdb.DuckDBPyConnection) -> None:
    old = connection.execute(OLD_COLUMNS).fetchall()
    for table, column in old:
        new = column.replace("not_kept", "not_persisted")
        connection.execute(f'alter table ledger."{table}" add column if not exists {new} varchar')
        connection.execute(f'update ledger."{table}" set {new} = coalesce({new}, {column})')
        connection.execute(f'alter table ledger."{table}" drop column {column}')
    if ("writes", "not_kept") in old:
        for statement in COPY_CHANGED:
            connection.execute(statement)
        _drop_old_names(connection)


def _drop_old_names(connection: duckdb.DuckDBPyConnection) -> None:
    """What dbt builds under another name now; a table in some versions, a view in others."""
    for name, kind in connection.execute(OLD_NAMES).fetchall():
        connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} quality.{name}")
