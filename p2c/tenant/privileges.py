"""What the application must be allowed to do in both systems, and for which flow.

Nothing is listed by heart: reading follows from pipelines/<system>/tables.yml, writing from what
the changes models declare (`meta.writes`) and the lookups of their target models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from p2c.tenant.names import ACCESSES, DEFINITIONS, DEPTH, Access, is_known, privilege_name
from p2c.tenant.tables import declared_tables

if TYPE_CHECKING:
    from loaders import SyncGraph
    from loaders.models import System, WriteTarget
    from p2c.config.context import Context
    from pipelines.common.tables import Table

UNDO = "p2c undo"
READING = "p2c extract"


@dataclass(frozen=True)
class Privilege:
    """One access to one table of Sales, by its logical name.

    why: the flows, or what else needs it. optional: no scheduled run needs it, only `p2c undo` of
    records that were created, or a flow that runs when it is asked for by name.
    """

    table: str
    access: Access
    why: tuple[str, ...]
    optional: bool = False
    depth: str = DEPTH

    @property
    def name(self) -> str:
        """`prvReadAccount`; several tables may share one (lines have their document's)."""
        return privilege_name(self.table, self.access)

    @property
    def is_name_known(self) -> bool:
        """False for a table whose name for privileges only its definition in the tenant says."""
        return is_known(self.table)


@dataclass(frozen=True)
class EntityAccess:
    """One entity set of F&O: what is done with it, by whom (flows, or what else needs it).

    delete_for_undo: nothing but `p2c undo` of records that were created deletes there.
    """

    entity_set: str
    read: tuple[str, ...] = ()
    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    delete_for_undo: bool = False


Needs = dict[tuple[str, Access], dict[str, bool]]  # (table, access) → {reason: optional}


def sales_privileges(context: Context, graph: SyncGraph | None = None) -> list[Privilege]:
    """All privileges of the application user, each table's together.

    graph: the write targets; without it those of dbt's manifest in the target folder, ManifestError
    when there is none.
    """
    found = graph or _graph(context)
    tables = declared_tables(context, "sales")
    logical = {table.entity_set: _logical(table) for table in tables}
    needs = _reads(found, "sales", {table.name: _logical(table) for table in tables})
    for target in found.targets:
        if target.system == "sales":
            _note_writes(needs, target, logical)
    for name, reason in DEFINITIONS.items():
        _note(needs, name, "Read", reason)
    return [_privilege(key, reasons) for key, reasons in sorted(needs.items(), key=_order)]


def finops_entities(context: Context, graph: SyncGraph | None = None) -> list[EntityAccess]:
    """All entity sets of F&O that are read or written, by name. Raises as `sales_privileges`."""
    found = graph or _graph(context)
    sets = {table.name: table.entity_set for table in declared_tables(context, "finops")}
    needs = _reads(found, "finops", sets)
    for target in found.targets:
        if target.system == "finops":
            for access, reason, optional in _writes(target):
                _note(needs, target.entity_set, access, reason, optional=optional)
    return [_entity(name, needs) for name in sorted({name for name, _ in needs})]


def _reads(graph: SyncGraph, system: System, tables: Mapping[str, str]) -> Needs:
    """Reading of all that is declared; `tables` is raw table → its name in the system."""
    needs: Needs = {}
    readers = _readers(graph, system)
    for raw, name in tables.items():
        for reason in readers.get(raw) or [READING]:
            _note(needs, name, "Read", reason)
    return needs


def _note_writes(needs: Needs, target: WriteTarget, tables: Mapping[str, str]) -> None:
    """Writing, and what it takes to set the lookups: Append here, AppendTo and Read there."""
    mine = tables.get(target.entity_set) or _own_name(target)
    for access, reason, optional in _writes(target):
        _note(needs, mine, access, reason, optional=optional)
    for column in target.columns.values():
        if column.name == "ownerid":
            _note(needs, mine, "Assign", target.flow, optional=target.on_demand)
        if column.lookup:
            there = tables.get(column.lookup, column.lookup)
            _note(needs, mine, "Append", target.flow, optional=target.on_demand)
            _note(needs, there, "AppendTo", target.flow, optional=target.on_demand)
            _note(needs, there, "Read", target.flow, optional=target.on_demand)


def _writes(target: WriteTarget) -> Iterator[tuple[Access, str, bool]]:
    """What a target does with its own table: access, for what, and whether no run needs it."""
    yield "Read", target.flow, target.on_demand  # an answer that was lost is read back
    if "create" in target.operations:
        yield "Create", target.flow, target.on_demand
        if target.undo == "delete":
            yield "Delete", UNDO, True
        if target.undo == "deactivate":
            yield "Write", UNDO, True
    if "update" in target.operations or target.on_delete == "deactivate":
        yield "Write", target.flow, target.on_demand
    if target.on_delete == "delete":
        yield "Delete", target.flow, target.on_demand


def _note(needs: Needs, table: str, access: Access, reason: str, *, optional: bool = False) -> None:
    reasons = needs.setdefault((table, access), {})
    reasons[reason] = reasons.get(reason, True) and optional


def _privilege(key: tuple[str, Access], reasons: Mapping[str, bool]) -> Privilege:
    table, access = key
    why = tuple(sorted(reasons, key=reasons.__getitem__))  # what a run needs first
    return Privilege(table, access, why, optional=all(reasons.values()))


def _order(item: tuple[tuple[str, Access], object]) -> tuple[bool, str, int]:
    (table, access), _ = item
    return table in DEFINITIONS, table, ACCESSES.index(access)


def _entity(name: str, needs: Needs) -> EntityAccess:
    def reasons(access: Access) -> tuple[str, ...]:
        found = needs.get((name, access), {})
        return tuple(sorted(found, key=found.__getitem__))

    deletes = needs.get((name, "Delete"), {})
    return EntityAccess(
        name,
        read=reasons("Read"),
        create=reasons("Create"),
        update=reasons("Write"),
        delete=reasons("Delete"),
        delete_for_undo=bool(deletes) and all(deletes.values()),
    )


def _readers(graph: SyncGraph, system: System) -> Mapping[str, list[str]]:
    """Raw table → the flows that are computed from it."""
    readers: dict[str, list[str]] = {}
    for target in graph.targets:
        for source in target.sources:
            schema, _, table = source.partition(".")
            if schema == f"raw_{system}" and target.flow not in readers.setdefault(table, []):
                readers[table].append(target.flow)
    return readers


def _graph(context: Context) -> SyncGraph:
    from loaders import read_targets  # noqa: PLC0415

    return read_targets(context.path("target_dir") / "manifest.json")


def _logical(table: Table) -> str:
    """A table of Sales is called as its primary id without `id`."""
    return table.key_fields[0].removesuffix("id")


def _own_name(target: WriteTarget) -> str:
    return target.logical_name or target.key[0].removesuffix("id")
