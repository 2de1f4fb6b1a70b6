"""F&O's sellable products in Sales, field by field (P1 to P5, P7, field-mapping 4 and 4.1)."""

from __future__ import annotations

import pytest

from .conftest import Settled
from .expected import differences
from .world import Row


@pytest.fixture
def held(settled: Settled) -> dict[str, Row]:
    """Products of Sales by number."""
    found = {row["productnumber"]: row for row in settled.after.products}
    assert len(found) == len(settled.after.products)
    return found


def test_every_sellable_product_is_one_product_in_sales(
    settled: Settled, held: dict[str, Row]
) -> None:
    assert len(settled.products.by_number) > 300
    assert settled.products.by_number.keys() - held.keys() == set()
    own = {row["productnumber"] for row in settled.before.products}
    assert held.keys() - settled.products.by_number.keys() <= own


def test_products_hold_what_finops_holds_field_by_field(
    settled: Settled, held: dict[str, Row]
) -> None:
    wrong = {
        number: found
        for number, expected in settled.products.by_number.items()
        if (found := differences(expected, held[number]))
    }
    assert wrong == {}


def test_price_list_items_are_right_and_there_are_no_others(
    settled: Settled, held: dict[str, Row]
) -> None:
    ids = {number: held[number]["productid"] for number in settled.products.by_number}
    expected = settled.products.items(ids)
    ours = set(ids.values())
    found = {
        (row["_pricelevelid_value"], row["_productid_value"], row["_uomid_value"]): row
        for row in settled.after.items
        if row["_productid_value"] in ours
    }
    assert found.keys() == expected.keys()
    wrong = {key: diff for key in expected if (diff := differences(expected[key], found[key]))}
    assert wrong == {}


def test_a_product_of_several_companies_has_an_item_for_each_currency(
    settled: Settled, held: dict[str, Row]
) -> None:
    several = [
        number
        for number in settled.products.accepted
        if len({row["CurrencyCode"] for row in settled.products.released[number]}) > 1
    ]
    assert several
    for number in several:
        lists = {
            row["_transactioncurrencyid_value"]
            for row in settled.after.items
            if row["_productid_value"] == held[number]["productid"]
        }
        assert len(lists) == 2, number


def test_companies_that_disagree_are_reported(settled: Settled) -> None:
    names = {"product_name": "ProductName", "sales_unit_symbol": "SalesUnitSymbol"}
    expected = settled.products.disagreements()
    assert expected
    assert {
        (number, names.get(column, column)) for number, column in settled.disagreements
    } == expected


def test_new_products_are_in_the_state_sales_is_set_to(
    settled: Settled, held: dict[str, Row]
) -> None:
    """P5: Draft, or Active where the organisation makes new products so."""
    active = settled.before.organization["createproductswithoutparentinactivestate"]
    known = {row["productnumber"] for row in settled.before.products}
    states = {held[n]["statecode"] for n in settled.products.accepted if n not in known}
    assert states == {0 if active else 2}


def test_no_rejected_product_came_to_sales(settled: Settled, held: dict[str, Row]) -> None:
    rejected = {one.key for one in settled.products.rejections}
    assert rejected
    assert rejected & held.keys() == set()
