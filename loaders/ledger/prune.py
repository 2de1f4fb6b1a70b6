"""Drops what no rule needs any more of plans that are older than a number of days.

A row stays, however old, while anything follows from it: it is its record's newest try, the newest
of its kind that came through (pairs, values last agreed on, what a deactivation took), unanswered,
or of a record with a value that is not persisted. The plans' own rows and the runs stay. First the
files, each in one step, then SQLite, then the copy in the warehouse; a process that is killed in
between leaves more than is needed, and the next prune goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.clock import stamp
from loaders.ledger import plan_file, store
from loaders.ledger.ledger import Ledger
from loaders.ledger.outcome_tables import PLACES
from loaders.ledger.outcomes import span
from loaders.warehouse import open_warehouse

# Plans that nothing goes on with: what was planned or done in them is older than that, and the
# guards do not compare with them.
OLD = """
create temp table old_plans as
select n, plan_id from plans
where max(created_at, coalesce(apply_started_at, ''), coalesce(finished_at, '')) < ?
    and plan_id is not (
        select plan_id from plans where apply_started_at is not null
        order by apply_started_at desc limit 1)
"""
# Why a row stays, for each row of an old plan; null: it does not.
WHY = f"""
create temp table pruning as
with writes_known as (
    select o.n, o.status, k.model, o.record_key, coalesce(o.source_key, '') as source_key,
        k.operation, p.kind, o.status in ('acknowledged', 'verified') as came_through,
        max(o.not_persisted is not null) over (partition by k.model, o.record_key) as is_odd
    from outcomes as o join kinds as k on k.id = o.kind join plans as p on p.n = o.n / {PLACES}
),
ranked as (
    select *,
        row_number() over (partition by model, record_key order by n desc) as newest,
        row_number() over (
            partition by model, record_key, source_key, operation, kind, came_through
            order by n desc) as newest_alike
    from writes_known
)
select n, n / {PLACES} as plan, case
    when status in ('sent', 'unresolved') then 'unanswered'
    when newest = 1 and not came_through then 'waits'
    when came_through and newest_alike = 1 then 'agreed'
    when newest = 1 then 'newest'
    when is_odd and came_through then 'not_persisted'
end as why
from ranked where n / {PLACES} in (select n from old_plans)
"""
UNUSED = (
    "delete from in_flight where n not in (select n from outcomes)",
    "delete from requests where id not in (select request from outcomes where request is not null)",
    "delete from errors where id not in (select error from outcomes where error is not null)",
)
COPY = """
delete from ledger.writes where plan_id in (select plan_id from pruned_plans)
    and write_id not in (select write_id from kept_writes)
"""


@dataclass(frozen=True)
class Pruned:
    """What a prune drops, or would: plans that lose rows, their rows in files and in SQLite.

    `kept` is {why: rows} of these plans that stay: `unanswered`, `waits` (refused, quarantined,
    blocked, and nothing came after), `agreed`, `newest`, `not_persisted`.
    """

    plans: int
    rows: int
    kept: Mapping[str, int]
    bytes_before: int
    bytes_after: int
    before: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return dict(self.__dict__)


def prune(ledger: Ledger, warehouse: Path, days: float, *, dry_run: bool = False) -> Pruned:
    """Drop rows of plans that ended more than so many days ago; `dry_run` only counts them.

    Raises StorageError, WarehouseError; what was dropped until then was not needed.
    """
    before = stamp(ledger.clock.now() - timedelta(days=days))
    db, had = ledger.connection, ledger_bytes(ledger)
    for table in ("old_plans", "pruning"):
        db.execute(f"drop table if exists temp.{table}")
    db.execute(OLD, [before])
    db.execute(WHY)
    losing = [plan for plan in _old_plans(ledger) if plan[2] > plan[3]]
    rows = sum(in_file - kept for _, _, in_file, kept in losing)
    if not dry_run:
        for number, plan_id, _, _ in losing:
            _prune_file(ledger, number, plan_id)
        _prune_rows(ledger, [number for number, *_ in losing])
        _sweep(ledger)
        _prune_copy(ledger, warehouse)
        store.tidy(db)
    return Pruned(len(losing), rows, _kept(ledger), had, ledger_bytes(ledger), before)


def _old_plans(ledger: Ledger) -> list[tuple[int, str, int, int]]:
    """Each with its rows in its file, and those of them that stay."""
    found = ledger.connection.execute(
        "select old_plans.n, plan_id, count(pruning.why) as kept from old_plans "
        "left join pruning on pruning.plan = old_plans.n group by 1, 2 order by 1"
    ).fetchall()
    paths = {row["plan_id"]: ledger.file(row["plan_id"]) for row in found}
    return [
        (row["n"], row["plan_id"], plan_file.rows_in(paths[row["plan_id"]]), row["kept"])
        for row in found
    ]


def _prune_file(ledger: Ledger, number: int, plan_id: str) -> None:
    base, _ = span(number)
    kept = ledger.connection.execute(
        "select n from pruning where plan = ? and why is not null order by n", [number]
    ).fetchall()
    path = ledger.file(plan_id)
    if len(kept) == 0:
        path.unlink(missing_ok=True)
        return
    with duckdb.connect() as connection:
        numbers = pa.array([row["n"] - base for row in kept], pa.int64())
        connection.register("kept", pa.table({"number": numbers}))
        relation = f"{plan_file.relation(path)} semi join kept using (number) order by number"
        plan_file.write(path, connection, relation)
    plan_file.finish(path)


def _prune_rows(ledger: Ledger, numbers: list[int]) -> None:
    with store.changing(ledger.connection) as touched:
        for number in numbers:
            ledger.connection.execute(
                "delete from outcomes where n in "
                "(select n from pruning where plan = ? and why is null)",
                [number],
            )
            ledger.connection.execute(
                "update plans set pruned_at = ?, touched = ? where n = ?",
                [stamp(ledger.clock.now()), touched, number],
            )
        for statement in UNUSED:
            ledger.connection.execute(statement)


def _sweep(ledger: Ledger) -> None:
    """Files that no plan names: a process was killed before it had saved the plan."""
    plans = ledger.connection.execute("select plan_id from plans").fetchall()
    known = {ledger.file(row["plan_id"]).name for row in plans}
    plan_file.sweep(ledger.path.parent, known)


def _prune_copy(ledger: Ledger, warehouse: Path) -> None:
    """The same rows in the warehouse, of every plan that was pruned, now or before."""
    if not warehouse.is_file():
        return
    db = ledger.connection
    plans = db.execute("select plan_id from plans where pruned_at is not null").fetchall()
    kept = db.execute(
        "select write_id from writes where plan_id in "
        "(select plan_id from plans where pruned_at is not null)"
    ).fetchall()
    with open_warehouse(warehouse, read_only=False) as connection:
        names = ("pruned_plans", "plan_id", plans), ("kept_writes", "write_id", kept)
        for table, column, rows in names:
            values = pa.array([row[column] for row in rows], pa.string())
            connection.register(table, pa.table({column: values}))
        there = "select 1 from information_schema.tables where table_schema = 'ledger' "
        if connection.execute(f"{there} and table_name = 'writes'").fetchall():
            connection.execute(COPY)


def _kept(ledger: Ledger) -> dict[str, int]:
    rows = ledger.connection.execute(
        "select why, count(*) as rows from pruning where why is not null group by 1 order by 1"
    )
    return {row["why"]: row["rows"] for row in rows}


def ledger_bytes(ledger: Ledger) -> int:
    """Of the ledger's file, what SQLite has beside it, and the plans' files."""
    folder = ledger.path.parent
    paths = [*folder.glob(f"{ledger.path.name}*"), *(folder / plan_file.FOLDER).glob("*")]
    return sum(path.stat().st_size for path in paths)
