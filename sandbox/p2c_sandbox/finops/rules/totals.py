"""Totals and taxes of a document, as the job "Calculate sales totals" works them out.

For orders (quotations: Quotation… for Order…), every amount rounded to the currency, half up:

    TotalTaxAmount of a line   rate x (price x quantity - TotalDiscountAmount + TotalChargesAmount)
    OrderTotalChargesAmount    charges of the header + TotalChargesAmount of the lines
    OrderHeaderTaxAmount       rate on charges x charges of the header
    OrderTotalTaxAmount        TotalTaxAmount of the lines + OrderHeaderTaxAmount
    OrderTotalDiscountAmount   TotalDiscountAmount of the lines + TotalDiscountAmount of the header
    OrderTotalAmount           price x quantity of the lines - OrderTotalDiscountAmount
                               + OrderTotalChargesAmount + OrderTotalTaxAmount

FixedPriceCharges of a line, the rounding of its discount, is part of TotalDiscountAmount and of no
total of charges. The discount of the header does not lower the tax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from p2c_sandbox.finops.amounts import Amounts, Terms, line_amounts, percent
from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.rules.documents import ORDERS, QUOTATIONS, Document, number_of
from p2c_sandbox.finops.rules.lines import discount_of, rounding
from p2c_sandbox.finops.taxes import CHARGES, product_kind, rate
from p2c_sandbox.odata.model import Row, Value
from p2c_sandbox.odata.store import Store

_CALCULATED: Mapping[str, str] = {
    ORDERS.headers: "AreTotalsUpdated",
    QUOTATIONS.headers: "AreTotalsCalculated",
}
_LINE_FLAGS: Mapping[str, tuple[str, ...]] = {
    ORDERS.lines: ("AreTotalsCalculated", "AreSalesOrderTotalsUpdated"),
    QUOTATIONS.lines: ("AreTotalsCalculated",),
}


@dataclass(frozen=True)
class LineTerms:
    """A line and what its amounts follow from."""

    row: Row
    terms: Terms


def calculate(store: Store, document: Document, header: Row) -> None:
    """Work out a document's totals and mark them as up to date."""
    lines = terms_of(store, document, header)
    amounts = [line_amounts(one.terms, number_of(one.row, document.quantity)) for one in lines]
    flags: dict[str, Value] = dict.fromkeys(_LINE_FLAGS[document.lines], "Yes")
    changed = [
        (one.row, {"TotalTaxAmount": part.tax, **flags})
        for one, part in zip(lines, amounts, strict=True)
    ]
    write(store, document.lines, changed)
    totals = _totals(store, document, header, amounts)
    write(store, document.headers, [(header, totals | {_CALCULATED[document.headers]: "Yes"})])


def outdated(store: Store, document: Document, header: Row) -> None:
    """The document changed: its totals hold no longer."""
    flag = _CALCULATED[document.headers]
    if header[flag] == "No":
        return
    write(store, document.headers, [(header, {flag: "No"})])
    flags: dict[str, Value] = dict.fromkeys(_LINE_FLAGS[document.lines], "No")
    write(store, document.lines, [(line, flags) for line in document.lines_of(store, header)])


def terms_of(store: Store, document: Document, header: Row) -> list[LineTerms]:
    """The lines of a document with price, discount, charges and tax rate."""
    unit = rounding(store, header["CurrencyCode"])
    return [
        LineTerms(line, _terms(store, document, header, line, unit))
        for line in document.lines_of(store, header)
    ]


def header_tax(store: Store, document: Document, header: Row) -> Decimal:
    """Tax on the charges of the header, such as freight."""
    unit = rounding(store, header["CurrencyCode"])
    charges = number_of(header, "HeaderChargesAmount")
    return percent(_rate(store, document, header, CHARGES), charges, unit)


def write(
    store: Store, entity_set: str, changes: Sequence[tuple[Row, Mapping[str, Value]]]
) -> None:
    """Update rows where something differs, so that no version moves for nothing."""
    moved = []
    for row, values in changes:
        differs = {name: value for name, value in values.items() if row[name] != value}
        if differs:
            row.update(differs)
            moved.append((cast(int, row["_id"]), differs))
    store.update(entity_set, moved)


def _terms(store: Store, document: Document, header: Row, line: Row, unit: Decimal) -> Terms:
    kind = product_kind(store, str(header[COMPANY]), str(line["ProductNumber"]))
    return Terms(
        price=number_of(line, "SalesPrice"),
        discount=discount_of(line),
        charges=number_of(line, "TotalChargesAmount"),
        rate=_rate(store, document, header, kind),
        unit=unit,
    )


def _rate(store: Store, document: Document, header: Row, kind: str) -> Decimal:
    return rate(store, str(header[COMPANY]), str(header[document.customer]), kind)


def _totals(
    store: Store, document: Document, header: Row, lines: Sequence[Amounts]
) -> dict[str, Value]:
    whole = sum(lines, Amounts())
    on_header = header_tax(store, document, header)
    charges = number_of(header, "HeaderChargesAmount") + whole.charges
    discount = number_of(header, "TotalDiscountAmount") + whole.discount
    tax = whole.tax + on_header
    prefix = document.total
    return {
        f"{prefix}HeaderTaxAmount": on_header,
        f"{prefix}TotalTaxAmount": tax,
        f"{prefix}TotalChargesAmount": charges,
        f"{prefix}TotalDiscountAmount": discount,
        f"{prefix}TotalAmount": whole.gross - discount + charges + tax,
    }
