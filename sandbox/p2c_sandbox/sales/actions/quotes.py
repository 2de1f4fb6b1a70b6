"""Quotes as a seller writes, activates, revises, wins and loses them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from p2c_sandbox.sales.actions.documents import (
    Currency,
    Customer,
    Draft,
    Freight,
    Lines,
    Name,
    Prices,
    Unit,
    WriteIns,
    body,
)
from p2c_sandbox.sales.desk import Row, SalesDesk, SalesRefused, quoted

Number = Annotated[str, "Quote number; the latest revision is meant."]
LOST, WON = 5, 4


def add_quote(  # noqa: PLR0913 - the fields of a form
    desk: SalesDesk,
    *,
    customer: Customer,
    lines: Lines = (),
    write_ins: WriteIns = (),
    name: Name = "",
    price_list: Prices = "",
    currency: Currency = "",
    business_unit: Unit = "",
    freight: Freight = Decimal(0),
) -> dict[str, object]:
    """Write a quote as Draft."""
    draft = Draft(customer, lines, write_ins, name, price_list, currency, business_unit, freight)
    created = desk.create("quotes", body(desk, draft, "quote_details"))
    return summary(desk.get("quotes", created["quoteid"]))


def activate_quote(desk: SalesDesk, *, quote: Number) -> dict[str, object]:
    """Activate a draft quote; it is read-only from then on."""
    row = find_quote(desk, quote)
    return summary(desk.change("quotes", row["quoteid"], {"statecode": 1}))


def revise_quote(desk: SalesDesk, *, quote: Number) -> dict[str, object]:
    """Close an active quote and go on with a new revision of it as Draft."""
    return summary(desk.act("ReviseQuote", {"QuoteId": find_quote(desk, quote)["quoteid"]}))


def win_quote(desk: SalesDesk, *, quote: Number) -> dict[str, object]:
    """Close an active quote as Won; this makes no order yet."""
    return _close(desk, "WinQuote", quote, WON)


def lose_quote(desk: SalesDesk, *, quote: Number) -> dict[str, object]:
    """Close a quote as Lost."""
    return _close(desk, "CloseQuote", quote, LOST)


def order_from_quote(desk: SalesDesk, *, quote: Number) -> dict[str, object]:
    """Make an order of an active or won quote, with its lines, prices and discounts."""
    row = find_quote(desk, quote)
    created = desk.act("ConvertQuoteToSalesOrder", {"QuoteId": row["quoteid"]})
    return {
        "order": created["ordernumber"],
        "id": created["salesorderid"],
        "total": created["totalamount"],
    }


def find_quote(desk: SalesDesk, number: str) -> Row:
    """The latest revision of a quote."""
    rows = desk.find("quotes", f"quotenumber eq {quoted(number)}", "revisionnumber desc")
    if not rows:
        raise SalesRefused(f"There is no quote '{number}' in Sales.")
    return rows[0]


def summary(row: Row) -> dict[str, object]:
    """What a quote looks like now."""
    states = ("Draft", "Active", "Won", "Closed")
    return {
        "quote": row["quotenumber"],
        "revision": row["revisionnumber"],
        "id": row["quoteid"],
        "state": states[row["statecode"]],
        "total": row["totalamount"],
    }


def _close(desk: SalesDesk, name: str, number: str, status: int) -> dict[str, object]:
    row = find_quote(desk, number)
    activity = {"quoteid@odata.bind": f"/quotes({row['quoteid']})", "subject": name}
    desk.act(name, {"Status": status, "QuoteClose": activity})
    return summary(desk.get("quotes", row["quoteid"]))
