"""States: which status goes with which state, and what a state locks (protocols A13)."""

from __future__ import annotations

from typing import cast

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import EXTERNAL, HEADERS, LINES, header_of

_WITH_STATES = frozenset(
    {
        "accounts", "contacts", "products", "pricelevels", "uomschedules", "transactioncurrencies",
        "quotes", "salesorders", "invoices", "msdynce_p2cautonumbers",
    }
)  # fmt: skip
_STATE = frozenset({"statecode", "statuscode"})
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
    """Rows of documents that are not open are read-only, and so are their lines. Quotes are open
    as Draft, orders and invoices as Active."""

    sets = HEADERS | LINES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        if table.set in LINES:
            self._parent_open(call, table, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if table.set in LINES:
            self._parent_open(call, table, before)
        elif not _open(call, table.entity, before) and not changes.keys() <= _STATE:
            raise refused("0x8004022e", READ_ONLY)

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        if table.set in LINES:
            self._parent_open(call, table, row)
        elif not _open(call, table.entity, row):
            raise refused("0x80040228", "Cannot Delete a Read-Only Entity")

    def _parent_open(self, call: Call, table: Table, row: Row) -> None:
        """ParentReadOnly."""
        parent = header_of(call, table, row)
        if parent is not None and not _open(call, table.entity.removesuffix("detail"), parent):
            raise refused("0x80043b09", "The parent of this record is read-only.")


def _open(call: Call, entity: str, row: Row) -> bool:
    """The integration goes on to write what it maintains when an order has turned Invoiced (I2);
    an integration user in integration mode may edit submitted orders (protocols A13)."""
    if row["statecode"] == 0 or call.system:
        return True
    if entity == "quote":
        return False
    if row[EXTERNAL] and call.by_integration:
        return True
    return entity == "salesorder" and row["statecode"] == 1 and integration_mode(call)


def integration_mode(call: Call) -> bool:
    """Both the organisation and the caller are set for order integration (protocols A13)."""
    user = call.row("systemusers", call.user_id)
    allowed = bool(user and user["isintegrationuser"])
    return allowed and bool(call.organization["issopintegrationenabled"])
