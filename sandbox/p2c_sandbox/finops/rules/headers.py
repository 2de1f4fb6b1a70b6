"""What a new quotation or order takes over from its customer, and its dates (field-mapping 9)."""

from __future__ import annotations

from collections.abc import Mapping

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.errors import unrelated
from p2c_sandbox.finops.rules.base import Change, Hook, Relation
from p2c_sandbox.finops.rules.documents import Document, today
from p2c_sandbox.finops.rules.maintained import INVOICING, ORDERING, is_maintained
from p2c_sandbox.finops.values import EMPTY_DATE
from p2c_sandbox.odata.model import Row
from p2c_sandbox.odata.store import Store

INVOICE_CUSTOMER = "InvoiceCustomerAccountNumber"
# What the header of a quotation or an order refers to.
HEADER_RELATIONS = (
    Relation(INVOICE_CUSTOMER, "CustomersV3", "CustomerAccount", "Customers"),
    Relation("CurrencyCode", "Currencies", "CurrencyCode", "Currencies", False),
    Relation("DefaultShippingSiteId", "OperationalSitesV2", "SiteId", "Sites"),
    Relation("DefaultShippingWarehouseId", "Warehouses", "WarehouseId", "Warehouses"),
)
# Part of an address -> its column in a document, and its column in a customer.
_PARTS: Mapping[str, tuple[str, str]] = {
    "Street": ("Street", "Street"),
    "StreetNumber": ("StreetNumber", "StreetNumber"),
    "City": ("City", "City"),
    "State": ("StateId", "State"),
    "ZipCode": ("ZipCode", "ZipCode"),
    "Country": ("CountryRegionId", "CountryRegionId"),
    "Code": ("CountryRegionISOCode", "CountryRegionISOCode"),
}
SHIPPING = "RequestedShippingDate"


def customer_of(store: Store, company: str, account: object) -> Row | None:
    """A customer of a company."""
    return store.get("CustomersV3", {COMPANY: company, "CustomerAccount": str(account)})


def follows_customer(document: Document) -> Hook:
    """Hook: the customer must be one of the company; a new document takes over what it knows."""

    def fill(change: Change) -> None:
        account = change.row[document.customer]
        if account == "" or not (change.is_new or document.customer in change.sent):
            return
        customer = customer_of(change.store, change.company, account)
        if customer is None:
            change.refuse(unrelated(account, change.label(document.customer), "Customers"))
            return
        change.row[document.customer] = customer["CustomerAccount"]
        _take_over(document, change, customer)

    return fill


def _take_over(document: Document, change: Change, customer: Row) -> None:
    moved = (
        change.before is None or change.before[document.customer] != change.row[document.customer]
    )
    if not moved:
        return
    values = {
        INVOICE_CUSTOMER: customer["InvoiceAccount"] or customer["CustomerAccount"],
        "CurrencyCode": customer["SalesCurrencyCode"],
        "LanguageId": customer["LanguageId"],
        "DefaultShippingSiteId": customer["SiteId"],
        "DefaultShippingWarehouseId": customer["WarehouseId"],
        "DeliveryModeCode": customer["DeliveryMode"],
        document.delivery_terms: customer["DeliveryTerms"],
        "PaymentTermsName": customer["PaymentTerms"],
        document.name: _name(customer)[:60],
    }
    for name, value in values.items():
        if not change.sent.get(name):
            change.row[name] = value


def _name(customer: Row) -> str:
    person = (customer[f"Person{part}Name"] for part in ("First", "Middle", "Last"))
    return str(customer["OrganizationName"]) or " ".join(str(part) for part in person if part)


def addresses(document: Document) -> Hook:
    """Hook: without an address of its own a new document has its customers' ones."""

    def fill(change: Change) -> None:
        if not change.is_new:
            return
        orderer = customer_of(change.store, change.company, change.row[document.customer])
        payer = customer_of(change.store, change.company, change.row[INVOICE_CUSTOMER])
        _address(change, "DeliveryAddress", orderer)
        _address(change, "InvoiceAddress", payer)

    return fill


def _address(change: Change, prefix: str, customer: Row | None) -> None:
    own = [f"{prefix}{column}" for column, _ in _PARTS.values()]
    if customer is None or any(change.sent.get(name) for name in own):
        return
    # A customer has a primary address, and may have one for deliveries or invoices besides.
    special = any(customer[f"{prefix}{part}"] for _, part in _PARTS.values())
    source = prefix if special else "Address"
    for column, part in _PARTS.values():
        change.row[f"{prefix}{column}"] = customer[f"{source}{part}"]


def requested_dates(document: Document, *, needed: bool) -> Hook:
    """Hook: each of the two dates stands in for the other; without both an order takes today,
    a quotation is refused (flows Q2)."""

    def fill(change: Change) -> None:
        row, receipt = change.row, document.receipt_date
        dates = [row[name] for name in (SHIPPING, receipt) if row[name] != EMPTY_DATE]
        if not dates and needed:
            change.must_fill(SHIPPING)
        moment = dates[0] if dates else today(change.store)
        for name in (SHIPPING, receipt):
            if row[name] == EMPTY_DATE:
                row[name] = moment

    return fill


def maintained(change: Change) -> None:
    """Hook of orders: whether both customers are kept in another system (flows O2)."""
    change.row[ORDERING] = is_maintained(
        change.store, change.company, change.row["OrderingCustomerAccountNumber"]
    )
    change.row[INVOICING] = is_maintained(
        change.store, change.company, change.row[INVOICE_CUSTOMER]
    )
