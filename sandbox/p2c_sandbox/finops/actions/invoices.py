"""Posting invoices and credit notes (flows I, field-mapping 7).

An invoice's totals: TotalChargeAmount is charges of header and lines, InvoiceHeaderTaxAmount the
tax on those of the header, TotalTaxAmount all tax, TotalDiscountCustomerGroupCode the discount of
the header, TotalDiscountAmount that and the lines' discounts, TotalInvoiceAmount what is to be
paid. LineAmount of a line has the charge of its discount's rounding, so that lines add up:

    TotalInvoiceAmount = LineAmount + LineTotalChargeAmount + LineTotalTaxAmount of the lines
                         + charges and tax of the header - discount of the header

Parts of an order add up to the order: each invoice has what the quantity invoiced so far
amounts to, less what was invoiced before. Charges, and the header's discount, go with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from p2c_sandbox.finops.actions.deliveries import check_part, deliver, remaining
from p2c_sandbox.finops.actions.words import OrderNumber, Parts
from p2c_sandbox.finops.amounts import Amounts, line_amounts
from p2c_sandbox.finops.company import COMPANY, LISTED
from p2c_sandbox.finops.desk import Desk, Quantities
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.rules.documents import LINE, ORDERS, number_of, today
from p2c_sandbox.finops.rules.headers import INVOICE_CUSTOMER
from p2c_sandbox.finops.rules.maintained import INVOICE_HEADERS, INVOICE_LINES, is_maintained
from p2c_sandbox.finops.rules.status import DELIVERED, INVOICED
from p2c_sandbox.finops.rules.totals import LineTerms, header_tax, terms_of, write
from p2c_sandbox.finops.sequences import CREDIT_NOTES, INVOICES, VOUCHERS, NumberSequence
from p2c_sandbox.finops.values import empty_row
from p2c_sandbox.odata.model import Row, Value

_KEY = ("InvoiceNumber", "InvoiceDate", "LedgerVoucher")
# Header of the order -> header of the invoice.
_TAKEN = {
    "ContactPersonId": "ContactPersonId",
    "CurrencyCode": "CurrencyCode",
    "CustomersOrderReference": "CustomersOrderReference",
    "DeliveryModeCode": "DeliveryModeCode",
    "DeliveryTermsCode": "DeliveryTermsCode",
    "InvoiceAddressCity": "InvoiceAddressCity",
    "InvoiceAddressCountryRegionISOCode": "InvoiceAddressCountryRegionISOCode",
    "InvoiceAddressCountryRegionId": "InvoiceAddressCountryRegionId",
    "InvoiceAddressStateId": "InvoiceAddressState",
    "InvoiceAddressStreet": "InvoiceAddressStreet",
    "InvoiceAddressStreetNumber": "InvoiceAddressStreetNumber",
    "InvoiceAddressZipCode": "InvoiceAddressZipCode",
    INVOICE_CUSTOMER: "InvoiceCustomerAccountNumber",
    "OrderResponsiblePersonnelNumber": "SalesOrderResponsiblePersonnelNumber",
    "PaymentTermsName": "PaymentTermsName",
    "SalesOrderNumber": "SalesOrderNumber",
    "SalesOrderOriginType": "SalesOrderOriginType",
}
_NEGATED = (
    "InvoiceHeaderTaxAmount", "TotalChargeAmount", "TotalDiscountAmount",
    "TotalDiscountCustomerGroupCode", "TotalInvoiceAmount", "TotalTaxAmount", "InvoicedQuantity",
    "LineAmount", "LineTotalChargeAmount", "LineTotalDiscountAmount", "LineTotalTaxAmount",
)  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """A line of an order, how much of it is invoiced now, and what that amounts to."""

    line: Row
    quantity: Decimal
    amounts: Amounts


def invoice(
    desk: Desk,
    *,
    order: OrderNumber,
    whole: Annotated[bool, "Deliver what remains first, so that all is invoiced."] = False,
    quantities: Parts = None,
) -> dict[str, object]:
    """Post an invoice for what is delivered and not invoiced yet, or for a part of it."""
    header = desk.open_order(order)
    if whole:
        lines = ORDERS.lines_of(desk.store, header)
        deliver(desk, [(line, remaining(line)) for line in lines])
    parts = _parts(desk, header, quantities)
    posted = _post(desk, header, parts)
    for part in parts:
        invoiced = number_of(part.line, INVOICED) + part.quantity
        write(desk.store, ORDERS.lines, [(part.line, {INVOICED: invoiced})])
    return desk.up_to_date(header) | posted


def credit_note(desk: Desk, *, invoice: Annotated[str, "Invoice number."]) -> dict[str, object]:
    """Post a credit note for a whole invoice: the same with the other sign."""
    found = desk.store.find(
        INVOICE_HEADERS, {COMPANY: desk.company, "InvoiceNumber": invoice}, limit=1
    )
    if not found:
        raise FinopsError(f"There is no invoice {invoice} in company {desk.company}.")
    original = found[0]
    if original["TotalInvoiceAmount"] != abs(number_of(original, "TotalInvoiceAmount")):
        raise FinopsError(f"{invoice} is a credit note itself.")
    key = {name: original[name] for name in (COMPANY, *_KEY)}
    lines = desk.store.find(INVOICE_LINES, key)
    new = _new_key(desk, CREDIT_NOTES)
    _keep(desk, {**_negative(original), **new}, [{**_negative(line), **new} for line in lines])
    return _said(new, -number_of(original, "TotalInvoiceAmount"))


def _parts(desk: Desk, header: Row, wanted: Quantities | None) -> list[_Part]:
    parts = []
    for one in terms_of(desk.store, ORDERS, header):
        line = one.row
        left = number_of(line, DELIVERED) - number_of(line, INVOICED)
        quantity = left if wanted is None else wanted.get(int(str(line[LINE])), Decimal(0))
        check_part(header, line, quantity, left, "invoiced")
        if quantity:
            parts.append(_Part(line, quantity, _amounts(one, quantity)))
    if not parts:
        raise FinopsError(f"{ORDERS.label(header)} has nothing delivered that is not invoiced yet.")
    return parts


def _amounts(one: LineTerms, quantity: Decimal) -> Amounts:
    before = number_of(one.row, INVOICED)
    already = line_amounts(one.terms, before) if before else Amounts()
    return line_amounts(one.terms, before + quantity) - already


def _post(desk: Desk, header: Row, parts: Sequence[_Part]) -> dict[str, object]:
    key = _new_key(desk, INVOICES)
    whole = sum((part.amounts for part in parts), Amounts())
    totals = _totals(desk, header, whole)
    taken = {target: header[source] for source, target in _TAKEN.items()}
    _keep(desk, taken | totals | key, [_line(part) | key for part in parts])
    return _said(key, totals["TotalInvoiceAmount"])


def _totals(desk: Desk, header: Row, whole: Amounts) -> dict[str, Decimal]:
    """What of the header is not invoiced yet goes with this invoice."""
    now = {
        "InvoicedChargesAmount": number_of(header, "HeaderChargesAmount"),
        "InvoicedDiscountAmount": number_of(header, "TotalDiscountAmount"),
        "InvoicedHeaderTaxAmount": header_tax(desk.store, ORDERS, header),
    }
    charges, discount, tax = (value - number_of(header, name) for name, value in now.items())
    write(desk.store, ORDERS.headers, [(header, now)])
    return {
        "InvoiceHeaderTaxAmount": tax,
        "TotalChargeAmount": whole.charges + charges,
        "TotalDiscountAmount": whole.discount + discount,
        "TotalDiscountCustomerGroupCode": discount,
        "TotalInvoiceAmount": whole.total + charges + tax - discount,
        "TotalTaxAmount": whole.tax + tax,
    }


def _line(part: _Part) -> Row:
    line, amounts = part.line, part.amounts
    return {
        LINE: line[LINE],
        "ConfirmedShippingDate": line["ConfirmedShippingDate"],
        "CurrencyCode": line["CurrencyCode"],
        "InvoicedQuantity": part.quantity,
        "LineAmount": amounts.invoiced,
        "LineTotalChargeAmount": amounts.charges,
        "LineTotalDiscountAmount": amounts.discount,
        "LineTotalTaxAmount": amounts.tax,
        "ProductDescription": line["LineDescription"],
        "ProductName": line["ProductName"],
        "ProductNumber": line["ProductNumber"],
        "SalesPrice": line["SalesPrice"],
        "SalesUnitSymbol": line["SalesUnitSymbol"],
    }


def _new_key(desk: Desk, sequence: NumberSequence) -> dict[str, Value]:
    return {
        COMPANY: desk.company,
        "InvoiceNumber": sequence.next(desk.store, desk.company),
        "InvoiceDate": today(desk.store),
        "LedgerVoucher": VOUCHERS.next(desk.store, desk.company),
    }


def _keep(desk: Desk, header: Row, lines: Sequence[Row]) -> None:
    store = desk.store
    listed = {LISTED: is_maintained(store, desk.company, header[INVOICE_CUSTOMER])}
    for entity_set, rows in ((INVOICE_HEADERS, [header]), (INVOICE_LINES, lines)):
        blank = empty_row(store.service.table(entity_set), store.service)
        store.insert(entity_set, [{**blank, **row, **listed} for row in rows])


def _negative(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if not name.startswith("_")}
    return kept | {name: -number_of(row, name) for name in _NEGATED if name in row}


def _said(key: Row, amount: Decimal) -> dict[str, object]:
    return {"invoice": key["InvoiceNumber"], "amount": amount}
