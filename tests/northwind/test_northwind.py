"""Real input: Northwind's customers, their contacts, and products through the whole loop.

What is expected comes from Northwind's own CSV files alone.
"""

from __future__ import annotations

from decimal import Decimal

from tests.loop.expected import differences
from tests.loop.world import Row, adds_up, outcomes_add_up

from .conftest import FOLDER, Northwind
from .convert import NUMBER_LENGTH, read, unique

# ISO 3166 of every country that Northwind names.
COUNTRIES = {
    "Argentina": ("AR", "ARG"), "Austria": ("AT", "AUT"), "Belgium": ("BE", "BEL"),
    "Brazil": ("BR", "BRA"), "Canada": ("CA", "CAN"), "Denmark": ("DK", "DNK"),
    "Finland": ("FI", "FIN"), "France": ("FR", "FRA"), "Germany": ("DE", "DEU"),
    "Ireland": ("IE", "IRL"), "Italy": ("IT", "ITA"), "Mexico": ("MX", "MEX"),
    "Norway": ("NO", "NOR"), "Poland": ("PL", "POL"), "Portugal": ("PT", "PRT"),
    "Spain": ("ES", "ESP"), "Sweden": ("SE", "SWE"), "Switzerland": ("CH", "CHE"),
    "UK": ("GB", "GBR"), "USA": ("US", "USA"), "Venezuela": ("VE", "VEN"),
}  # fmt: skip
COMPANY = "usmf"
# A person accepts a rejection only for one of these.
ACCEPTED_CODES = {"no_value_map", "no_number", "duplicate_number", "no_price_list"}


def rejected(northwind: Northwind, flow: str) -> set[str]:
    """Numbers of the rejected accounts or products."""
    return {
        (row["record_key"] or row["source_key"]).split("/")[-1]
        for row in northwind.rejects.json["records"]
        if row["flow"] == flow
    }


def expected_customer(row: Row, number: str) -> Row:
    iso2, iso3 = COUNTRIES[row["country"]]
    name = row["company_name"]
    return {
        "PartyNumber": number,
        "PartyType": "Organization",
        "OrganizationName": name,
        "AddressDescription": name,
        "DeliveryAddressDescription": name,
        "CustomerGroupId": "10",
        "SiteId": "1",
        "WarehouseId": "13",
        "LanguageId": "en-us",
        "SalesCurrencyCode": "USD",
        "CreditLimit": 0,
        "OrganizationNumberOfEmployees": 0,
        "SalesMemo": f"Contact: {row['contact_name']}, {row['contact_title']}",
        "PrimaryContactPhone": row["phone"],
        "PrimaryContactFax": row["fax"],
        "AddressLocationRoles": "Business",
        "AddressStreet": row["address"],
        "AddressCity": row["city"],
        # F&O keeps ten characters of a state (field-mapping 11).
        "AddressState": row["region"][:10].strip(),
        "AddressZipCode": row["postal_code"],
        "AddressCountryRegionISOCode": iso2,
        "AddressCountryRegionId": iso3,
        "DeliveryAddressCountryRegionId": "USA",
        "IsExternallyMaintained": "Yes",
    }


def test_all_rows_were_loaded(northwind: Northwind) -> None:
    assert northwind.loaded.json["rows"] == {
        "sales.accounts.csv": len(read(FOLDER / "customers.csv")),
        "sales.contacts.csv": len(read(FOLDER / "customers.csv")),
        "finops.SellableReleasedProducts.csv": len(read(FOLDER / "products.csv")),
    }


def test_customers_are_right_field_by_field(northwind: Northwind) -> None:
    used: set[str] = set()
    expected = {}
    for row in read(FOLDER / "customers.csv"):
        number = unique(row["customer_id"], used)
        expected[COMPANY, number] = expected_customer(row, number)
    left_out = {(COMPANY, number) for number in rejected(northwind, "accounts")}
    assert northwind.seen.customers.keys() == expected.keys() - left_out
    wrong = {
        key: diff
        for key, row in northwind.seen.customers.items()
        if (diff := differences(expected[key], row))
    }
    assert wrong == {}


def test_contacts_are_right_field_by_field(northwind: Northwind) -> None:
    held = {row["AssociatedPartyNumber"]: row for row in northwind.persons}
    customers = {row["customer_id"]: row for row in read(FOLDER / "customers.csv")}
    assert len(held) == len(northwind.persons)
    assert held.keys() == customers.keys()
    for number, row in customers.items():
        person = held[number]
        assert f"{person['FirstName']} {person['LastName']}" == row["contact_name"]
        assert person["EmploymentProfession"] == row["contact_title"]
        assert person["PrimaryPhoneNumber"] == row["phone"]
        assert person["PrimaryAddressStreet"] == row["address"]
        assert person["PrimaryAddressCity"] == row["city"]
        assert person["PrimaryAddressCountryRegionISOCode"] == COUNTRIES[row["country"]][0]
        assert person["ContactPersonPartyNumber"].startswith("CON-")
        assert person["IsContactPersonExternallyMaintained"] == "Yes"


def test_products_and_their_prices_are_right_field_by_field(northwind: Northwind) -> None:
    expected = {f"NW-{int(row['product_id']):04d}": row for row in read(FOLDER / "products.csv")}
    held = {row["productnumber"]: row for row in northwind.seen.products}
    assert held.keys() == expected.keys() - rejected(northwind, "products")
    items = {row["_productid_value"]: row for row in northwind.seen.items}
    assert len(items) == len(northwind.seen.items) == len(held)
    categories = {row["category_id"]: row for row in read(FOLDER / "categories.csv")}
    for number, product in held.items():
        row, item = expected[number], items[product["productid"]]
        assert product["name"] == row["product_name"]
        category = categories[row["category_id"]]["category_name"]
        assert product["description"] == f"{category}: {row['quantity_per_unit']}"
        assert product["price"] == item["amount"] == Decimal(row["unit_price"])
        assert northwind.units[product["_defaultuomid_value"]] == "Primary Unit"
        assert item["_uomid_value"] == product["_defaultuomid_value"]
        assert northwind.lists[item["_pricelevelid_value"]] == "CRM Service USA (sample)"
        assert product["msdynce_ismaintainedexternally"] is True
        assert (product["isstockitem"], product["producttypecode"]) == (True, 1)


def test_few_are_rejected_and_for_reasons_a_person_accepts(northwind: Northwind) -> None:
    records = northwind.rejects.json["records"]
    assert len(records) < 5
    for row in records:
        assert (row["by"], row["code"] in ACCEPTED_CODES) == ("mapping", True), row
        assert row["value"] in row["message"], row


def test_every_record_has_one_fate(northwind: Northwind) -> None:
    assert northwind.first.json["writes"] > 250
    flows = northwind.first.flows.values()
    assert all(adds_up(flow) and outcomes_add_up(flow) for flow in flows)


def test_numbers_are_made_unique_within_their_length() -> None:
    used: set[str] = set()
    assert [unique(n, used) for n in ("ALFKI", "alfki", "ALFKI ")] == [
        "ALFKI",
        "alfki-2",
        "ALFKI-3",
    ]
    long = [unique("X" * 30, used) for _ in range(12)]
    assert len({number.lower() for number in long}) == 12
    assert {len(number) for number in long} == {NUMBER_LENGTH}
