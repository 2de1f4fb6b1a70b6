"""The demo data: the same every time, and with the dirt that the flows must stand."""

import re
from collections import Counter
from decimal import Decimal

import pytest
from p2c_sandbox.demo.accounts import accounts, business_unit
from p2c_sandbox.demo.finance import COUNTRIES, GLOBAL_CUSTOMER, KNOWN_CUSTOMERS, UNITS
from p2c_sandbox.demo.products import products
from p2c_sandbox.demo.seeding import Size, seed_finops, seed_sales
from p2c_sandbox.finops.service import finops_model
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.base import open_store

ACCOUNTS, PRODUCTS, SEED = 520, 420, 7
NUMBER = re.compile(r"ACC-\d{5,}-[A-Z]{6}")


@pytest.fixture(scope="module")
def account_rows() -> list[dict]:
    return list(accounts(ACCOUNTS, SEED))


@pytest.fixture(scope="module")
def product_rows() -> list[dict]:
    return list(products(PRODUCTS, SEED))


@pytest.fixture(scope="module")
def sales():
    store = open_store()
    seed_sales(store, "demo", Size(60, 0), SEED)
    yield store
    store.close()


@pytest.fixture(scope="module")
def finops():
    store = Store(finops_model())
    seed_finops(store, "demo", Size(), SEED)
    yield store
    store.close()


def test_the_same_seed_gives_the_same_rows(account_rows, product_rows):
    assert list(accounts(ACCOUNTS, SEED)) == account_rows
    assert list(products(PRODUCTS, SEED)) == product_rows


def test_another_seed_gives_other_rows(account_rows):
    other = list(accounts(ACCOUNTS, SEED + 1))
    assert [row["accountnumber"] for row in other] != [row["accountnumber"] for row in account_rows]


def test_a_bigger_set_starts_with_the_smaller_one(account_rows):
    assert list(accounts(60, SEED)) == account_rows[:60]


def test_accounts_belong_to_three_business_units():
    units = Counter(business_unit(number) for number in range(ACCOUNTS))
    assert units == {"Contoso US": 400, "Contoso Germany": 80, "Contoso Global": 40}


def test_most_accounts_have_a_number_of_the_sequence(account_rows):
    numbers = [str(row["accountnumber"]) for row in account_rows]
    assert sum(bool(NUMBER.fullmatch(number)) for number in numbers) >= ACCOUNTS - 4
    assert numbers.count("None") == 3
    assert "0001234567" in numbers


def test_two_pairs_of_accounts_share_a_number(account_rows):
    numbers = Counter(row["accountnumber"] for row in account_rows if row["accountnumber"])
    assert [count for count in numbers.values() if count > 1] == [2, 2]


def test_the_dirt_is_there(account_rows):
    names = [str(row["name"]) for row in account_rows]
    assert any(len(name) > 100 for name in names)
    assert any("'" in name for name in names)
    assert any("é" in name.lower() for name in names)
    assert sum("🌞" in name for name in names) == 1
    assert any(name != name.strip() for name in names)
    assert any(str(row["address1_postalcode"]).startswith("0") for row in account_rows)
    assert any(row["transactioncurrencyid"] is None for row in account_rows)
    assert any(row["statecode"] == 1 for row in account_rows)
    assert any(
        isinstance(limit := row.get("creditlimit"), Decimal) and limit != int(limit)
        for row in account_rows
    )


def test_countries_come_as_text_as_code_blank_and_unknown(account_rows):
    found = {row["address1_country"] for row in account_rows}
    assert {"United States", "germany", "Columbia", "US", "DE", None} <= found
    assert {"Atlantis", "Ruritania"} <= found


def test_products_are_released_in_two_companies(product_rows):
    companies = Counter(row["dataAreaId"] for row in product_rows)
    numbers = Counter(row["ProductNumber"] for row in product_rows)
    assert len(numbers) == PRODUCTS
    assert companies == {"usmf": 330, "demf": 150}
    assert sum(count == 2 for count in numbers.values()) == 60


def test_some_products_disagree_between_the_companies(product_rows):
    american = {row["ProductNumber"]: row for row in product_rows if row["dataAreaId"] == "usmf"}
    pairs = [
        (row, american[row["ProductNumber"]])
        for row in product_rows
        if row["dataAreaId"] == "demf" and row["ProductNumber"] in american
    ]
    assert 1 <= sum(a["ProductName"] != b["ProductName"] for a, b in pairs) <= 10
    assert 1 <= sum(a["SalesUnitSymbol"] != b["SalesUnitSymbol"] for a, b in pairs) <= 10


def test_products_have_variants_units_services_and_prices_of_all_precisions(product_rows):
    assert any(row["ProductNumber"] == "1005 : Black : S" for row in product_rows)
    assert {row["SalesUnitSymbol"] for row in product_rows} == {*UNITS, "zz"}
    assert {row["ProductType"] for row in product_rows} == {"Item", "Service"}
    assert any(row["IsSalesStopped"] == "Yes" for row in product_rows)
    assert [row["CurrencyCode"] for row in product_rows].count("GBP") == 1
    decimals = {-price.as_tuple().exponent for row in product_rows for price in [row["SalesPrice"]]}
    assert decimals >= {0, 1, 2, 3, 4}


def test_f_and_o_knows_six_of_the_accounts_and_three_customers_of_its_own(finops, account_rows):
    numbers = (*KNOWN_CUSTOMERS, GLOBAL_CUSTOMER)
    known = {account_rows[number]["accountnumber"] for number in numbers}
    rows = {row["CustomerAccount"]: row for row in finops.find("CustomersV2", {})}
    assert set(rows) == {*known, "US-001", "US-002", "DE-001"}
    assert rows["DE-001"]["dataAreaId"] == "demf"
    assert all(rows[own]["IsExternallyMaintained"] == "No" for own in ("US-001", "US-002"))
    assert Counter(rows[number]["IsExternallyMaintained"] for number in known) == {
        "No": 3,
        "Yes": 3,
    }


def test_the_rows_of_f_and_o_hold_no_null(finops):
    for entity_set in ("CustomersV3", "SellableReleasedProducts", "CustomerGroups"):
        for row in finops.find(entity_set, {}):
            assert None not in row.values(), entity_set


def test_the_setup_of_sales(sales):
    units = {row["name"]: row for row in sales.find("uoms", {})}
    assert set(units) == {"Primary Unit", "each", "pcs", "box", "kg", "hour"}
    [group] = sales.find("uomschedules", {})
    assert group["name"] == "Default unit"
    assert {row["uomscheduleid"] for row in units.values()} == {group["uomscheduleid"]}
    currencies = {
        row["transactioncurrencyid"]: row["isocurrencycode"]
        for row in sales.find("transactioncurrencies", {})
    }
    lists = {
        row["name"]: currencies[row["transactioncurrencyid"]]
        for row in sales.find("pricelevels", {})
    }
    assert lists == {"CRM Service USA (sample)": "USD", "Europe": "EUR", "Wholesale USA": "USD"}
    business_units = {row["name"] for row in sales.find("businessunits", {})}
    assert business_units == {"Contoso", "Contoso US", "Contoso Germany", "Contoso Global"}


def test_an_account_belongs_to_the_unit_of_the_team_that_owns_it(sales):
    teams = {row["teamid"]: row["businessunitid"] for row in sales.find("teams", {})}
    found = sales.find("accounts", {})
    assert len(found) == 60
    assert all(teams[row["ownerid"]] == row["owningbusinessunit"] for row in found)


def test_f_and_o_knows_every_country_the_maps_know():
    assert len(COUNTRIES) == len(set(COUNTRIES.values()))
    assert {"US", "DE", "GB", "CO", "FI", "EG"} <= set(COUNTRIES)
