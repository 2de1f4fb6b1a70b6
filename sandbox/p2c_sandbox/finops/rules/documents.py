"""Quotations and orders have the same shape: what their tables and columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.rules.base import Change, Hook
from p2c_sandbox.finops.values import empty
from p2c_sandbox.odata.model import Row
from p2c_sandbox.odata.store import Store

LINE = "LineCreationSequenceNumber"


@dataclass(frozen=True)
class Document:
    """Names of one kind of document. `lines` is the set that keeps the rows of the lines."""

    title: str
    headers: str
    lines: str
    number: str
    quantity: str
    customer: str
    name: str
    receipt_date: str
    delivery_terms: str
    total: str

    def header_of(self, store: Store, line: Row) -> Row | None:
        """The header that a line belongs to."""
        key = {COMPANY: line[COMPANY], self.number: line[self.number]}
        return store.get(self.headers, key)

    def lines_of(self, store: Store, header: Row) -> list[Row]:
        """The lines of a header, in the order they were made."""
        key = {COMPANY: header[COMPANY], self.number: header[self.number]}
        return store.find(self.lines, key)

    def label(self, header: Row) -> str:
        """E.g. `Sales order SO000000001`."""
        return f"{self.title} {header[self.number]}"


ORDERS = Document(
    title="Sales order",
    headers="CDSSalesOrderHeaders",
    lines="CDSSalesOrderLinesV2",
    number="SalesOrderNumber",
    quantity="OrderedSalesQuantity",
    customer="OrderingCustomerAccountNumber",
    name="SalesOrderName",
    receipt_date="RequestedReceiptDate",
    delivery_terms="DeliveryTermsCode",
    total="Order",
)
QUOTATIONS = Document(
    title="Quotation",
    headers="CDSSalesQuotationHeaders",
    lines="CDSSalesQuotationLines",
    number="SalesQuotationNumber",
    quantity="RequestedSalesQuantity",
    customer="RequestingCustomerAccountNumber",
    name="SalesQuotationName",
    receipt_date="ReceiptDateRequested",
    delivery_terms="DeliveryTermsCode",
    total="Quotation",
)


def computed(*columns: str) -> Hook:
    """Hook for columns the system fills: what a client sends is accepted and ignored."""

    def keep(change: Change) -> None:
        for name in columns:
            if change.before is not None:
                change.row[name] = change.before[name]
            elif name in change.sent:
                column = change.table.columns[name]
                change.row[name] = empty(column, change.store.service)

    return keep


def number_of(row: Row, column: str) -> Decimal:
    """A decimal column of a row."""
    return cast(Decimal, row[column])


def today(store: Store) -> str:
    """The date of the store's clock, as a date column holds it (protocols B6)."""
    return f"{store.clock():%Y-%m-%d}T12:00:00Z"
