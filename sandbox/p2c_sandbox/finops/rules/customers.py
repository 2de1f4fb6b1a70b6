"""Customers, under both names (versions 2 and 3): field-mapping 2 and 9."""

from __future__ import annotations

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.rules.base import Change, Relation, Rules
from p2c_sandbox.finops.rules.countries import follow, needed_with
from p2c_sandbox.finops.rules.maintained import shown_on_documents
from p2c_sandbox.finops.sequences import CUSTOMER_ACCOUNTS, PARTIES

PERSON_NAMES = ("PersonFirstName", "PersonMiddleName", "PersonLastName")


def party_type(change: Change) -> None:
    """Organisation unless told otherwise; it does not change later."""
    kind = change.row["PartyType"] or "Organization"
    if kind not in ("Organization", "Person"):
        change.refuse(f"The value '{kind}' in field 'PartyType' is not valid.")
    if change.before is not None and change.before["PartyType"] != kind:
        change.refuse("Field 'PartyType' cannot be edited.")
    change.row["PartyType"] = kind


def names(change: Change) -> None:
    """An organisation has a name; a person has one of three, and no organisation name."""
    if change.row["PartyType"] == "Person":
        change.row["OrganizationName"] = ""
        if not any(change.row[name] for name in PERSON_NAMES):
            change.must_fill("PersonLastName")
    elif not change.row["OrganizationName"]:
        change.must_fill("OrganizationName")


def party_number(change: Change) -> None:
    """Every customer is a party; the number comes from the sequence when it is left out."""
    if not change.row["PartyNumber"]:
        change.row["PartyNumber"] = PARTIES.next(change.store, "")


def tax_group(change: Change) -> None:
    """A new customer takes the sales tax group of its customer group."""
    if change.is_new and not change.row.get("SalesTaxGroup"):
        key = {COMPANY: change.company, "CustomerGroupId": change.row["CustomerGroupId"]}
        group = change.store.get("CustomerGroups", key)
        change.row["SalesTaxGroup"] = group["TaxGroupId"] if group else ""


RULES = Rules(
    sequence=CUSTOMER_ACCOUNTS,
    defaults={"LanguageId": "en-us"},
    hooks=(
        party_type,
        names,
        party_number,
        tax_group,
        follow("Address"),
        follow("DeliveryAddress"),
        follow("InvoiceAddress"),
        needed_with("Address"),
        needed_with("DeliveryAddress"),
    ),
    relations=(
        Relation("CustomerGroupId", "CustomerGroups", "CustomerGroupId", "Customer groups"),
        Relation("SalesCurrencyCode", "Currencies", "CurrencyCode", "Currencies", False),
        Relation("SiteId", "OperationalSitesV2", "SiteId", "Sites"),
        Relation("WarehouseId", "Warehouses", "WarehouseId", "Warehouses"),
        Relation("InvoiceAccount", "CustomersV3", "CustomerAccount", "Customers"),
    ),
    after_write=(shown_on_documents,),
)
