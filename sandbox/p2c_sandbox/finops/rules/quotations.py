"""Sales quotations: what may be written, and what follows from it (flows Q, field-mapping 5)."""

from __future__ import annotations

from p2c_sandbox.finops.rules.base import Change, Relation, Rules
from p2c_sandbox.finops.rules.countries import follow
from p2c_sandbox.finops.rules.documents import QUOTATIONS, computed
from p2c_sandbox.finops.rules.headers import (
    HEADER_RELATIONS,
    addresses,
    follows_customer,
    requested_dates,
)
from p2c_sandbox.finops.rules.lines import belongs, discounted, sells, ships
from p2c_sandbox.finops.rules.totals import calculate
from p2c_sandbox.finops.sequences import LOTS, SALES_QUOTATIONS

_TOTALS = (
    "AreTotalsCalculated", "QuotationHeaderTaxAmount", "QuotationTotalAmount",
    "QuotationTotalChargesAmount", "QuotationTotalDiscountAmount", "QuotationTotalTaxAmount",
)  # fmt: skip


def lot(change: Change) -> None:
    """Every line has a lot of its own."""
    if change.is_new:
        change.row["InventoryLotId"] = LOTS.next(change.store, change.company)


def total(change: Change) -> None:
    """Quotations have their totals at once: no job is needed."""
    header = QUOTATIONS.header_of(change.store, change.row)
    if header is not None:
        calculate(change.store, QUOTATIONS, header)


def remove_lines(change: Change) -> None:
    """A quotation goes with its lines."""
    for line in QUOTATIONS.lines_of(change.store, change.row):
        change.store.delete(QUOTATIONS.lines, line)


HEADERS = Rules(
    sequence=SALES_QUOTATIONS,
    hooks=(
        computed(*_TOTALS),
        follows_customer(QUOTATIONS),
        addresses(QUOTATIONS),
        requested_dates(QUOTATIONS, needed=True),
        follow("DeliveryAddress"),
        follow("InvoiceAddress"),
    ),
    relations=HEADER_RELATIONS,
    before_delete=(remove_lines,),
    after_write=(total,),
)
LINES = Rules(
    hooks=(
        computed("AreTotalsCalculated", "LineAmount", "TotalTaxAmount"),
        belongs(QUOTATIONS),
        lot,
        sells(QUOTATIONS),
        ships(QUOTATIONS),
        discounted(QUOTATIONS),
        follow("DeliveryAddress"),
    ),
    relations=(
        Relation("SalesUnitSymbol", "UnitsOfMeasure", "UnitSymbol", "Units", False),
        Relation("ShippingSiteId", "OperationalSitesV2", "SiteId", "Sites"),
        Relation("ShippingWarehouseId", "Warehouses", "WarehouseId", "Warehouses"),
    ),
    after_write=(total,),
    after_delete=(total,),
)
