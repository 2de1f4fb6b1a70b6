"""Orders as a sales clerk of F&O enters and changes them, and the job that totals them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from p2c_sandbox.finops.actions.words import Amount, LineNumber, OrderNumber, Product
from p2c_sandbox.finops.amounts import plain
from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.desk import Desk
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.rules.documents import LINE, ORDERS, number_of
from p2c_sandbox.finops.rules.status import DELIVERED
from p2c_sandbox.finops.rules.totals import calculate, outdated, write
from p2c_sandbox.odata.model import Row


def create_order(
    desk: Desk,
    *,
    customer: Annotated[str, "Customer account."],
    order: Annotated[str, "Sales order number; the sequence gives one when left out."] = "",
    reference: Annotated[str, "The customer's reference."] = "",
    currency: Annotated[str, "ISO code; the customer's when left out."] = "",
    work_order: Annotated[bool, "The order comes from a work order."] = False,
) -> dict[str, object]:
    """Create a sales order in F&O; without a number the number sequence gives one."""
    origin = "WorkOrderIntegration" if work_order else "NotSpecified"
    header = desk.insert(
        ORDERS.headers,
        SalesOrderNumber=order,
        OrderingCustomerAccountNumber=customer,
        CustomersOrderReference=reference,
        CurrencyCode=currency,
        SalesOrderOriginType=origin,
    )
    return desk.up_to_date(header)


def add_line(
    desk: Desk,
    *,
    order: OrderNumber,
    product: Product,
    quantity: Annotated[Decimal, "Quantity."],
    price: Annotated[Decimal | None, "Price per unit; the product's when left out."] = None,
    discount: Annotated[Decimal, "Discount of the whole line."] = Decimal(0),
) -> dict[str, object]:
    """Add a line to an order."""
    values: dict[str, Any] = {} if price is None else {"SalesPrice": price}
    row = desk.insert(
        "CDSSalesOrderLines",
        SalesOrderNumber=order,
        ProductNumber=product,
        OrderedSalesQuantity=quantity,
        TotalDiscountAmount=discount,
        **values,
    )
    return {**desk.up_to_date(desk.order(order)), "line": row[LINE]}


def edit_line(
    desk: Desk,
    *,
    order: OrderNumber,
    line: LineNumber,
    quantity: Annotated[Decimal | None, "New quantity; the discount per unit stays."] = None,
    price: Annotated[Decimal | None, "New price per unit."] = None,
    discount: Annotated[Decimal | None, "New discount of the whole line."] = None,
) -> dict[str, object]:
    """Change a line of an order."""
    row = desk.line(desk.open_order(order), line)
    values: dict[str, Any] = {"LineDiscountAmount": row["LineDiscountAmount"]}
    if discount is not None:
        values = {"TotalDiscountAmount": discount}
    if quantity is not None:
        values["OrderedSalesQuantity"] = quantity
    if price is not None:
        values["SalesPrice"] = price
    desk.update("CDSSalesOrderLines", _key(row), **values)
    return {**desk.up_to_date(desk.order(order)), "line": line}


def remove_line(desk: Desk, *, order: OrderNumber, line: LineNumber) -> dict[str, object]:
    """Remove a line that has not been delivered."""
    row = desk.line(desk.open_order(order), line)
    desk.delete(ORDERS.lines, row)
    return {**desk.up_to_date(desk.order(order)), "line": line}


def add_charge(
    desk: Desk,
    *,
    order: OrderNumber,
    amount: Amount,
    line: Annotated[int, "A line to charge; the whole order when left out."] = 0,
) -> dict[str, object]:
    """Add a charge such as freight to an order, or to one of its lines; less than 0 takes away."""
    header = desk.open_order(order)
    if line:
        row = desk.line(header, line)
        column, entity_set = "TotalChargesAmount", ORDERS.lines
    else:
        row, column, entity_set = header, "HeaderChargesAmount", ORDERS.headers
    charges = number_of(row, column) + amount
    if charges < 0:
        raise FinopsError(f"{ORDERS.label(header)} has charges of {plain(charges - amount)} only.")
    write(desk.store, entity_set, [(row, {column: charges})])
    outdated(desk.store, ORDERS, desk.order(order))
    return {**desk.up_to_date(desk.order(order)), "charges": charges}


def set_order_discount(desk: Desk, *, order: OrderNumber, amount: Amount) -> dict[str, object]:
    """Set the discount of the whole order, besides those of its lines."""
    header = desk.open_order(order)
    desk.update(ORDERS.headers, {ORDERS.number: header[ORDERS.number]}, TotalDiscountAmount=amount)
    return desk.up_to_date(desk.order(order))


def confirm_order(desk: Desk, *, order: OrderNumber) -> dict[str, object]:
    """Confirm an order: from now on it may go to Sales."""
    header = desk.open_order(order)
    lines = ORDERS.lines_of(desk.store, header)
    if not lines:
        raise FinopsError(f"{ORDERS.label(header)} has no lines and cannot be confirmed.")
    for row, entity_set in ((header, ORDERS.headers), *((line, ORDERS.lines) for line in lines)):
        write(desk.store, entity_set, [(row, _confirmed(row))])
    write(desk.store, ORDERS.headers, [(header, {"IsConfirmed": "Yes"})])
    return desk.up_to_date(header)


def _confirmed(row: Row) -> Row:
    return {
        "ConfirmedShippingDate": row["RequestedShippingDate"],
        "ConfirmedReceiptDate": row["RequestedReceiptDate"],
    }


def calculate_totals(
    desk: Desk, *, order: Annotated[str, "One order; all that need it when left out."] = ""
) -> dict[str, object]:
    """Run the job "Calculate sales totals": all orders that need it, or one."""
    if order:
        headers = [desk.order(order)]
    else:
        headers = desk.store.find(ORDERS.headers, {COMPANY: desk.company, "AreTotalsUpdated": "No"})
    for header in headers:
        calculate(desk.store, ORDERS, header)
    return {"company": desk.company, "orders": len(headers)}


def cancel_order(desk: Desk, *, order: OrderNumber) -> dict[str, object]:
    """Cancel an order of which nothing has been delivered."""
    header = desk.open_order(order)
    if any(line[DELIVERED] for line in ORDERS.lines_of(desk.store, header)):
        raise FinopsError(f"{ORDERS.label(header)} is partly delivered and cannot be cancelled.")
    write(desk.store, ORDERS.headers, [(header, {"IsCanceled": "Yes"})])
    return desk.up_to_date(header)


def _key(line: Row) -> Row:
    return {name: line[name] for name in (ORDERS.number, LINE)}
