"""What a table's rules are made of: references to other tables, hooks before a row is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.errors import unrelated, write_failed
from p2c_sandbox.finops.sequences import NumberSequence
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.model import Row, Table, Value
from p2c_sandbox.odata.store import Store


@dataclass(frozen=True)
class Change:
    """A row about to be written: what the client gave, what it will be, what it was."""

    store: Store
    settings: FinopsSettings
    table: Table
    sent: Mapping[str, Value]
    row: Row
    before: Row | None

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def company(self) -> str:
        return str(self.row[COMPANY])

    @property
    def entity(self) -> str:
        """The name that error texts use."""
        return self.table.label or self.table.entity

    def label(self, column: str) -> str:
        """How users know a field."""
        return self.table.columns[column].label or column

    def refuse(self, *lines: str) -> None:
        """Stop the write; the lines become the infolog. Raises FinopsError."""
        raise write_failed(self.entity, lines)

    def must_fill(self, column: str) -> None:
        """Stop the write because a field is empty."""
        self.refuse(f"Field '{self.label(column)}' must be filled in.")


@dataclass(frozen=True)
class Relation:
    """A field that names a row of another table; empty is allowed."""

    column: str
    entity_set: str
    key: str
    related: str
    per_company: bool = True

    def check(self, change: Change) -> None:
        """Raises FinopsError when there is no such row."""
        value = change.row[self.column]
        if value == "" or not (change.is_new or self.column in change.sent):
            return
        sql, params = f'SELECT 1 FROM "{self.entity_set}" WHERE "{self.key}" = ?', [str(value)]
        if self.per_company:
            sql, params = f'{sql} AND "{COMPANY}" = ?', [*params, change.company]
        if not change.store.execute(f"{sql} LIMIT 1", params):
            change.refuse(unrelated(value, change.label(self.column), self.related))


Hook = Callable[[Change], None]
Action = Callable[[Store, Row | None, Mapping[str, Any]], object]


@dataclass(frozen=True)
class Rules:
    """Business rules of one table. Hooks run in order, before references are checked."""

    sequence: NumberSequence | None = None
    defaults: Mapping[str, Value] = field(default_factory=dict)
    hooks: tuple[Hook, ...] = ()
    relations: tuple[Relation, ...] = ()
    before_delete: tuple[Hook, ...] = ()
    after_delete: tuple[Hook, ...] = ()
    after_write: tuple[Hook, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)
