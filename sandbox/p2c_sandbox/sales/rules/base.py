"""What a business rule can hook into. One small module for each topic; `registry.py` lists them."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call


class Rule:
    """Subclasses name the entity sets they watch and override the hooks they need.

    `before_…` hooks may change `row` / `changes` or raise ServiceError; `after_…` hooks run when
    the row is stored, in the same transaction.
    """

    sets: frozenset[str] = frozenset()

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        """`row` holds defaults, what was sent, and the columns the system sets."""

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        """`row` as it was stored."""

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        """`changes` holds what was sent; `before` is the row as it stands."""

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        """`changes` as they were stored."""

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        """`row` as it stands."""

    def after_delete(self, call: Call, table: Table, row: Row) -> None:
        """`row` as it was."""
