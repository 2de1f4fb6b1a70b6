"""Computed columns of persons."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.rules.base import Rule

_PARTS = ("firstname", "middlename", "lastname")


class FullNames(Rule):
    """`fullname` is computed and read-only (field mapping 8.5)."""

    sets = frozenset({"contacts", "systemusers"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        row["fullname"] = _joined(row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if any(part in changes for part in _PARTS):
            changes["fullname"] = _joined({**before, **changes})


def _joined(row: Row) -> str | None:
    return " ".join(str(row[part]) for part in _PARTS if row.get(part)) or None


class ContactCompany(Rule):
    """The solution keeps `msdynce_iscompanyanaccount` from the parent (field mapping 6.4)."""

    sets = frozenset({"contacts"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        row["msdynce_iscompanyanaccount"] = row.get("parentcustomerid__entity") == "account"

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if "parentcustomerid" in changes:
            entity = changes.get("parentcustomerid__entity")
            changes["msdynce_iscompanyanaccount"] = entity == "account"
