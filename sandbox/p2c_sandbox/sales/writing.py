"""Create, update and delete of single rows, with defaults, rules and checks
(protocols A7, A11, A13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Column, Row, Service, Table, Value
from p2c_sandbox.odata.store import IntegrityError
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import duplicate, duplicate_alternate_key, refused
from p2c_sandbox.sales.keys import same_row
from p2c_sandbox.sales.money import MoneyColumns
from p2c_sandbox.sales.payload import Payload, PayloadReader, set_lookup
from p2c_sandbox.sales.rules.registry import Hooks, hooks_for
from p2c_sandbox.sales.security import roles
from p2c_sandbox.sales.security.access import demand, demand_lookups


@dataclass(frozen=True)
class _TablePlan:
    """What is worked out once for each table."""

    table: Table
    creating: PayloadReader
    updating: PayloadReader
    hooks: Hooks
    money: MoneyColumns
    defaults: Mapping[str, Value]
    required: tuple[Column, ...]


class Writer:
    """Writes rows of every table. Callers open the transaction."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._plans = {name: _plan(service, table) for name, table in service.tables.items()}

    @contextmanager
    def together(self, call: Call) -> Iterator[None]:
        """Writes that belong to one request: what follows from them is done once, at the end."""
        if call.writing:
            yield
            return
        call.writing = True
        try:
            yield
            with call.as_system():
                self._follow_up(call)
        finally:
            call.writing = False

    def _follow_up(self, call: Call) -> None:
        while call.pending:
            work = min(call.pending, key=lambda one: one.stage)
            work.run(call, self, list(call.pending.pop(work)))

    # -- create -------------------------------------------------------------------------------

    def create(self, call: Call, table: Table, body: Json, sent: Row | None = None) -> str:
        """Create a row with everything nested in the body; returns its guid.

        `given` holds column values that do not come from the body (the key of an upsert).
        """
        demand(call, table, "Create")
        with self.together(call):
            payload = self._plans[table.set].creating.read(call, body)
            demand_lookups(call, table, payload.values)
            self._create_parents(call, table, payload)
            row_id = self.add(call, table, {**(sent or {}), **payload.values})
            self._create_children(call, table, payload, row_id)
        return row_id

    def add(self, call: Call, table: Table, values: Row) -> str:
        """Create a row from column values, inside `together`; returns its guid."""
        plan = self._plans[table.set]
        row: Row = {**plan.defaults, **values}
        if row.get(table.key_column) is None:
            row[table.key_column] = call.new_id()
        _stamp_new(call, table, row)
        plan.hooks.run("before_create", call, table, row)
        _require(plan, row)
        plan.money.derive(call, row)
        self._insert(call, table, row)
        plan.hooks.run("after_create", call, table, row)
        if table.set == "roles":
            roles.copy_down(call.store, row)
        return str(row[table.key_column])

    def _create_parents(self, call: Call, table: Table, payload: Payload) -> None:
        for navigation, body in payload.parents:
            column, target_set = table.navigation[navigation]
            target = self.service.table(target_set)
            set_lookup(payload.values, column, target, self.create(call, target, body))

    def _create_children(self, call: Call, table: Table, payload: Payload, row_id: str) -> None:
        for child, bodies in payload.children:
            target = self.service.table(child.set)
            sent: Row = {}
            set_lookup(sent, target.columns[child.column], table, row_id)
            for body in bodies:
                self.create(call, target, body, sent)

    def _insert(self, call: Call, table: Table, row: Row) -> None:
        self._refuse_same(call, table, row)
        try:
            call.store.insert(table.set, [row])
        except IntegrityError as error:
            raise self._duplicate(call, table, row) from error
        call.forget(table, row[table.key_column])

    def _refuse_same(self, call: Call, table: Table, row: Row) -> None:
        """Alternate keys that the collation takes for equal and SQLite's index does not."""
        for columns in table.alternate_keys.values():
            key = {name: row.get(name) for name in columns}
            if None in key.values():
                continue
            if same_row(call, table, key, besides=row[table.key_column]) is not None:
                raise _key_is_taken(call, table, columns)

    def _duplicate(self, call: Call, table: Table, row: Row) -> Exception:
        if call.store.get(table.set, {table.key_column: row[table.key_column]}):
            return duplicate()
        for columns in table.alternate_keys.values():
            key = {name: row.get(name) for name in columns}
            if None not in key.values() and call.store.get(table.set, key):
                return _key_is_taken(call, table, columns)
        return duplicate()

    # -- update -------------------------------------------------------------------------------

    def update(self, call: Call, table: Table, before: Row, body: Json) -> None:
        """Update a row as `Store.get` gave it. What is sent counts as changed (protocols A7)."""
        demand(call, table, "Write")
        payload = self._plans[table.set].updating.read(call, body)
        demand_lookups(call, table, payload.values)
        payload.values.pop(table.key_column, None)
        self.change(call, table, before, payload.values)

    def change(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        """Update columns that are already column values."""
        with self.together(call):
            self._change(call, table, before, changes)

    def keep(self, call: Call, table: Table, pairs: Sequence[tuple[Row, Row]]) -> None:
        """Store columns that the service itself keeps, as (row as it stands, changes): no rules."""
        money = self._plans[table.set].money
        for before, changes in pairs:
            money.derive(call, changes, before)
            if "modifiedon" in table.columns:
                changes |= {"modifiedon": call.now, "modifiedby": call.user_id}
            call.forget(table, before[table.key_column])
        call.store.update(table.set, [(cast(int, row["_id"]), changes) for row, changes in pairs])

    def _change(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        plan = self._plans[table.set]
        plan.hooks.run("before_update", call, table, before, changes)
        for column in plan.required:
            if column.name in changes and changes[column.name] is None:
                raise _missing(table, column)
        plan.money.derive(call, changes, before)
        changes |= {"modifiedon": call.now, "modifiedby": call.user_id}
        if "ownerid" in changes:
            _set_owner(call, changes)
        if any(changes.keys() & set(columns) for columns in table.alternate_keys.values()):
            self._refuse_same(call, table, {**before, **changes})
        try:
            call.store.update(table.set, [(cast(int, before["_id"]), changes)])
        except IntegrityError as error:
            raise self._duplicate(call, table, {**before, **changes}) from error
        call.forget(table, before[table.key_column])
        plan.hooks.run("after_update", call, table, before, changes)

    # -- delete -------------------------------------------------------------------------------

    def delete(self, call: Call, table: Table, row: Row) -> None:
        """Delete a row and what hangs on it; refuse or unlink where the model says so."""
        demand(call, table, "Delete")
        with self.together(call):
            self._delete(call, table, row)

    def _delete(self, call: Call, table: Table, row: Row) -> None:
        plan = self._plans[table.set]
        plan.hooks.run("before_delete", call, table, row)
        for child in table.children.values():
            target = self.service.table(child.set)
            # The last first: a unit refers to the base unit, which was there before it.
            for found in reversed(
                call.store.find(child.set, {child.column: row[table.key_column]})
            ):
                self._detach(call, table, target, child.column, child.on_delete, found)
        call.store.delete(table.set, row)
        call.forget(table, row[table.key_column])
        plan.hooks.run("after_delete", call, table, row)

    def _detach(
        self, call: Call, table: Table, target: Table, column: str, on_delete: str, row: Row
    ) -> None:
        if on_delete == "restrict":
            raise refused(
                "0x80040227",
                f"The {table.entity} cannot be deleted because a {target.entity} refers to it.",
                405,
            )
        if on_delete == "cascade":
            with call.as_system():
                self._delete(call, target, row)
            return
        changes: Row = {column: None}
        if name := target.columns[column].entity_column:
            changes[name] = None
        with call.as_system():
            self._change(call, target, row, changes)


def _plan(service: Service, table: Table) -> _TablePlan:
    columns = table.columns.values()
    return _TablePlan(
        table=table,
        creating=PayloadReader(service.namespace, table, creating=True),
        updating=PayloadReader(service.namespace, table, creating=False),
        hooks=hooks_for(table.set),
        money=MoneyColumns(table),
        defaults={c.name: c.default for c in columns if c.default is not None},
        required=tuple(c for c in columns if c.required is True),
    )


def _key_is_taken(call: Call, table: Table, columns: list[str]) -> Exception:
    found = duplicate_alternate_key(table.entity, columns)
    found.status = call.settings.duplicate_key_status
    return found


def _require(plan: _TablePlan, row: Row) -> None:
    for column in plan.required:
        if row.get(column.name) is None:
            raise _missing(plan.table, column)


def _missing(table: Table, column: Column) -> Exception:
    return refused(
        "0x80040200",
        f"The required column '{column.name}' of table '{table.entity}' is missing or null.",
    )


def _stamp_new(call: Call, table: Table, row: Row) -> None:
    """Columns the system sets on every new row."""
    owner = {name: row[name] for name in ("ownerid", "ownerid__entity") if row.get(name)}
    row |= _system_columns(call, table)
    if created := row.get("overriddencreatedon"):
        row["createdon"] = created
    if owner:
        row |= owner
        _set_owner(call, row)


def _system_columns(call: Call, table: Table) -> Row:
    """The same for every new row of a request: times, the caller as author and owner."""
    found = call.system_columns.get(table.set)
    if found is not None:
        return found
    columns, result = table.columns, Row()
    if "createdon" in columns:
        result |= {"createdon": call.now, "modifiedon": call.now}
        result |= {"createdby": call.user_id, "modifiedby": call.user_id}
    if "organizationid" in columns and table.key_column != "organizationid":
        result["organizationid"] = call.organization["organizationid"]
    if "ownerid" in columns and columns["ownerid"].access == "write":
        result |= {"ownerid": call.user_id, "ownerid__entity": "systemuser"}
        _set_owner(call, result)
    call.system_columns[table.set] = result
    return result


def _set_owner(call: Call, row: Row) -> None:
    """`owninguser`, `owningteam` and `owningbusinessunit` follow the owner."""
    team = row.get("ownerid__entity") == "team"
    owner = call.row("teams" if team else "systemusers", row["ownerid"])
    row["owningteam"] = row["ownerid"] if team else None
    row["owninguser"] = None if team else row["ownerid"]
    row["owningbusinessunit"] = owner["businessunitid"] if owner else None
