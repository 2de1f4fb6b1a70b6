"""Sales orders: what may be written, and what follows from it (flows O, field-mapping 6 and 9)."""

from __future__ import annotations

from p2c_sandbox.finops.amounts import plain
from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.rules.base import Change, Relation, Rules
from p2c_sandbox.finops.rules.countries import follow
from p2c_sandbox.finops.rules.documents import ORDERS, computed, number_of
from p2c_sandbox.finops.rules.headers import (
    HEADER_RELATIONS,
    addresses,
    follows_customer,
    maintained,
    requested_dates,
)
from p2c_sandbox.finops.rules.lines import belongs, discounted, sells, ships
from p2c_sandbox.finops.rules.status import DELIVERED, ORDERED, PROCESSING, update_status
from p2c_sandbox.finops.rules.totals import outdated, write
from p2c_sandbox.finops.sequences import LOTS, SALES_ORDERS
from p2c_sandbox.odata.model import Row, Value
from p2c_sandbox.odata.store import Store, stamp

CLOSED = ("Invoiced", "Canceled")
# Columns of the header that every line repeats.
_REPEATED = (
    "CurrencyCode", "OrderingCustomerIsExternallyMaintained",
    "InvoiceCustomerIsExternallyMaintained", "SalesOrderOriginType",
)  # fmt: skip
_TOTALS = (
    "AreTotalsUpdated", "OrderHeaderTaxAmount", "OrderTotalAmount", "OrderTotalChargesAmount",
    "OrderTotalDiscountAmount", "OrderTotalTaxAmount",
)  # fmt: skip


def open_order(change: Change) -> None:
    """An invoiced or cancelled order is closed."""
    if change.before is not None:
        refuse_closed(change, change.before)


def new_order(change: Change) -> None:
    """What the system notes of a new order."""
    if change.is_new:
        change.row["OrderCreationDateTime"] = stamp(change.store.clock())
        change.row["SalesOrderStatus"] = "Backorder"


def repeat_on_lines(change: Change) -> None:
    """A change of the header shows on its lines, and its totals are to be worked out again."""
    if change.before is None:
        return
    header = _stored_header(change.store, change.row)
    lines = ORDERS.lines_of(change.store, header)
    repeated = {name: header[name] for name in _REPEATED}
    write(change.store, ORDERS.lines, [(line, repeated) for line in lines])
    outdated(change.store, ORDERS, header)


def remove_order(change: Change) -> None:
    """An order goes with its lines, as long as nothing was posted for it."""
    lines = ORDERS.lines_of(change.store, change.row)
    if any(line[DELIVERED] for line in lines) or change.row["SalesOrderProcessingStatus"] in CLOSED:
        change.refuse(f"{ORDERS.label(change.row)} has been posted and cannot be deleted.")
    for line in lines:
        change.store.delete(ORDERS.lines, line)


def of_order(change: Change) -> None:
    """A line shows its order's status, customers and origin."""
    header = ORDERS.header_of(change.store, change.row)
    if header is None:
        return
    refuse_closed(change, header)
    row = change.row
    row |= {name: header[name] for name in _REPEATED}
    row[PROCESSING] = header[PROCESSING]
    row["SalesOrderNumberHeader"] = row["SalesOrderNumber"] = header["SalesOrderNumber"]
    if change.is_new:
        row["InventoryLotId"] = LOTS.next(change.store, change.company)
        row["SalesOrderLineStatus"] = "Backorder"
    elif abs(number_of(row, ORDERED)) < abs(number_of(row, DELIVERED)):
        change.refuse(
            f"{plain(number_of(row, DELIVERED))} of the line are delivered: it cannot have fewer."
        )


def line_written(change: Change) -> None:
    """A change of a line may move the order's status; its totals hold no longer."""
    header = _stored_header(change.store, change.row)
    outdated(change.store, ORDERS, header)
    if header[PROCESSING] not in ("Active", "Confirmed"):
        update_status(change.store, header)


def remove_line(change: Change) -> None:
    """A line can go while none of it is delivered."""
    header = _stored_header(change.store, change.row)
    refuse_closed(change, header)
    if change.row[DELIVERED]:
        change.refuse("The line has been delivered and cannot be deleted.")


def refuse_closed(change: Change, header: Row) -> None:
    """Raises FinopsError for an order that is invoiced or cancelled."""
    status = header["SalesOrderProcessingStatus"]
    if status in CLOSED:
        change.refuse(f"{ORDERS.label(header)} cannot be changed: its status is {status}.")


def _stored_header(store: Store, row: Row) -> Row:
    key: dict[str, Value] = {name: row[name] for name in (COMPANY, "SalesOrderNumber")}
    header = store.get(ORDERS.headers, key)
    assert header is not None
    return header


HEADERS = Rules(
    sequence=SALES_ORDERS,
    hooks=(
        open_order,
        computed(*_TOTALS, "SalesOrderProcessingStatus", "SalesOrderStatus"),
        new_order,
        follows_customer(ORDERS),
        addresses(ORDERS),
        requested_dates(ORDERS, needed=False),
        maintained,
        follow("DeliveryAddress"),
        follow("InvoiceAddress"),
    ),
    relations=HEADER_RELATIONS,
    before_delete=(remove_order,),
    after_write=(repeat_on_lines,),
)
LINES = Rules(
    hooks=(
        computed(
            "AreSalesOrderTotalsUpdated", "AreTotalsCalculated", "LineAmount", "PickedQuantity",
            "SalesOrderLineStatus", "SalesOrderProcessingStatus", "TotalTaxAmount",
        ),
        belongs(ORDERS),
        of_order,
        sells(ORDERS),
        ships(ORDERS),
        discounted(ORDERS),
        follow("DeliveryAddress"),
    ),
    relations=(
        Relation("SalesUnitSymbol", "UnitsOfMeasure", "UnitSymbol", "Units", False),
        Relation("ShippingSiteId", "OperationalSitesV2", "SiteId", "Sites"),
        Relation("ShippingWarehouseId", "Warehouses", "WarehouseId", "Warehouses"),
    ),
    before_delete=(remove_line,),
    after_write=(line_written,),
    after_delete=(line_written,),
)  # fmt: skip
