"""F&O's sellable products in Sales, field by field (P1 to P5, P7, field-mapping 4 and 4.1)."""

from __future__ import annotations

import pytest

from .conftest import Synced
from .expected import differences
from .world import Row


@pytest.fixture
def held(synced: Synced) -> dict[str, Row]:
    """Products of Sales by number."""
    found = {row["productnumber"]: row for row in synced.after.products}
    assert len(found) == len(synced.after.products)
    return found


def test_every_sellable_product_is_one_product_in_sales(
    synced: Synced, held: dict[str, Row]
) -> None:
    assert len(synced.products.by_number) > 300
    assert synced.products.by_number.keys() - held.keys() == set()
    own = {row["productnumber"] for row in synced.before.products}
    assert held.keys() - synced.products.by_number.keys() <= own


def test_products_hold_what_finops_holds_field_by_field(
    synced: Synced, held: dict[str, Row]
) -> None:
    wrong = {
        number: found
        for number, expected in synced.products.by_number.items()
        if (found := differences(expected, held[number]))
    }
    assert wrong == {}


def test_price_list_items_are_right_and_there_are_no_others(
    synced: Synced, held: dict[str, Row]
) -> None:
    ids = {number: held[number]["productid"] for number in synced.products.by_number}
    expected = synced.products.items(ids)
    ours = set(ids.values())
    found = {
        (row["_pricelevelid_value"], row["_productid_value"], row["_uomid_value"]): row
        for row in synced.after.items
        if row["_productid_value"] in ours
    }
    assert found.keys() == expected.keys()
    wrong = {key: diff for key in expected if (diff := differences(expected[key], found[key]))}
    assert wrong == {}


def test_a_product_of_several_companies_has_an_item_for_each_currency(
    synced: Synced, held: dict[str, Row]
) -> None:
    several = [
        number
        for number in synced.products.accepted
        if len({row["CurrencyCode"] for row in synced.products.released[number]}) > 1
    ]
    assert several
    for number in several:
        lists = {
            row["_transactioncurrencyid_value"]
            for row in synced.after.items
            if row["_productid_value"] == held[number]["productid"]
        }
        assert len(lists) == 2, number


def test_companies_that_disagree_are_reported(synced: Synced) -> None:
    names = {"product_name": "ProductName", "sales_unit_symbol": "SalesUnitSymbol"}
    expected = synced.products.disagreements()
    assert expected
    assert {
        (number, names.get(column, column)) for number, column in synced.disagreements
    } == expected


def test_new_products_are_in_the_state_sales_is_set_to(
    synced: Synced, held: dict[str, Row]
) -> None:
    """P5: Draft, or Active where the organisation makes new products so."""
    active = synced.before.organization["createproductswithoutparentinactivestate"]
    known = {row["productnumber"] for row in synced.before.products}
    states = {held[n]["statecode"] for n in synced.products.accepted if n not in known}
    assert states == {0 if active else 2}


def test_no_rejected_product_came_to_sales(synced: Synced, held: dict[str, Row]) -> None:
    rejected = {one.key for one in synced.products.rejections}
    assert rejected
    assert rejected & held.keys() == set()
