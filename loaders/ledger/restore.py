"""Notices that the ledger or the warehouse is an older copy, new or another one, and mends it.

Each keeps how far they agree: `ledger.published` in the warehouse, `copied` in the ledger.
What only the warehouse knows is taken back from it, so that the loss of one of the two loses no
run, no write and no link. A warehouse that missed loads is read in full: deltas go on from the
last read, which such a warehouse has not seen.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from loaders.ledger import marks, schema, store
from loaders.ledger.ledger import Ledger
from loaders.ledger.publish import COPIED, take_rows
from loaders.ledger.restored_writes import restore_files, take_writes
from loaders.ledger.upgrade import upgrade_copy
from loaders.warehouse import open_warehouse

PUBLISHED = (
    "select 1 from information_schema.tables "
    "where table_schema = 'ledger' and table_name = 'published'"
)
NEW_LEDGER = (
    "The ledger {ledger} is new, or not the one that the warehouse {warehouse} was published from: "
    "{rows} rows of earlier runs were taken back from the warehouse."
)
OLDER_LEDGER = (
    "The ledger {ledger} is older than the warehouse {warehouse} (a copy put back?): {rows} rows "
    "were taken back from the warehouse."
)
OLDER_WAREHOUSE = (
    "The warehouse {warehouse} is older than the ledger {ledger} (a copy put back?): it gets "
    "what it missed, and both systems are read in full."
)


def restore(ledger: Ledger, warehouse: Path) -> list[str]:
    """Before anything is copied into the warehouse: messages about what was noticed and mended.

    Raises WarehouseError, StorageError.
    """
    with open_warehouse(warehouse, read_only=False) as connection:
        upgrade_copy(connection, warehouse, ledger.clock.now())
        published = _published(ledger, connection)
        if published is None:
            return []
        ledger_id, touched = published
        if ledger_id != store.ledger_id(ledger.connection):
            message = NEW_LEDGER if (rows := _take_back(ledger, connection)) else ""
        elif touched > _count(ledger, store.TOUCHED):
            store.set_note(ledger.connection, store.TOUCHED, str(touched))
            rows, message = _take_back(ledger, connection), OLDER_LEDGER
        elif touched < _count(ledger, COPIED):
            marks.put(connection, marks.MISSED, "an older copy", ledger.clock.now())
            rows, message = 0, OLDER_WAREHOUSE
        else:
            restore_files(ledger, connection)
            return []
    return [message.format(ledger=ledger.path, warehouse=warehouse, rows=rows)] if message else []


def has_missed(warehouse: Path) -> bool:
    """Whether the warehouse missed loads, so that deltas would leave gaps in it."""
    if not warehouse.is_file():
        return False
    with open_warehouse(warehouse) as connection:
        return marks.get(connection, marks.MISSED) is not None


def caught_up(warehouse: Path) -> None:
    """Everything was read in full since."""
    with open_warehouse(warehouse, read_only=False) as connection:
        marks.remove(connection, marks.MISSED)


def _published(ledger: Ledger, connection: duckdb.DuckDBPyConnection) -> tuple[str, int] | None:
    """Which ledger the warehouse has a copy of, and up to which of its changes."""
    if not connection.execute(PUBLISHED).fetchall():
        return None
    row = connection.execute(
        "select ledger_id, max(touched) from ledger.published group by ledger_id "
        "order by ledger_id = ? desc limit 1",
        [store.ledger_id(ledger.connection)],
    ).fetchone()
    return (str(row[0]), int(row[1])) if row else None


def _count(ledger: Ledger, name: str) -> int:
    return int(store.note(ledger.connection, name) or 0)


def _take_back(ledger: Ledger, connection: duckdb.DuckDBPyConnection) -> int:
    taken = sum(take_rows(ledger, connection, table) for table in schema.OWN_TABLES)
    return taken + take_writes(ledger, connection)
