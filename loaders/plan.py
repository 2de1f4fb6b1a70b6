"""Makes a plan: the exact rows to write, pinned to what they were computed from.

A plan holds the load ids of the raw tables, the mapping's version and a fingerprint of every
changes model. `check_plan` refuses it once one of them moved, or a target was written meanwhile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import count, islice
from pathlib import Path
from typing import Any

import duckdb

from loaders.clock import stamp
from loaders.errors import OldSnapshot, PlanAlreadyApplied, StalePlan, UnknownFlow
from loaders.ledger import Ledger
from loaders.models import OPERATIONS, Change, Plan, Snapshot, SyncGraph, WriteTarget
from loaders.warehouse import open_warehouse

CHANGE_COLUMNS = (
    "change_id", "operation", "source_key", "record_key", "record_id", "key_values", "etag",
    "changed_columns", "before", "after", "parents",
)  # fmt: skip
Row = dict[str, Any]
RESUMABLE = ("planned", "applying", "interrupted", "aborted")


def make_plan(
    warehouse: Path,
    graph: SyncGraph,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    select: Sequence[str] | None = None,
    with_needed: bool = False,
    limit: int | None = None,
) -> Plan:
    """Save what would be written now, in writing order, as a plan; writes to no target.

    `select` names flows (none: all), `with_needed` adds the flows they refer to, `limit` is the
    most rows to plan. A row that needs a record which a flow outside the plan has yet to create is
    planned as blocked. Raises UnknownFlow, OldSnapshot, WarehouseError.
    """
    targets = select_targets(graph, select, with_needed=with_needed)
    with open_warehouse(warehouse) as connection:
        snapshots = _snapshots(connection, targets)
        if reasons := _written_since_read(ledger, targets, snapshots):
            raise OldSnapshot(reasons)
        plan = Plan(
            plan_id=ledger.clock.new_id("plan"),
            run_id=run_id,
            created_at=ledger.clock.now(),
            status="planned",
            mapping_version=graph.version,
            snapshots=snapshots,
            fingerprints={t.model: _fingerprint(connection, t) for t in targets},
            flows=tuple(dict.fromkeys(target.flow for target in targets)),
            limit=limit,
            counts={},
        )
        others = [target for target in graph.targets if target not in targets]
        absent = _to_be_created(connection, others)
        rows = islice(_all_rows(connection, targets), limit)
        return ledger.add_plan(plan, _writes(plan, rows, absent))


def load_plan(ledger: Ledger, plan_id: str) -> Plan:
    """A saved plan. Raises UnknownPlan."""
    return ledger.plan(plan_id)


def plan_changes(ledger: Ledger, plan_id: str, limit: int | None = None) -> Iterator[Change]:
    """The rows of a plan in writing order, at most `limit`."""
    return ledger.changes(plan_id, limit)


def check_plan(warehouse: Path, graph: SyncGraph, ledger: Ledger, plan: Plan) -> None:
    """Raise StalePlan or PlanAlreadyApplied unless applying the plan now does what it says."""
    if plan.status not in RESUMABLE:
        raise PlanAlreadyApplied(plan.plan_id, plan.status)
    known = {target.model: target for target in graph.targets}
    if plan.mapping_version != graph.version or not known.keys() >= plan.fingerprints.keys():
        raise StalePlan(plan.plan_id, ["models, seeds or macros changed since it was made"])
    targets = [known[model] for model in plan.fingerprints]
    with open_warehouse(warehouse) as connection:
        now = {snapshot.table: snapshot for snapshot in _snapshots(connection, targets)}
        reasons = [
            f"{old.table} was read again"
            for old in plan.snapshots
            if old.table not in now or now[old.table].load_id != old.load_id
        ]
        reasons += [
            f"the changes of {target.name} were computed again and differ"
            for target in targets
            if _fingerprint(connection, target) != plan.fingerprints[target.model]
        ]
    reasons += _written_since_read(ledger, targets, plan.snapshots, plan.plan_id)
    if reasons:
        raise StalePlan(plan.plan_id, reasons)


def select_targets(
    graph: SyncGraph, select: Sequence[str] | None, *, with_needed: bool = False
) -> list[WriteTarget]:
    """The write targets of the selected flows in writing order (rule G9). Raises UnknownFlow."""
    flows = set(graph.flows if select is None else select)
    if unknown := sorted(flows - set(graph.flows)):
        raise UnknownFlow(unknown[0], graph.flows)
    if with_needed:
        needed = (target.needs for target in graph.targets if target.flow in flows)
        models: frozenset[str] = frozenset().union(*needed)
        flows |= {target.flow for target in graph.targets if target.model in models}
    return [target for target in graph.targets if target.flow in flows]


def _snapshots(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> tuple[Snapshot, ...]:
    """The last finished read of every raw table behind the targets, and its rows alive now."""
    tables = sorted({table for target in targets for table in target.sources})
    return tuple(_snapshot(connection, *table.split(".", 1)) for table in tables)


def _snapshot(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> Snapshot:
    reads = connection.execute(
        f'select load_id, started_at from "{schema}".reads '
        "where table_name = ? and finished_at is not null order by started_at desc limit 1",
        [table],
    ).fetchall()
    if not reads:
        raise duckdb.CatalogException(f"{schema}.{table} has never been read.")
    [(alive,)] = connection.execute(
        f'select count(*) from "{schema}"."{table}" where deleted_at is null'
    ).fetchall()
    load_id, read_at = reads[0]
    return Snapshot(f"{schema}.{table}", str(load_id), alive, read_at)


def _written_since_read(
    ledger: Ledger,
    targets: Sequence[WriteTarget],
    snapshots: Sequence[Snapshot],
    but_plan: str | None = None,
) -> list[str]:
    """Targets that got writes after the tables of their system were read."""
    read_at = {snapshot.table: snapshot.read_at for snapshot in snapshots}
    reasons = []
    for target in targets:
        mine = [read_at[t] for t in target.sources if t.startswith(f"raw_{target.system}.")]
        if mine and (rows := ledger.written_since(target.name, min(mine), but_plan)):
            reasons.append(f"{target.name} got {rows} writes since it was read")
    return reasons


def _fingerprint(connection: duckdb.DuckDBPyConnection, target: WriteTarget) -> str:
    """Same for the same set of rows, in any order."""
    [(fingerprint,)] = connection.execute(
        "select count(*) || '-' || coalesce(sum(hash(change_id, operation, etag, \"after\")), 0) "
        f"from {target.relation}"
    ).fetchall()
    return str(fingerprint)


def _to_be_created(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> frozenset[str]:
    """Records that do not exist yet and that targets outside the plan would create."""
    records: set[str] = set()
    for target in targets:
        rows = connection.execute(
            f"select record_key from {target.relation} where operation = 'create'"
        ).fetchall()
        records.update(f"{target.name}/{key}" for (key,) in rows)
    return frozenset(records)


def _all_rows(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> Iterator[Row]:
    """Parents before children; deletions after everything else, children before parents."""
    for target in targets:
        yield from _rows(connection, target, "operation <> 'delete'")
    for target in reversed(targets):
        yield from _rows(connection, target, "operation = 'delete'")


def _rows(
    connection: duckdb.DuckDBPyConnection, target: WriteTarget, condition: str
) -> Iterator[Row]:
    """Rows of one changes model by wave, operation and id (which helps the server's index)."""
    ranks = " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(OPERATIONS))
    quoted = ", ".join(f'"{column}"' for column in CHANGE_COLUMNS)
    waves = _waves(connection, target)
    cursor = connection.cursor().execute(
        f"select {quoted} from {target.relation} where {condition} "
        f"order by case operation {ranks} end, record_id, record_key, change_id"
    )
    rows = (_row(target, values, waves) for page in _pages(cursor) for values in page)
    yield from sorted(rows, key=lambda row: int(row["wave"])) if waves else rows


def _pages(cursor: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while page := cursor.fetchmany(10_000):
        yield page


def _row(target: WriteTarget, values: tuple[Any, ...], waves: Mapping[str, int]) -> Row:
    row = dict(zip(CHANGE_COLUMNS, values, strict=True))
    return {
        **row,
        "model": target.model,
        "flow": target.flow,
        "system": target.system,
        "entity_set": target.entity_set,
        "wave": waves.get(row["record_key"], 0),
    }


def _waves(connection: duckdb.DuckDBPyConnection, target: WriteTarget) -> dict[str, int]:
    """How many records of the same target must be there first (a record's parent record).

    A circle of references gets no order: its members go out together, and the service decides.
    """
    prefix = f"{target.name}/"
    sorter: TopologicalSorter[str] = TopologicalSorter()
    rows = connection.execute(
        f"select record_key, parents from {target.relation} where contains(parents, ?)", [prefix]
    ).fetchall()
    for record_key, parents in rows:
        mine = (parent for parent in json.loads(parents) if parent.startswith(prefix))
        sorter.add(record_key, *(parent.removeprefix(prefix) for parent in mine))
    try:
        sorter.prepare()
    except CycleError:
        return {}
    waves: dict[str, int] = {}
    for wave in count():
        if not sorter.is_active():
            return waves
        ready = sorter.get_ready()
        waves.update(dict.fromkeys(ready, wave))
        sorter.done(*ready)
    return waves


def _writes(plan: Plan, rows: Iterator[Row], absent: frozenset[str]) -> Iterator[Row]:
    planned_at = stamp(plan.created_at)
    for number, row in enumerate(rows, start=1):
        missing = _missing_parent(row, absent)
        yield {
            **row,
            "write_id": f"{plan.plan_id}-{number:06}",
            "run_id": plan.run_id,
            "plan_id": plan.plan_id,
            "idempotency_key": idempotency_key(row),
            "status": "blocked" if missing else "planned",
            "error_message": missing
            and f"{missing} does not exist, and this plan does not create it.",
            "attempts": 0,
            "planned_at": planned_at,
        }


def _missing_parent(row: Row, absent: frozenset[str]) -> str | None:
    if not absent or not row["parents"]:
        return None
    return next((parent for parent in json.loads(row["parents"]) if parent in absent), None)


def idempotency_key(row: Mapping[str, Any]) -> str:
    """The same for the same intended write, in whichever plan it stands."""
    names = ("system", "entity_set", "operation", "key_values", "after")
    return hashlib.sha256("\x1f".join(str(row[name]) for name in names).encode()).hexdigest()[:32]
