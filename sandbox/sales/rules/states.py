"""States: which status goes with which state, and what a state locks (protocols A13)."""

from __future__ import annotations

from typing import cast

from sandbox.odata.model import Row, Table
from sandbox.sales.call import Call
from sandbox.sales.errors import refused
from sandbox.sales.rules.base import Rule

_WITH_STATES = frozenset(
    {
        "accounts", "contacts", "products", "pricelevels", "uomschedules", "transactioncurrencies",
        "quotes", "salesorders", "invoices", "msdynce_p2cautonumbers",
    }
)  # fmt: skip
_STATE = frozenset({"statecode", "statuscode"})
# Quotes can be edited as Draft, orders and invoices as Active; P2C's own flags stay writable.
_HEADERS = frozenset({"quotes", "salesorders", "invoices"})
_LINES = {
    "quotedetails": ("quotes", "quoteid"),
    "salesorderdetails": ("salesorders", "salesorderid"),
    "invoicedetails": ("invoices", "invoiceid"),
}
READ_ONLY = "Cannot Update a Read-Only Entity"


class StatePairs(Rule):
    """InvalidStateCodeStatusCode for a pair that does not fit; one alone brings the other."""

    sets = _WITH_STATES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _check(table, row, cast(int, row["statecode"]), cast(int, row["statuscode"]))

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if not _STATE & changes.keys():
            return
        states = table.columns["statuscode"].states
        state = cast(int, changes.get("statecode", before["statecode"]))
        status = cast(int | None, changes.get("statuscode"))
        if status is None:
            moved = state != before["statecode"]
            status = states[state][0] if moved else cast(int, before["statuscode"])
        _check(table, before, state, status)
        changes |= {"statecode": state, "statuscode": status}


def _check(table: Table, row: Row, state: int, status: int) -> None:
    if status in table.columns["statuscode"].states[state]:
        return
    label = table.columns["statecode"].options[state].replace(" ", "")
    raise refused(
        "0x80048408",
        f"{status} is not a valid status code for state code {table.entity}State.{label} on "
        f"{table.entity} with Id {row[table.key_column]}.",
    )


class StateLocks(Rule):
    """Rows of documents that are not open are read-only, and so are their lines."""

    sets = _HEADERS | _LINES.keys()

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        if table.set in _LINES:
            self._parent_open(call, table, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if table.set in _LINES:
            self._parent_open(call, table, before)
        elif not _open(call, table, before) and not changes.keys() <= _STATE:
            raise refused("0x8004022e", READ_ONLY)

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        if table.set in _LINES:
            self._parent_open(call, table, row)
        elif row["statecode"] != 0:
            raise refused("0x80040228", "Cannot Delete a Read-Only Entity")

    def _parent_open(self, call: Call, table: Table, row: Row) -> None:
        """ParentReadOnly."""
        parent_set, column = _LINES[table.set]
        parent = call.row(parent_set, row.get(column)) if row.get(column) else None
        table = call.service.table(parent_set)
        if parent is not None and not _open(call, table, parent):
            raise refused("0x80043b09", "The parent of this record is read-only.")


def _open(call: Call, table: Table, row: Row) -> bool:
    """Quotes are open as Draft, orders and invoices as Active. In integration mode an integration
    user may also edit submitted orders (A13)."""
    if row["statecode"] == 0:
        return True
    submitted = table.set == "salesorders" and row["statecode"] == 1
    return submitted and integration_mode(call)


def integration_mode(call: Call) -> bool:
    """Both the organisation and the caller are set for order integration (A13)."""
    user = call.row("systemusers", call.user_id)
    allowed = bool(user and user["isintegrationuser"])
    return allowed and bool(call.organization["issopintegrationenabled"])
