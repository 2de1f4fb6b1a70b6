"""Tables as data: what an entity set holds, read from YAML (format: metadata/README.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "string", "money", "decimal", "int", "bigint", "bool", "datetime", "date", "guid",
    "choice", "state", "status", "enum", "lookup",
]  # fmt: skip
Access = Literal["write", "create", "update", "read"]
Value = str | int | bool | Decimal | None
Row = dict[str, Value]

MONEY_SCALE = 4  # protocols A12: never more than 4 decimals
EDM: dict[str, str] = {
    "string": "Edm.String",
    "money": "Edm.Decimal",
    "decimal": "Edm.Decimal",
    "int": "Edm.Int32",
    "bigint": "Edm.Int64",
    "bool": "Edm.Boolean",
    "datetime": "Edm.DateTimeOffset",
    "date": "Edm.Date",
    "guid": "Edm.Guid",
    "choice": "Edm.Int32",
    "state": "Edm.Int32",
    "status": "Edm.Int32",
    "lookup": "Edm.Guid",
}
_TYPE = re.compile(r"(?P<kind>[a-z]+)(?:\((?P<a>\w+)(?:\s*,\s*(?P<b>\d+))?\))?")


class Strict(BaseModel):
    """Base of all parts of the model: unknown YAML keys are an error, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One column. `name` is the logical name, `wire` the name in JSON and in query options."""

    name: str
    type: Kind
    length: int | None = None
    precision: int | None = None
    scale: int = 0
    precision_source: Literal[0, 1, 2] | None = None
    minimum: Decimal | None = Field(None, alias="min")
    maximum: Decimal | None = Field(None, alias="max")
    required: bool | Literal["application"] = False
    default: Value = None
    access: Access = "write"
    label: str | None = None
    options: dict[int, str] = {}
    states: dict[int, list[int]] = {}
    enum: str | None = None
    targets: dict[str, str] = {}
    date_only: bool = False
    hidden: bool = False
    source: Literal["_id", "_version"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand_type(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Turn `string(20)`, `decimal(32,6)`, `enum(NoYes)` into separate fields."""
        match = _TYPE.fullmatch(data["type"])
        if match is None:
            raise ValueError(f"column type {data['type']!r} is not understood")
        return {**data, **_type_fields(match["kind"], match["a"], match["b"])}

    @property
    def is_lookup(self) -> bool:
        return self.type == "lookup"

    @property
    def is_scaled(self) -> bool:
        """True for exact decimals, which the store keeps as integers times 10**scale."""
        return self.type in ("money", "decimal")

    @property
    def is_text(self) -> bool:
        return self.type in ("string", "enum")

    @cached_property
    def wire(self) -> str:
        """Protocols A6: a lookup is read as `_<name>_value`."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    @property
    def stored(self) -> str:
        """Name of the SQLite column."""
        return self.source or self.name

    @property
    def edm(self) -> str:
        """OData primitive type; enums are named without their namespace."""
        return self.enum or EDM[self.type]

    @cached_property
    def entity_column(self) -> str | None:
        """Store column that says which table a lookup with several targets points to."""
        return f"{self.name}__entity" if len(set(self.targets.values())) > 1 else None


def _type_fields(kind: str, first: str | None, second: str | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": kind}
    if kind == "string":
        fields["length"] = int(first) if first else None
    elif kind == "enum":
        fields["enum"] = first
    elif kind == "decimal":
        fields |= {"precision": int(first or 23), "scale": int(second or 0)}
    elif kind == "money":
        fields |= {"precision": 19, "scale": MONEY_SCALE}
    return fields


class Child(Strict):
    """A collection-valued navigation property: rows of `set` whose lookup `column` is this row."""

    set: str
    column: str
    on_delete: Literal["clear", "cascade", "restrict"] = "clear"


class Table(Strict):
    """One entity set. Key and alternate keys name columns by logical name."""

    set: str
    entity: str
    key: list[str]
    name_column: str | None = None
    label: str | None = None
    rows_of: str | None = None
    schema_name: str | None = None
    privilege_name: str | None = None
    type_code: int | None = None
    alternate_keys: dict[str, list[str]] = {}
    inactive_keys: list[str] = []
    children: dict[str, Child] = {}
    indexes: list[list[str]] = []
    change_tracking: bool = False
    bulk: bool = False
    optimistic: bool = True
    system: bool = False
    columns: dict[str, Column]

    @model_validator(mode="before")
    @classmethod
    def _name_columns(cls, data: dict[str, Any]) -> dict[str, Any]:
        columns = {}
        for name, spec in data["columns"].items():
            fields = {"type": spec} if isinstance(spec, str) else dict(spec)
            columns[name] = {"name": name, **fields}
        return {**data, "columns": columns}

    @model_validator(mode="after")
    def _keys_exist(self) -> Table:
        named = {*self.key, *(c for key in self.alternate_keys.values() for c in key)}
        named |= {c for index in self.indexes for c in index}
        if missing := named - self.columns.keys():
            raise ValueError(f"{self.set}: no such columns: {sorted(missing)}")
        return self

    @property
    def key_column(self) -> str:
        """The only key column of tables with a simple key (every Sales table)."""
        return self.key[0]

    @property
    def storage(self) -> str:
        """The set that keeps the rows: F&O offers some rows under two names (version 2 and 3)."""
        return self.rows_of or self.set

    @cached_property
    def by_wire(self) -> Mapping[str, Column]:
        """Columns by the name the service sends and accepts in query options."""
        return {c.wire: c for c in self.columns.values() if not c.hidden}

    @cached_property
    def navigation(self) -> Mapping[str, tuple[Column, str]]:
        """Single-valued navigation property -> (lookup column, target entity set)."""
        return {
            nav: (column, target)
            for column in self.columns.values()
            for nav, target in column.targets.items()
        }


class Service(Strict):
    """All tables of a service. `nulls` is False where answers never hold null (F&O)."""

    namespace: str
    container: str
    nulls: bool = True
    enums: dict[str, dict[str, int]] = {}
    tables: dict[str, Table]

    def table(self, entity_set: str) -> Table:
        """Table of an entity set. Raises KeyError when there is none."""
        return self.tables[entity_set]

    @cached_property
    def by_entity(self) -> Mapping[str, Table]:
        """Tables by logical (entity type) name."""
        return {table.entity: table for table in self.tables.values()}

    @model_validator(mode="after")
    def _targets_exist(self) -> Service:
        for table in self.tables.values():
            children = [child.set for child in table.children.values()]
            targets = [t for c in table.columns.values() for t in c.targets.values()]
            if missing := {*children, *targets} - self.tables.keys():
                raise ValueError(f"{table.set} points to unknown sets {sorted(missing)}")
            unknown = {c.enum for c in table.columns.values() if c.enum} - self.enums.keys()
            if unknown:
                raise ValueError(f"{table.set} uses unknown enums {sorted(unknown)}")
        return self


def load_service(folder: Path) -> Service:
    """Read `_service.yml` and every table file (`*.yml` not starting with `_`) of a folder.

    Raises pydantic.ValidationError, naming table and column, when a file breaks the format.
    """
    head = _read(folder / "_service.yml")
    head["enums"] = {name: _numbered(members) for name, members in head.get("enums", {}).items()}
    files = sorted(p for p in folder.glob("*.yml") if not p.name.startswith("_"))
    tables = [_read(path) for path in files]
    return Service.model_validate({**head, "tables": {table["set"]: table for table in tables}})


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=loader)  # noqa: S506 - a safe one, in C where there is one
    return data


def _numbered(members: list[str] | dict[str, int]) -> dict[str, int]:
    """Enum members as a list are numbered from 0."""
    if isinstance(members, dict):
        return members
    return {member: number for number, member in enumerate(members)}
