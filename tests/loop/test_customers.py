"""Sales' accounts as customers in F&O, field by field (A3 to A5, G1, field-mapping 2)."""

from __future__ import annotations

from .conftest import Synced
from .expected import CONSTANTS, TEXTS, differences, text


def test_every_account_in_scope_is_a_customer_in_its_company(synced: Synced) -> None:
    assert len(synced.customers.by_key) > 400
    missing = synced.customers.by_key.keys() - synced.after.customers.keys()
    assert missing == set()


def test_customers_hold_what_the_accounts_hold_field_by_field(synced: Synced) -> None:
    wrong = {
        key: found
        for key, expected in synced.customers.by_key.items()
        if (found := differences(expected, synced.after.customers[key]))
    }
    assert wrong == {}


def test_all_mapped_columns_are_compared(synced: Synced) -> None:
    """The thirty rows of the mapping: what the tests above would not see is named here."""
    fields = next(iter(synced.customers.by_key.values())).keys()
    assert fields >= TEXTS.keys() | CONSTANTS.keys()
    assert len(fields - {"AddressCountryRegionId", "DeliveryAddressCountryRegionId"}) == 29
    filled = {
        field for row in synced.customers.by_key.values() for field, value in row.items() if value
    }
    assert fields - filled == {"DeliveryAddressState"} - filled


def test_an_account_of_several_companies_is_a_customer_in_each(synced: Synced) -> None:
    several = [
        (synced.customers.companies(row), text(row["accountnumber"]))
        for row in synced.before.accounts
        if len(synced.customers.companies(row)) > 1
    ]
    assert several
    for companies, number in several:
        held = [key for key in synced.after.customers if key[1] == number]
        expected = [
            (area, number) for area in companies if (area, number) in synced.customers.by_key
        ]
        assert sorted(held) == sorted(expected)


def test_no_rejected_account_became_a_customer(synced: Synced) -> None:
    rejected = {one.key for one in synced.customers.rejections}
    numbers = {
        (area, text(row["accountnumber"]))
        for area, row in synced.customers.pairs
        if f"{area}/{row['accountid']}" in rejected
    }
    assert numbers & synced.after.customers.keys() <= synced.before.customers.keys()


def test_customers_that_are_only_in_finops_are_as_they_were(synced: Synced) -> None:
    own = synced.before.customers.keys() - synced.customers.by_key.keys()
    assert own
    for key in own:
        assert synced.after.customers[key] == synced.before.customers[key]


def test_the_dirt_of_real_names_arrives(synced: Synced) -> None:
    """Accents, apostrophes, emoji, leading zeros; long names are cut, in the service's length."""
    names = {row["OrganizationName"] for row in synced.after.customers.values()}
    for account in synced.before.accounts:
        if any(mark in account["name"] for mark in "'é🌞") and account["accountnumber"]:
            assert text(account["name"], 100) in names
    assert any(len(account["name"]) > 100 for account in synced.before.accounts)
    assert {len(name) for name in names if len(name) >= 99} <= {99, 100}
    assert ("usmf", "0001234567") in synced.after.customers
