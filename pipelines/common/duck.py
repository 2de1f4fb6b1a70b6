"""Opens the warehouse: made for its owner only, and with plain words where that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import duckdb

from .errors import WarehouseBusy, WarehouseUnusable
from .memory import limited
from .private import owner_only

_HOLDER = re.compile(r"PID (\d+)")
# One thread at a time: DuckDB refuses a file that another one is just closing.
_OPEN = RLock()


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for the length of the block. Raises WarehouseBusy or WarehouseUnusable."""
    with _OPEN, _opened(path) as connection:
        yield connection


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """Keep a warehouse that is there open for the length of the block.

    An extract opens it for each table and step, dlt too. Each opening reads the catalogue and each
    closing may write a checkpoint, unless the file is open in this process already.
    Raises WarehouseBusy or WarehouseUnusable.
    """
    if not path.exists():
        yield
        return
    with _OPEN:
        kept = _connection(path)
    try:
        yield
    finally:
        kept.close()


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = _connection(path)
    try:
        yield connection
    finally:
        connection.close()


def _connection(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return _connect(path)
    except duckdb.Error as error:
        if holder := _HOLDER.search(str(error)):
            raise WarehouseBusy(str(path), f"process {holder[1]} holds it") from None
        raise WarehouseUnusable(str(path), str(error).splitlines()[0]) from None


def tables_of(connection: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    """Names of the tables of a schema; none where there is no such schema."""
    found = connection.execute(
        "select table_name from information_schema.tables where table_schema = ?", [schema]
    )
    return {str(row[0]) for row in found.fetchall()}


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    if path.exists():
        return limited(duckdb.connect(str(path)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with owner_only():
        return limited(duckdb.connect(str(path)))
