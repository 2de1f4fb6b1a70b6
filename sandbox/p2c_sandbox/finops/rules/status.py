"""The status of an order follows from what was posted for its lines (field-mapping 6.3)."""

from __future__ import annotations

from collections.abc import Sequence

from p2c_sandbox.finops.rules.documents import ORDERS, number_of
from p2c_sandbox.finops.rules.totals import write
from p2c_sandbox.odata.model import Row
from p2c_sandbox.odata.store import Store

ORDERED, PICKED, DELIVERED, INVOICED = (
    "OrderedSalesQuantity", "PickedQuantity", "DeliveredQuantity", "InvoicedQuantity",
)  # fmt: skip
PROCESSING = "SalesOrderProcessingStatus"


def update_status(store: Store, header: Row) -> str:
    """Bring the statuses of an order and its lines up to date; the processing status."""
    lines = ORDERS.lines_of(store, header)
    status = processing_status(header, lines)
    write(
        store,
        ORDERS.headers,
        [(header, {PROCESSING: status, "SalesOrderStatus": _order_status(status, lines)})],
    )
    write(
        store,
        ORDERS.lines,
        [
            (line, {PROCESSING: status, "SalesOrderLineStatus": _line_status(status, line)})
            for line in lines
        ],
    )
    return status


def processing_status(header: Row, lines: Sequence[Row]) -> str:
    """How far an order is. Some lines invoiced is PartiallyInvoiced, delivered or not: the table of
    field-mapping 6.3 has no row for DeliveredPartiallyInvoiced."""
    if header["IsCanceled"] == "Yes":
        return "Canceled"
    for name, whole, part in (
        (INVOICED, "Invoiced", "PartiallyInvoiced"),
        (DELIVERED, "Delivered", "PartiallyDelivered"),
    ):
        if any(line[name] for line in lines):
            return whole if all(line[name] == line[ORDERED] for line in lines) else part
    if any(number_of(line, PICKED) for line in lines):
        return "Picked"
    return "Confirmed" if header["IsConfirmed"] == "Yes" else "Active"


def _order_status(status: str, lines: Sequence[Row]) -> str:
    if status in ("Canceled", "Invoiced"):
        return status
    delivered = bool(lines) and all(line[DELIVERED] == line[ORDERED] for line in lines)
    return "Delivered" if delivered else "Backorder"


def _line_status(status: str, line: Row) -> str:
    if status == "Canceled":
        return status
    for name, state in ((INVOICED, "Invoiced"), (DELIVERED, "Delivered")):
        if line[ORDERED] and line[name] == line[ORDERED]:
            return state
    return "Backorder"
