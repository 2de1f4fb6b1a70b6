"""Headers and lines of quotes, orders and invoices: columns they take over from other rows."""

from __future__ import annotations

from typing import cast

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import BY_LINES, HEADERS, LINES, QUOTE, header_of

_OWNER = ("ownerid", "ownerid__entity", "owningbusinessunit", "owninguser", "owningteam")
_PLACES = ("lineitemnumber", "sequencenumber")


class DocumentHeaders(Rule):
    """`accountid` and `contactid` show the customer by kind; they are read-only (protocols A13).
    The price list is in the document's currency (protocols A11 CurrencyNotEqual)."""

    sets = HEADERS

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _copy_customer(row, row)
        _check_currency(call, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if "customerid" in changes:
            _copy_customer(changes, changes)
        if changes.keys() & {"pricelevelid", "transactioncurrencyid"}:
            _check_currency(call, {**before, **changes})


def _copy_customer(source: Row, target: Row) -> None:
    entity = source.get("customerid__entity")
    target["accountid"] = source.get("customerid") if entity == "account" else None
    target["contactid"] = source.get("customerid") if entity == "contact" else None


def _check_currency(call: Call, row: Row) -> None:
    list_id = row.get("pricelevelid")
    price_list = call.row("pricelevels", list_id) if list_id else None
    currency = row.get("transactioncurrencyid")
    if price_list and currency and price_list["transactioncurrencyid"] != currency:
        raise refused(
            "0x80048cea",
            "The currency of the record does not match the currency of the price list.",
        )


class DocumentLines(Rule):
    """A line has the currency and the owner of its document, a name, and a place in it.

    `sequencenumber` is given when omitted, the next in the document, and stays with the line
    whatever is inserted or removed (O8).
    """

    sets = LINES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        parent = header_of(call, table, row)
        if parent is None:
            return
        kind = BY_LINES[table.set]
        row["transactioncurrencyid"] = parent["transactioncurrencyid"]
        row |= {name: parent[name] for name in _OWNER}
        row[f"{table.entity}name"] = self._name(call, row)
        if kind is QUOTE:
            row["msdynce_quoterevisionnumber"] = parent["revisionnumber"]
        for name in _PLACES:
            if row.get(name) is None:
                row[name] = next_place(call, table.set, kind.column, row, name)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & {"productid", "productdescription"}:
            changes[f"{table.entity}name"] = self._name(call, {**before, **changes})

    def _name(self, call: Call, row: Row) -> str | None:
        product = call.row("products", row["productid"]) if row.get("productid") else None
        name = product["name"] if product else row.get("productdescription")
        return cast(str, name)[:100] if name else None


def next_place(call: Call, lines: str, column: str, row: Row, name: str) -> int:
    """One more than the highest number of the document's lines."""
    sql = f'SELECT coalesce(max("{name}"), 0) FROM "{lines}" WHERE "{column}" = ?'
    return int(call.store.execute(sql, (str(row[column]),))[0][0]) + 1
