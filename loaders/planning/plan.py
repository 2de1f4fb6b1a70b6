"""Makes a plan: the exact rows to write, pinned to what they were computed from.

A plan holds the load ids of the raw tables, the mapping's version and a fingerprint of every
changes model. `check_plan` refuses it once one of them moved, or a target was written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from loaders.errors import OldSnapshot, PlanAlreadyApplied, StalePlan, UnknownFlow
from loaders.ledger.history import QUARANTINE_HOURS, in_doubt, to_quarantine
from loaders.ledger.ledger import Ledger
from loaders.models import Change, Judge, Plan, PlanKind, Snapshot, SyncGraph, WriteTarget
from loaders.planning.relation import ROWS, keep_first, make_rows
from loaders.planning.standing import absent_elsewhere, keep_back
from loaders.warehouse import open_warehouse

QUARANTINE_AFTER = 3
RESUMABLE = ("planned", "applying", "interrupted", "aborted", "partial")


def make_plan(  # noqa: PLR0913 - the others have defaults
    warehouse: Path,
    graph: SyncGraph,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    select: Sequence[str] | None = None,
    with_needed: bool = False,
    limit: int | None = None,
    quarantine_after: int = QUARANTINE_AFTER,
    quarantine_hours: float = QUARANTINE_HOURS,
    judge: Judge | None = None,
    once: bool = False,
) -> Plan:
    """Save what would be written now, in writing order, as a plan; writes to no target.

    `select` names flows (none: all), `with_needed` adds the flows they refer to, `limit` is the
    most rows to plan (a new document that is begun is planned with all its lines). A row that needs
    a record which a flow outside the plan has yet to create is planned as blocked, one whose last
    `quarantine_after` tries failed the same way as quarantined, and its whole unit with it, until
    `quarantine_hours` after the last one. `judge` sees the plan counted before it is saved; what it
    raises leaves nothing behind. `once`: a plan that would only hold back what the last one held
    back is not saved again; that one is returned, whose status is `applied`.
    Raises UnknownFlow, OldSnapshot, WarehouseError.
    """
    targets = select_targets(graph, select, with_needed=with_needed)
    with open_warehouse(warehouse) as connection:
        plan = new_plan(connection, graph, ledger, targets, run_id=run_id, limit=limit)
        if reasons := _written_since_read(ledger, targets, plan.snapshots):
            raise OldSnapshot(reasons)
        make_rows(connection, targets)
        if limit is not None:
            keep_first(connection, limit)
        absent_elsewhere(connection, [one for one in graph.targets if one not in targets])
        standing = to_quarantine(ledger, quarantine_after, quarantine_hours)
        keep_back(connection, in_doubt(ledger), standing)
        return ledger.save_plan(plan, connection, ROWS, judge, once=once)


def new_plan(
    connection: duckdb.DuckDBPyConnection,
    graph: SyncGraph,
    ledger: Ledger,
    targets: Sequence[WriteTarget],
    *,
    run_id: str | None = None,
    limit: int | None = None,
    kind: PlanKind = "changes",
) -> Plan:
    """A plan without rows, pinned to what the warehouse holds now for the targets."""
    return Plan(
        plan_id=ledger.clock.new_id("plan"),
        run_id=run_id,
        created_at=ledger.clock.now(),
        status="planned",
        mapping_version=graph.version,
        snapshots=_snapshots(connection, targets),
        fingerprints={t.model: _fingerprint(connection, t) for t in targets},
        flows=tuple(dict.fromkeys(target.flow for target in targets)),
        limit=limit,
        counts={},
        kind=kind,
    )


def load_plan(ledger: Ledger, plan_id: str) -> Plan:
    """A saved plan. Raises UnknownPlan."""
    return ledger.plan(plan_id)


def plan_changes(ledger: Ledger, plan_id: str, limit: int | None = None) -> Iterator[Change]:
    """The rows of a plan in writing order, at most `limit`."""
    return ledger.changes(plan_id, limit)


def check_plan(warehouse: Path, graph: SyncGraph, ledger: Ledger, plan: Plan) -> None:
    """Raise StalePlan or PlanAlreadyApplied unless applying the plan now does what it says.

    A retry holds rows that were not written, so writes since the read do not concern it; an undo is
    pinned to no snapshot at all: each of its rows carries the version it was read with.
    """
    if plan.status not in RESUMABLE:
        raise PlanAlreadyApplied(plan.plan_id, plan.status)
    if plan.is_pruned:
        raise StalePlan(plan.plan_id, ["rows of it were dropped for their age (p2c prune)"])
    if plan.kind == "undo":
        return
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
    if plan.kind == "changes":
        reasons += _written_since_read(ledger, targets, plan.snapshots, plan.plan_id)
    if reasons:
        raise StalePlan(plan.plan_id, reasons)


def select_targets(
    graph: SyncGraph, select: Sequence[str] | None, *, with_needed: bool = False
) -> list[WriteTarget]:
    """The write targets of the selected flows in writing order (rule G9). Raises UnknownFlow.

    Without a selection these are all flows but those that run on demand only.
    """
    regular = {target.flow for target in graph.targets if not target.on_demand}
    flows = regular if select is None else set(select)
    if unknown := sorted(flows - set(graph.flows)):
        raise UnknownFlow(unknown[0], graph.flows)
    if with_needed:
        flows = _and_needed(graph, flows)
    return [target for target in graph.targets if target.flow in flows]


def _and_needed(graph: SyncGraph, flows: set[str]) -> set[str]:
    """The flows, those that their models need, those that these need, and so on."""
    needed = (target.needs for target in graph.targets if target.flow in flows)
    models: frozenset[str] = frozenset().union(*needed)
    found = flows | {target.flow for target in graph.targets if target.model in models}
    return found if found == flows else _and_needed(graph, found)


def _snapshots(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> tuple[Snapshot, ...]:
    """The last finished read of every raw table behind the targets, and its rows alive now."""
    tables = sorted({table for target in targets for table in target.sources})
    return tuple(_snapshot(connection, *table.split(".", 1)) for table in tables)


def _snapshot(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> Snapshot:
    reads = connection.execute(
        f'select {_load_id(connection, schema)}, started_at from "{schema}".reads '
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


def _load_id(connection: duckdb.DuckDBPyConnection, schema: str) -> str:
    """The last load that brought anything: a read that found nothing new makes no plan stale."""
    known = connection.execute(
        "select 1 from information_schema.columns where table_schema = ? "
        "and table_name = 'reads' and column_name = 'data_load_id'",
        [schema],
    ).fetchall()
    return "coalesce(data_load_id, load_id)" if known else "load_id"


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
