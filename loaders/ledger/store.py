"""The SQLite file under the ledger: durable, readable by others, every change numbered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from loaders.errors import StorageError
from loaders.ledger import outcome_tables, schema, upgrade
from loaders.ledger.connection import LedgerConnection, storage_error
from pipelines.common.private import owner_only

PAGE = 5_000
CACHE = 65_536  # kilobytes of pages kept in memory: the indexes of a few million rows
CHECKPOINT = 8_000  # pages of the log, of 4 kB, before they are brought into the file
PATIENCE = 30  # seconds for another program that holds the file
TOUCHED = "touched"
ROOM, LOOSE = ("freelist_count", "page_count"), 5
Rows = Iterable[Mapping[str, Any]]


def connect(path: Path) -> sqlite3.Connection:
    """Open or create the file. WAL lets others read; FULL survives a power cut, not only a kill.

    Raises StorageError, as every use of the connection may.
    """
    try:
        with owner_only():  # the files beside it take over its rights
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, factory=LedgerConnection
            )
    except (OSError, sqlite3.Error) as error:
        raise storage_error(path, error) from error
    db.path, db.row_factory = path, sqlite3.Row
    try:
        _prepare(db)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: LedgerConnection) -> None:
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute(f"pragma cache_size = {-CACHE}")
    db.execute(f"pragma wal_autocheckpoint = {CHECKPOINT}")
    with transaction(db):
        for statement in schema.sqlite_statements():
            db.execute(statement)
        for table in schema.OWN_TABLES:
            present = {row["name"] for row in db.execute(f"pragma table_info({table})")}
            for statement in schema.missing_columns(table, present):
                db.execute(statement)
        moved = upgrade.upgrade(db, db.path)
        for statement in (*outcome_tables.statements(), *schema.INDEXES):
            db.execute(statement)
        db.execute("insert or ignore into meta values ('ledger_id', ?)", [uuid4().hex])
    if moved:
        shrink(db)


def shrink(db: sqlite3.Connection) -> None:
    """Give the room of rows that are gone back to the disk; without room for that it stays."""
    with suppress(StorageError):
        db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)")


def tidy(db: sqlite3.Connection) -> None:
    """The same where a fifth of the file or more is free: SQLite uses free room again itself."""
    free, pages = (int(db.execute(f"pragma {name}").fetchone()[0]) for name in ROOM)
    if free > pages / LOOSE:
        shrink(db)


@contextmanager
def droppable(db: sqlite3.Connection, *, dry_run: bool) -> Iterator[None]:
    """A transaction that is rolled back at its end where it was only to be seen what it does."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back by itself
            db.execute("rollback")
        raise
    db.execute("rollback" if dry_run else "commit")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit at the end, roll back on any exception, Ctrl-C included."""
    with droppable(db, dry_run=False):
        yield


@contextmanager
def changing(db: sqlite3.Connection) -> Iterator[int]:
    """One numbered transaction: the number goes into `touched` of every row it changes."""
    with transaction(db):
        db.execute(
            "insert into meta values ('touched', '1') "
            "on conflict (key) do update set value = cast(value as integer) + 1"
        )
        row = db.execute("select value from meta where key = 'touched'").fetchone()
        yield int(row["value"])


def insert(db: sqlite3.Connection, table: str, rows: Rows, touched: int) -> None:
    """Insert rows of any size; keys a row lacks become null."""
    columns = tuple(schema.TABLES[table])
    marks = ", ".join("?" * (len(columns) + 1))
    db.executemany(
        f"insert into {table} (touched, {schema.names(table)}) values ({marks})",
        ((touched, *map(row.get, columns)) for row in rows),
    )


def upsert(db: sqlite3.Connection, table: str, rows: Rows, touched: int) -> None:
    """Insert rows, or bring those with the same key to the same values."""
    columns, key = tuple(schema.TABLES[table]), schema.KEYS[table]
    marks = ", ".join("?" * (len(columns) + 1))
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in ("touched", *columns))
    db.executemany(
        f"insert into {table} (touched, {schema.names(table)}) values ({marks}) "
        f"on conflict ({key}) do update set {sets}",
        ((touched, *map(row.get, columns)) for row in rows),
    )


def note(db: sqlite3.Connection, key: str) -> str | None:
    """What the ledger's own book-keeping says under a name."""
    row = db.execute("select value from meta where key = ?", [key]).fetchone()
    return None if row is None else str(row["value"])


def set_note(db: sqlite3.Connection, key: str, value: str) -> None:
    """Set one of those."""
    db.execute(
        "insert into meta values (?, ?) on conflict (key) do update set value = excluded.value",
        [key, value],
    )


def ledger_id(db: sqlite3.Connection) -> str:
    """Differs for every ledger file, so that a copy knows when it follows another one."""
    return str(db.execute("select value from meta where key = 'ledger_id'").fetchone()[0])


def environments(db: sqlite3.Connection) -> Mapping[str, str]:
    """The environments the ledger's records are in, by system; decision 0011."""
    rows = db.execute("select key, value from meta where key like 'environment.%'")
    return {str(row["key"]).partition(".")[2]: str(row["value"]) for row in rows}


def keep_environments(db: sqlite3.Connection, found: Mapping[str, str]) -> None:
    """Note whose the ledger is."""
    with transaction(db):
        db.executemany(
            "insert or replace into meta values (?, ?)",
            [(f"environment.{system}", value) for system, value in found.items()],
        )


def rows_touched(db: sqlite3.Connection, table: str, after: int) -> Iterator[Sequence[sqlite3.Row]]:
    """Rows changed in a transaction numbered above `after`, in pages, `touched` first."""
    statement = f"select touched, {schema.names(table)} from {table} where touched > ? order by n"
    with closing(db.execute(statement, [after])) as cursor:
        while page := cursor.fetchmany(10 * PAGE):
            yield page
