"""Headers and lines of quotes, orders and invoices: columns they take over from other rows."""

from __future__ import annotations

from typing import cast

from sandbox.odata.model import Row, Table
from sandbox.sales.call import Call
from sandbox.sales.rules.base import Rule

_PARENTS = {
    "quotedetails": ("quotes", "quoteid"),
    "salesorderdetails": ("salesorders", "salesorderid"),
    "invoicedetails": ("invoices", "invoiceid"),
}
_OWNER = ("ownerid", "ownerid__entity", "owningbusinessunit", "owninguser", "owningteam")


class DocumentHeaders(Rule):
    """`accountid` and `contactid` show the customer by kind; they are read-only (A13)."""

    sets = frozenset({"quotes", "salesorders", "invoices"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _copy_customer(row, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if "customerid" in changes:
            _copy_customer(changes, changes)


def _copy_customer(source: Row, target: Row) -> None:
    entity = source.get("customerid__entity")
    target["accountid"] = source.get("customerid") if entity == "account" else None
    target["contactid"] = source.get("customerid") if entity == "contact" else None


class DocumentLines(Rule):
    """A line has the currency and the owner of its document, a name, and a place in it."""

    sets = frozenset(_PARENTS)

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        parent_set, column = _PARENTS[table.set]
        parent = call.row(parent_set, row.get(column)) if row.get(column) else None
        if parent is None:
            return
        row["transactioncurrencyid"] = parent["transactioncurrencyid"]
        row |= {name: parent[name] for name in _OWNER}
        row[f"{table.entity}name"] = self._name(call, row)
        if row.get("lineitemnumber") is None:
            row["lineitemnumber"] = _next_place(call, table, column, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & {"productid", "productdescription"}:
            changes[f"{table.entity}name"] = self._name(call, {**before, **changes})

    def _name(self, call: Call, row: Row) -> str | None:
        product = call.row("products", row["productid"]) if row.get("productid") else None
        name = product["name"] if product else row.get("productdescription")
        return cast(str, name)[:100] if name else None


def _next_place(call: Call, table: Table, column: str, row: Row) -> int:
    sql = f'SELECT coalesce(max(lineitemnumber), 0) FROM "{table.set}" WHERE "{column}" = ?'
    return int(call.store.execute(sql, (str(row[column]),))[0][0]) + 1
