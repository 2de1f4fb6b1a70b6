"""Copies the ledger into the warehouse's `ledger` schema, where dbt and people read it.

Only rows that changed since the last copy travel, as Arrow. `ledger.published` remembers how far
each table is and of which ledger file, so that a lost warehouse or a new ledger starts over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders import marks, schema, store
from loaders.ledger import Ledger
from loaders.warehouse import open_warehouse

ARROW_TYPES = {
    schema.TEXT: pa.string(),
    schema.INTEGER: pa.int64(),
    schema.TIME: pa.string(),
    schema.REAL: pa.float64(),
}


def publish(ledger: Ledger, warehouse: Path) -> int:
    """Bring `ledger.runs`, `ledger.plans` and `ledger.writes` up to date; returns rows copied.

    Afterwards the warehouse is no longer behind, unless writes are unanswered: what became of them
    is known only once they were read back. Raises WarehouseError when another process holds the
    warehouse.
    """
    with open_warehouse(warehouse, read_only=False) as connection:
        connection.execute("create schema if not exists ledger")
        connection.execute(
            "create table if not exists ledger.published "
            "(table_name varchar primary key, ledger_id varchar, touched bigint)"
        )
        copied = sum(_publish(ledger, connection, table) for table in schema.TABLES)
        if ledger.has_unanswered():
            marks.put(connection, marks.BEHIND, "unanswered", ledger.clock.now())
        else:
            marks.remove(connection, marks.BEHIND)
        return copied


def mark_behind(ledger: Ledger, warehouse: Path, plan_id: str) -> None:
    """Before the first request of a plan: from now on the ledger knows more than the warehouse.

    dbt refuses to build from it until `publish` told it what was written, whatever happens to this
    process meanwhile.
    """
    with open_warehouse(warehouse, read_only=False) as connection:
        marks.put(connection, marks.BEHIND, plan_id, ledger.clock.now())


def _publish(ledger: Ledger, connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ledger_id, copied = store.ledger_id(ledger.connection), 0
    connection.execute("begin")
    for statement in schema.duckdb_statements(table):
        connection.execute(statement)
    last = _published(connection, table, ledger_id)
    for page in store.rows_touched(ledger.connection, table, last):
        _upsert(connection, table, page)
        last, copied = max(last, *(row["touched"] for row in page)), copied + len(page)
    connection.execute(
        "insert or replace into ledger.published values (?, ?, ?)", [table, ledger_id, last]
    )
    connection.execute("commit")
    return copied


def _published(connection: duckdb.DuckDBPyConnection, table: str, ledger_id: str) -> int:
    rows = connection.execute(
        "select touched from ledger.published where table_name = ? and ledger_id = ?",
        [table, ledger_id],
    ).fetchall()
    return int(rows[0][0]) if rows else 0


def _upsert(connection: duckdb.DuckDBPyConnection, table: str, page: Sequence[sqlite3.Row]) -> None:
    columns, key = schema.TABLES[table], schema.KEYS[table]
    values = zip(*(tuple(row)[1:] for row in page), strict=True)
    arrays = [
        pa.array(column, ARROW_TYPES[kind])
        for column, kind in zip(values, columns.values(), strict=True)
    ]
    connection.register("incoming", pa.table(arrays, names=list(columns)))
    connection.execute(f"delete from ledger.{table} where {key} in (select {key} from incoming)")
    connection.execute(f"insert into ledger.{table} by name select * from incoming")
    connection.unregister("incoming")
