"""The two ends of a flow in the words of its templates: tables, columns, and what maps to what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from p2c.errors import ProjectError
from pipelines.common.tables import Column, Table, load_tables

LABELS = {"sales": "Sales", "finops": "F&O"}
_TYPES = {
    "text": "varchar",
    "lookup": "varchar",
    "int": "integer",
    "bigint": "bigint",
    "bool": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
}


@dataclass(frozen=True)
class StagedColumn:
    """A column of a table: raw name, name at the service, declared type, its line in staging."""

    name: str
    field: str
    declared: str
    staged: str


@dataclass(frozen=True)
class Side:
    """A table that a flow reads or writes, and the model that stages it, there or to be made."""

    declared: Table
    model: str
    is_staged: bool

    @property
    def system(self) -> str:
        """`sales` or `finops`."""
        return self.declared.system

    @property
    def system_label(self) -> str:
        """What people call the system."""
        return LABELS[self.system]

    @property
    def entity_set(self) -> str:
        """The name of the table at the service."""
        return self.declared.entity_set

    @property
    def label(self) -> str:
        """`Warehouses of F&O`."""
        return f"{self.entity_set} of {self.system_label}"

    @property
    def table(self) -> str:
        """The name of the table in the raw layer."""
        return self.declared.name

    @property
    def key(self) -> tuple[str, ...]:
        """The key's columns in the raw layer."""
        return self.declared.key

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The key's columns at the service."""
        return self.declared.key_fields

    @property
    def key_text(self) -> str:
        """SQL: the key as one text."""
        return f"concat_ws('/', {', '.join(self.key)})" if len(self.key) > 1 else self.key[0]

    @property
    def key_text_of_records(self) -> str:
        """The same, of a relation that is named `records`."""
        names = [f"records.{name}" for name in self.key]
        return f"concat_ws('/', {', '.join(names)})" if len(names) > 1 else names[0]

    @property
    def columns(self) -> list[StagedColumn]:
        """All columns that are read, in their declared order."""
        return [
            StagedColumn(one.name, one.field, one.declared, _staged(self.system, one))
            for one in self.declared.columns
        ]


@dataclass(frozen=True)
class Pair:
    """A source column and the target column that it is written to."""

    source: str  # in the raw layer
    field: str  # at the source's service
    held: str  # the target's column in the raw layer
    target_field: str  # at the target's service
    target: str  # in SQL: quoted where it has capitals
    type: str


def side(project: Path, name: str) -> Side:
    """The table that `system.EntitySet` names. Raises ProjectError when it is not declared."""
    system, _, entity_set = name.partition(".")
    if system not in LABELS:
        raise ProjectError(f"{name!r} names no table: write sales.EntitySet or finops.EntitySet.")
    tables = load_tables(project / f"pipelines/{system}/tables.yml", system).values()
    found = next((table for table in tables if table.entity_set == entity_set), None)
    if found is None:
        raise ProjectError(
            f"{name} is not read yet: declare it in pipelines/{system}/tables.yml, with its key"
            " and columns."
        )
    model = _staging_model(project, found)
    return Side(found, model or f"stg_{system}__{found.name}", model is not None)


def pair(source: Side, target: Side, text: str) -> Pair:
    """The columns that `SourceField=TargetField` names. Raises ProjectError."""
    left, _, right = text.partition("=")
    read, held = _column(source, left), _column(target, right)
    if held.declared == "lookup":
        raise ProjectError(f"{right} is a lookup: map it by hand, as docs/add-a-flow.md says.")
    quoted = f'"{held.field}"' if target.system == "finops" else held.field
    kind = _TYPES.get(held.declared, held.declared)
    return Pair(read.name, read.field, held.name, held.field, quoted, kind)


def _column(end: Side, field: str) -> Column:
    for column in end.declared.columns:
        if field in (column.field, column.name):
            return column
    raise ProjectError(f"{end.label} has no column {field!r} in its tables.yml.")


def _staging_model(project: Path, table: Table) -> str | None:
    reads = f"source('{table.system}', '{table.name}')"
    for path in (project / f"models/staging/{table.system}").glob("stg_*.sql"):
        if reads in path.read_text(encoding="utf-8"):
            return path.stem
    return None


def _staged(system: str, column: Column) -> str:
    name, kind = column.name, column.declared
    if name == "data_area_id":
        return f"lower({name}) as {name}"
    if kind == "text":
        return f"{{{{ clean_text('{name}') }}}} as {name}"
    if system == "finops" and kind in ("date", "timestamp"):
        return f"{{{{ clean_{kind}('{name}') }}}} as {name}"
    return name
