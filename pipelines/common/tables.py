"""The declared tables: what is read, under which names and types (`<system>/tables.yml`).

Every selected column is declared, because a column dlt has to guess is missing while it is empty
and takes the type of its first value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import yaml

from .errors import InvalidDeclaration

ETAG = "@odata.etag"
TIMESTAMP = pa.timestamp("us", "UTC")
# The C parser where it was built: ten times as fast, and just as safe.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {
    "text": pa.string(),
    "lookup": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "bool": pa.bool_(),
    "timestamp": TIMESTAMP,
    "date": pa.date32(),
}
_TABLE_KEYS = frozenset({"key", "columns", "table", "package"})
_PACKAGE_KEYS = frozenset({"label", "changes", "dates"})
_RESERVED = frozenset({"etag", "deleted_at", "_dlt_load_id"})
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Column:
    """One column: its name at the service, its name in the raw layer, its declared type."""

    field: str
    name: str
    declared: str
    arrow: pa.DataType


@dataclass(frozen=True)
class Packaged:
    """What a table is in data packages (F&O, protocols B8).

    label: the entity's name there; changes: whether change tracking is on for the entity; dates:
    fields that are days, which OData sends as their noon.
    """

    label: str
    changes: bool = False
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: entity set at the service, name in the raw layer, key columns, all columns.

    packaged: None where the table cannot be read by packages.
    """

    system: str
    entity_set: str
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    packaged: Packaged | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns at the service, for `$select`."""
        return tuple(column.field for column in self.columns)

    @property
    def key_fields(self) -> tuple[str, ...]:
        """Names of the key columns at the service, in the key's order, for `$orderby`."""
        fields = {column.name: column.field for column in self.columns}
        return tuple(fields[name] for name in self.key)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rows read; `deleted_at` is null while a row is alive."""
        columns = [
            pa.field(column.name, column.arrow, nullable=column.name not in self.key)
            for column in self.columns
        ]
        etag, deleted_at = pa.field("etag", pa.string()), pa.field("deleted_at", TIMESTAMP)
        return pa.schema([*columns, etag, deleted_at])

    def without(self, fields: set[str]) -> Table:
        """The same table without some columns, to find out what else is missing."""
        return replace(self, columns=tuple(c for c in self.columns if c.field not in fields))


def snake_case(name: str) -> str:
    """A service's name as dlt and the raw layer write it (dataAreaId → data_area_id)."""
    return _WORD.sub("_", name).lower()


def load_tables(path: Path, system: str) -> dict[str, Table]:
    """Declared tables by raw name. InvalidDeclaration names the table and the column."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - a safe one, in C
    except yaml.YAMLError as error:
        raise InvalidDeclaration(
            system, f"not valid YAML: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(document, dict):
        raise InvalidDeclaration(system, "expected entity sets with their key and columns")
    tables = [_table(system, entity_set, body) for entity_set, body in document.items()]
    return {table.name: table for table in tables}


def _table(system: str, entity_set: str, body: object) -> Table:
    if not isinstance(body, dict) or not {"key", "columns"} <= body.keys() <= _TABLE_KEYS:
        raise InvalidDeclaration(
            system, f"{entity_set} takes key, columns and, if it must, table and package"
        )
    columns = tuple(_column(system, entity_set, *item) for item in body["columns"].items())
    names = [column.name for column in columns]
    key = tuple(snake_case(name) for name in body["key"])
    if not set(key) <= set(names) or len(set(names)) != len(names) or _RESERVED & set(names):
        raise InvalidDeclaration(
            system,
            f"{entity_set} needs its key among its columns, each column once, and none "
            f"named {', '.join(sorted(_RESERVED))}",
        )
    name = body.get("table", snake_case(entity_set))
    packaged = _packaged(system, entity_set, body.get("package"), [c.field for c in columns])
    return Table(system, entity_set, name, key, columns, packaged)


def _packaged(system: str, entity_set: str, body: object, fields: list[str]) -> Packaged | None:
    if body is None:
        return None
    known = isinstance(body, dict) and {"label"} <= body.keys() <= _PACKAGE_KEYS
    found = dict(body) if isinstance(body, dict) and known else {}
    dates, changes = found.get("dates") or [], found.get("changes", False)
    if not found.get("label") or not isinstance(changes, bool) or set(dates) - set(fields):
        raise InvalidDeclaration(
            system,
            f"package of {entity_set} takes label (the entity's name in data management), changes "
            "(true where change tracking is on) and dates (those of its columns that are days)",
        )
    return Packaged(str(found["label"]), changes, tuple(dates))


def _column(system: str, entity_set: str, name: str, declared: object) -> Column:
    arrow = _arrow_type(str(declared))
    if arrow is None:
        raise InvalidDeclaration(
            system,
            f"{entity_set}.{name} is declared as {declared!r}; a type is "
            f"{', '.join(sorted(_PLAIN))} or decimal(precision,scale)",
        )
    # Lookups are read as `_x_value` and kept under the column's own name (protocols A6).
    field_name = f"_{name}_value" if declared == "lookup" else name
    return Column(field_name, snake_case(name), str(declared), arrow)


def _arrow_type(declared: str) -> pa.DataType | None:
    match = _DECIMAL.fullmatch(declared)
    if match is None:
        return _PLAIN.get(declared)
    precision, scale = int(match[1]), int(match[2])
    return pa.decimal128(precision, scale) if 0 < precision <= 38 and scale <= precision else None
