"""Copies the ledger into the warehouse's `ledger` schema, where dbt and people read it.

Links come the other way first: dbt finds them, and the ledger keeps them. Only rows that changed
since the last copy travel, as Arrow. `ledger.published` remembers how far each table is and of
which ledger file, so that a lost warehouse or a new ledger starts over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.clock import stamp
from loaders.ledger import marks, published_writes, schema, store
from loaders.ledger.ledger import Ledger
from loaders.ledger.upgrade import upgrade_copy
from loaders.warehouse import open_warehouse

# How far the warehouse was brought, by the ledger's own count, and how far its links were taken in.
COPIED, LINKS_TAKEN = "copied", "links_taken"
ARROW_TYPES = {
    schema.TEXT: pa.string(),
    schema.INTEGER: pa.int64(),
    schema.TIME: pa.string(),
    schema.REAL: pa.float64(),
}


def publish(ledger: Ledger, warehouse: Path, *, asked: bool = False) -> int:
    """Bring the tables of `ledger` up to date; returns the number of rows copied.

    Afterwards the warehouse is no longer behind, unless writes are unanswered: what became of them
    is known only once they were read back. `asked`: they were asked for just now, and what is left
    cannot be read; a plan holds those records back. Raises WarehouseError when another process
    holds the warehouse.
    """
    with open_warehouse(warehouse, read_only=False) as connection:
        connection.execute("create schema if not exists ledger")
        connection.execute(
            "create table if not exists ledger.published "
            "(table_name varchar primary key, ledger_id varchar, touched bigint)"
        )
        upgrade_copy(connection, warehouse, ledger.clock.now())
        take_rows(ledger, connection, "links", after=store.note(ledger.connection, LINKS_TAKEN))
        copied = sum(_publish(ledger, connection, table) for table in schema.OWN_TABLES)
        copied += _publish_writes(ledger, connection)
        if ledger.has_unanswered() and not asked:
            marks.put(connection, marks.BEHIND, "unanswered", ledger.clock.now())
        else:
            marks.remove(connection, marks.BEHIND)
        latest = connection.execute("select max(touched) from ledger.published").fetchone()
    store.set_note(ledger.connection, COPIED, str(latest[0] if latest else 0))
    return copied


def take_rows(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, table: str, after: str | None = None
) -> int:
    """Bring rows of the warehouse into the ledger; of links, those changed after a moment."""
    for statement in schema.duckdb_statements(table):
        connection.execute(statement)
    key, changed = schema.KEYS[table], "changed_at" if table == "links" else "null"
    cursor = connection.execute(
        f"select {schema.names(table)} from ledger.{table} where {key} is not null "
        f"and (? is null or {changed} > ?::timestamptz) order by {schema.AGES[table]}",
        [after, after],
    )
    taken, latest = 0, after or ""
    while page := cursor.fetchmany(10 * store.PAGE):
        rows = [_stamped(dict(zip(schema.TABLES[table], row, strict=True))) for row in page]
        with store.changing(ledger.connection) as touched:
            store.upsert(ledger.connection, table, rows, touched)
        latest = max(latest, *(row.get("changed_at") or "" for row in rows))
        taken += len(rows)
    if table == "links" and latest:
        store.set_note(ledger.connection, LINKS_TAKEN, latest)
    return taken


def _stamped(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: stamp(value) if isinstance(value, datetime) else value for name, value in row.items()
    }


def mark_behind(ledger: Ledger, warehouse: Path, plan_id: str) -> None:
    """Before the first request of a plan: from now on the ledger knows more than the warehouse.

    dbt refuses to build from it until `publish` copied what was written, whatever happens to this
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


def _publish_writes(ledger: Ledger, connection: duckdb.DuckDBPyConnection) -> int:
    """Rows of plans that are new there, and what became of rows since."""
    ledger_id = store.ledger_id(ledger.connection)
    connection.execute("begin")
    for statement in schema.duckdb_statements("writes"):
        connection.execute(statement)
    last = _published(connection, "writes", ledger_id)
    copied = published_writes.bring(ledger, connection, last)
    latest = published_writes.latest(ledger)
    connection.execute(
        "insert or replace into ledger.published values (?, ?, ?)",
        ["writes", ledger_id, max(last, latest)],
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
