"""A JSON body as column values, lookups and nested rows (protocols A6, A7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from p2c_sandbox.odata.errors import BadRequest, UnknownProperty
from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Child, Column, Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.keys import row_of_url
from p2c_sandbox.sales.values import Reader, reader

_BIND = "@odata.bind"


@dataclass
class Payload:
    """What a body asks for: column values, and rows to create with it."""

    values: Row = field(default_factory=dict)
    parents: list[tuple[str, Json]] = field(default_factory=list)
    children: list[tuple[Child, list[Json]]] = field(default_factory=list)


@dataclass(frozen=True)
class _Property:
    """How a plain property is read; `use` is False where the access says so (8.5)."""

    column: Column
    read: Reader
    use: bool


class PayloadReader:
    """Reads bodies for one table, once for creating and once for updating."""

    def __init__(self, namespace: str, table: Table, *, creating: bool) -> None:
        self.table = table
        self.type_name = f"{namespace}.{table.entity}"
        self.creating = creating
        allowed = ("write", "create") if creating else ("write", "update")
        self._properties = {
            column.name: _Property(column, reader(table.entity, column), column.access in allowed)
            for column in table.columns.values()
            if not column.is_lookup and not column.hidden
        }
        self._allowed = allowed

    def read(self, call: Call, body: Json) -> Payload:
        """Raises UnknownProperty, BadRequest and the codes of A11."""
        payload = Payload()
        values, properties = payload.values, self._properties
        for name, value in body.items():
            found = properties.get(name)
            if found is None:
                self._special(call, payload, name, value)
            elif found.use:
                values[name] = None if value is None else found.read(value)
        return payload

    def _special(self, call: Call, payload: Payload, name: str, value: Any) -> None:  # noqa: ANN401
        if name.endswith(_BIND):
            self._bind(call, payload, name.removesuffix(_BIND), value)
        elif "@" in name:
            return
        elif name in self.table.navigation:
            self._single(payload, name, value)
        elif name in self.table.children:
            self._collection(payload, name, value)
        elif name in self.table.by_wire or name in self.table.columns:
            raise BadRequest(
                "CRM do not support direct update of Entity Reference properties, Use Navigation "
                f"properties instead. ('{name}')",
                code="0x80048d19",
            )
        else:
            raise UnknownProperty(name, self.type_name)

    def _bind(self, call: Call, payload: Payload, name: str, value: object) -> None:
        if name in self.table.children:
            raise BadRequest(f"@odata.bind of the collection '{name}' is not allowed here.")
        if name not in self.table.navigation:
            raise UnknownProperty(name, self.type_name)
        column, target = self.table.navigation[name]
        if column.access not in self._allowed:
            return
        if value is None:
            clear(payload.values, column)
            return
        if not isinstance(value, str):
            raise BadRequest(f"The value of '{name}{_BIND}' must be a string.")
        # `ownerid` takes users and teams; `customerid_account` takes accounts only (protocols A6).
        sets = set(column.targets.values()) if name == column.name else {target}
        table, row_id = row_of_url(call, value, sets)
        set_lookup(payload.values, column, table, row_id)

    def _single(self, payload: Payload, name: str, value: object) -> None:
        column, _ = self.table.navigation[name]
        if value is None:
            clear(payload.values, column)
        elif isinstance(value, dict) and self.creating:
            payload.parents.append((name, value))
        else:
            raise BadRequest(f"Nested changes of '{name}' are not supported in an update.")

    def _collection(self, payload: Payload, name: str, value: object) -> None:
        if not isinstance(value, list) or not self.creating:
            raise BadRequest(f"Nested changes of '{name}' are not supported in an update.")
        payload.children.append((self.table.children[name], value))


def set_lookup(values: Row, column: Column, target: Table, row_id: str) -> None:
    """Point a lookup to a row; setting one of two targets clears the other (A6)."""
    values[column.name] = row_id
    if column.entity_column:
        values[column.entity_column] = target.entity


def clear(values: Row, column: Column) -> None:
    """Empty a lookup."""
    values[column.name] = None
    if column.entity_column:
        values[column.entity_column] = None
