"""Whether a customer is kept in another system: orders show it, invoices are listed by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from p2c_sandbox.finops.company import COMPANY, LISTED
from p2c_sandbox.finops.rules.base import Change
from p2c_sandbox.finops.rules.documents import ORDERS
from p2c_sandbox.odata.model import Row, Value
from p2c_sandbox.odata.store import Store

ORDERING = "OrderingCustomerIsExternallyMaintained"
INVOICING = "InvoiceCustomerIsExternallyMaintained"
INVOICE_HEADERS = "ExternallyMaintainedCustomerSalesInvoiceHeaders"
INVOICE_LINES = "ExternallyMaintainedCustomerSalesInvoiceLines"
_PAYER = "InvoiceCustomerAccountNumber"


def is_maintained(store: Store, company: str, account: object) -> str:
    """`Yes` or `No` of a customer; `No` when there is none."""
    sql = (
        'SELECT "IsExternallyMaintained" FROM "CustomersV3"'
        ' WHERE "dataAreaId" = ? AND "CustomerAccount" = ?'
    )
    found = store.execute(sql, (company, str(account)))
    return cast(str, found[0][0]) if found else "No"


def shown_on_documents(change: Change) -> None:
    """Hook of customers: when it moves, the customer's orders and invoices show it (flows A3)."""
    flag = change.row["IsExternallyMaintained"]
    if change.before is None or change.before["IsExternallyMaintained"] == flag:
        return
    account = change.row["CustomerAccount"]
    for customer, column in ((ORDERS.customer, ORDERING), (_PAYER, INVOICING)):
        for order in change.store.find(ORDERS.headers, _of(change, customer, account)):
            _mark(change.store, ORDERS.headers, [order], column, flag)
            _mark(change.store, ORDERS.lines, ORDERS.lines_of(change.store, order), column, flag)
    for entity_set, rows in _invoices(change, account):
        _mark(change.store, entity_set, rows, LISTED, flag)


def _invoices(change: Change, account: Value) -> Iterator[tuple[str, list[Row]]]:
    headers = change.store.find(INVOICE_HEADERS, _of(change, _PAYER, account))
    yield INVOICE_HEADERS, headers
    for header in headers:
        key = _of(change, "InvoiceNumber", header["InvoiceNumber"])
        yield INVOICE_LINES, change.store.find(INVOICE_LINES, key)


def _of(change: Change, column: str, value: Value) -> dict[str, Value]:
    return {COMPANY: change.company, column: value}


def _mark(store: Store, entity_set: str, rows: list[Row], column: str, flag: Value) -> None:
    store.update(entity_set, [(cast(int, row["_id"]), {column: flag}) for row in rows])
