"""Drops runs, plans without rows, and counts of reconciliation that are old.

Two ages: what each single run left is thinned to the last of each day, and in the end goes. A run
stays while a plan or counts of it stay, a plan while a row of it does. First SQLite, then the copy
in the warehouse; what a killed process leaves there goes with the next prune.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.clock import stamp
from loaders.ledger import store
from loaders.ledger.ledger import Ledger
from loaders.ledger.outcome_tables import PLACES
from loaders.warehouse import open_warehouse

# Without rows in SQLite, those left out that a prune drops or, in a dry run, would. The guards
# compare with the last one that was applied, and the highest number is never given twice.
PLANS = f"""
select plan_id from plans
where max(created_at, coalesce(apply_started_at, ''), coalesce(finished_at, '')) < :gone
    and n < (select max(n) from plans)
    and plan_id is not (
        select plan_id from plans where apply_started_at is not null
        order by apply_started_at desc limit 1)
    and not exists (
        select 1 from outcomes as o
        where o.n between plans.n * {PLACES} and (plans.n + 1) * {PLACES}
            and o.n not in (select n from temp.pruning where why is null))
"""
COUNTS = """
with sets as (
    select run_id, min(noted_at) as noted_at from reconciliation group by run_id
),
ranked as (
    select *, row_number() over (order by noted_at desc) as newest,
        row_number() over (partition by substr(noted_at, 1, 10) order by noted_at desc) as of_day
    from sets
)
select run_id from ranked
where newest > 1 and (noted_at < :gone or (noted_at < :thinned and of_day > 1))
"""
# The newest of its kind is what `p2c status` shows, and what the guards compare with.
RUNS = """
with ranked as (
    select *, row_number() over (partition by command, status order by n desc) as newest,
        row_number() over (
            partition by command, status, coalesce(writes, 0) = 0, substr(started_at, 1, 10)
            order by n desc) as of_day
    from runs
)
select run_id from ranked
where newest > 1
    and (started_at < :gone
        or (started_at < :thinned and coalesce(writes, 0) = 0 and of_day > 1))
    and run_id not in (select run_id from plans where run_id is not null)
    and run_id not in (select run_id from reconciliation)
"""
# Table → its key, and the time by which the copy in the warehouse is old.
COPIED = {
    "plans": ("plan_id", "created_at"),
    "reconciliation": ("run_id", "noted_at"),
    "reconciliation_columns": ("run_id", "noted_at"),
    "runs": ("run_id", "started_at"),
}


@dataclass(frozen=True)
class PrunedHistory:
    """Dropped, or would be: runs, plans, and runs whose counts of reconciliation go."""

    runs: int
    plans: int
    counts: int


def prune_history(
    ledger: Ledger, warehouse: Path, thinned: datetime, gone: datetime, *, dry_run: bool = False
) -> PrunedHistory:
    """Thin what is older than `thinned`, drop what is older than `gone`; `dry_run` only counts.

    After `prune`, which finds the rows of plans that go; `gone` is no later than there. Raises
    StorageError, WarehouseError.
    """
    ages = {"thinned": stamp(max(thinned, gone)), "gone": stamp(gone)}
    db = ledger.connection
    with store.droppable(db, dry_run=dry_run):
        plans = [row["plan_id"] for row in db.execute(PLANS, ages)]
        _delete(ledger, ("plans",), "plan_id", plans)
        counts = [row["run_id"] for row in db.execute(COUNTS, ages)]
        _delete(ledger, ("reconciliation", "reconciliation_columns"), "run_id", counts)
        runs = [row["run_id"] for row in db.execute(RUNS, ages)]
        _delete(ledger, ("runs",), "run_id", runs)
    if not dry_run:
        store.tidy(db)
        _prune_copy(ledger, warehouse, ages["thinned"])
    return PrunedHistory(len(runs), len(plans), len(counts))


def _delete(ledger: Ledger, tables: Sequence[str], key: str, values: Sequence[str]) -> None:
    for table in tables:
        ledger.connection.executemany(
            f"delete from {table} where {key} = ?", [(value,) for value in values]
        )


def _prune_copy(ledger: Ledger, warehouse: Path, before: str) -> None:
    if not warehouse.is_file():
        return
    with open_warehouse(warehouse, read_only=False) as connection:
        there = {
            str(name)
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'ledger'"
            ).fetchall()
        }
        for table in COPIED.keys() & there:
            _prune_table(ledger, connection, table, before)


def _prune_table(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, table: str, before: str
) -> None:
    key, time = COPIED[table]
    kept = ledger.connection.execute(f"select distinct {key} from {table}").fetchall()
    connection.register(
        "kept_keys", pa.table({key: pa.array([row[0] for row in kept], pa.string())})
    )
    connection.execute(
        f"delete from ledger.{table} where {time} < ?::timestamptz "
        f"and {key} not in (select {key} from kept_keys)",
        [before],
    )
    connection.unregister("kept_keys")
