"""Keeps with each run how the records of both systems stood when it began: counts, never records.

dbt computes them anew with each build (`quality.reconciliation`); the ledger keeps one set a run,
so that a trend can be drawn (docs/ledger.md).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.clock import stamp
from loaders.ledger import schema, store
from loaders.ledger.ledger import Ledger
from loaders.warehouse import open_warehouse

# Which rows of `quality.<table>` are kept; a column that agrees everywhere needs none.
KEPT = {"reconciliation": "true", "reconciliation_columns": "differ > 0"}
# What the ledger adds to the columns of the model.
ADDED = ("entry_id", "run_id", "noted_at")


def keep_reconciliation(ledger: Ledger, warehouse: Path, run_id: str) -> int:
    """Copy the counts of the last build into the ledger, as those of a run; returns the rows kept.

    A warehouse that was built before there were such counts has none to keep. Raises
    WarehouseError, StorageError.
    """
    noted_at = stamp(ledger.clock.now())
    with open_warehouse(warehouse) as connection:
        found = {table: _counts(connection, table) for table in KEPT}
    with store.changing(ledger.connection) as touched:
        for table, rows in found.items():
            entries = [
                {"entry_id": f"{run_id}/{place}", "run_id": run_id, "noted_at": noted_at, **row}
                for place, row in enumerate(rows)
            ]
            store.upsert(ledger.connection, table, entries, touched)
    return sum(map(len, found.values()))


def _counts(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    there = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'quality' and table_name = ?",
        [table],
    ).fetchall()
    if not there:
        return []
    names = [name for name in schema.TABLES[table] if name not in ADDED]
    cursor = connection.execute(
        f"select {', '.join(names)} from quality.{table} where {KEPT[table]} order by all"
    )
    return [
        {
            name: stamp(value) if isinstance(value, datetime) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]
