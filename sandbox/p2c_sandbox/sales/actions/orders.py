"""Orders as a seller enters, activates and cancels them."""

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
from p2c_sandbox.sales.desk import Row, SalesDesk
from p2c_sandbox.sales.rules.locks import ACTIVE, STATUS

Number = Annotated[str, "Order number."]
_CANCELED = 4


def add_order(  # noqa: PLR0913 - the fields of a form
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
    """Enter an order; its processing status is Draft."""
    draft = Draft(customer, lines, write_ins, name, price_list, currency, business_unit, freight)
    created = desk.create("salesorders", body(desk, draft, "order_details"))
    return summary(desk.get("salesorders", created["salesorderid"]))


def activate_order(desk: SalesDesk, *, order: Number) -> dict[str, object]:
    """Activate a draft order, which hands it over to Finance and Operations."""
    row = find_order(desk, order)
    return summary(desk.change("salesorders", row["salesorderid"], {STATUS: ACTIVE}))


def cancel_order(desk: SalesDesk, *, order: Number) -> dict[str, object]:
    """Cancel an order that is still a draft."""
    row = find_order(desk, order)
    activity = {
        "salesorderid@odata.bind": f"/salesorders({row['salesorderid']})",
        "subject": "Cancelled",
    }
    desk.act("CancelSalesOrder", {"Status": _CANCELED, "OrderClose": activity})
    return summary(desk.get("salesorders", row["salesorderid"]))


def find_order(desk: SalesDesk, number: str) -> Row:
    """An order by its number."""
    return desk.one("salesorders", "ordernumber", number, "order")


def summary(row: Row) -> dict[str, object]:
    """What an order looks like now."""
    states = ("Active", "Submitted", "Canceled", "Fulfilled", "Invoiced")
    return {
        "order": row["ordernumber"],
        "id": row["salesorderid"],
        "state": states[row["statecode"]],
        "processing_status": row[STATUS],
        "total": row["totalamount"],
    }
