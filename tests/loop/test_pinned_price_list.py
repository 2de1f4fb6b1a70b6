"""A product stands on the pinned price list alone, in its unit alone (P3, P4: G4, G7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.conftest import Data

from .conftest import a_world
from .order_world import COMPANY, DOLLAR
from .world import World

NUMBER, FIRST = "PINNED-1", "Äpfel"
KEY = f"SellableReleasedProducts(dataAreaId='{COMPANY}',ProductNumber='{NUMBER}')"
# (price list, unit): amount.
Items = dict[tuple[str, str], Decimal]

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]


@dataclass(frozen=True)
class Step:
    """Where the product stood after a run, and how much the run wrote."""

    items: Items
    writes: int


@pytest.fixture(scope="module")
def report(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Step]]:
    folder = tmp_path_factory.mktemp("pinned")
    with a_world(sandbox_data, folder, "base") as world:
        (folder / "project").mkdir()
        pinned = world.in_copy(folder / "project")
        path = folder / "project/dbt_project.yml"
        text = path.read_text()
        assert '  price_list: ""\n' in text
        path.write_text(text.replace('  price_list: ""\n', f"  price_list: {DOLLAR.price_list}\n"))
        _set_up(world)
        steps = [_run(pinned), _run(pinned), _run(pinned)]
        world.finops.update(KEY, {"SalesPrice": 12})
        steps += [_run(pinned), _run(pinned)]
        world.finops.update(KEY, {"SalesUnitSymbol": "box"})
        steps += [_run(pinned), _run(pinned)]
        yield steps


def _set_up(world: World) -> None:
    [dollar] = world.sales.rows("transactioncurrencies", "$filter=isocurrencycode eq 'USD'")
    bind = f"/transactioncurrencies({dollar['transactioncurrencyid']})"
    world.sales.create("pricelevels", {"name": FIRST, "transactioncurrencyid@odata.bind": bind})
    released = {
        "dataAreaId": COMPANY, "ProductNumber": NUMBER, "ProductName": "Pinned",
        "CurrencyCode": "USD", "SalesPrice": 10, "SalesUnitSymbol": "ea",
        "InventoryUnitSymbol": "ea", "SalesUnitDecimalPrecision": 0, "ProductType": "Item",
        "IsStockedProduct": "Yes",
    }  # fmt: skip
    world.finops.create("SellableReleasedProducts", released)


def _run(world: World) -> Step:
    answer = world.p2c("run", "--json", "--select", "products")
    assert answer.exit == 0, answer.err + answer.out
    return Step(_items(world), answer.json["writes"])


def _items(world: World) -> Items:
    lists = {row["pricelevelid"]: row["name"] for row in world.sales.rows("pricelevels")}
    units = {row["uomid"]: row["name"] for row in world.sales.rows("uoms")}
    [product] = world.sales.rows("products", f"$filter=productnumber eq '{NUMBER}'")
    term = f"$filter=_productid_value eq {product['productid']}"
    return {
        (lists[row["_pricelevelid_value"]], units[row["_uomid_value"]]): row["amount"]
        for row in world.sales.rows("productpricelevels", term)
    }


def test_a_new_product_is_on_the_pinned_list_from_the_first_run(report: list[Step]) -> None:
    """The plug-in puts it on the first list by name as well."""
    assert report[0].items == {(FIRST, "Primary Unit"): 10, (DOLLAR.price_list, "Primary Unit"): 10}


def test_the_run_after_it_takes_it_off_the_list_that_the_plug_in_chose(report: list[Step]) -> None:
    assert report[1].items == {(DOLLAR.price_list, "Primary Unit"): 10}
    assert (report[1].writes > 0, report[2].writes) == (True, 0)


def test_a_new_price_stands_on_the_pinned_list_alone(report: list[Step]) -> None:
    assert report[3].items == {(DOLLAR.price_list, "Primary Unit"): 12}
    assert report[4].writes == 0


def test_a_new_unit_leaves_no_item_in_the_old_one(report: list[Step]) -> None:
    """The item in the old unit would stay sellable at the old price."""
    assert report[5].items == {(DOLLAR.price_list, "box"): 12}
    assert report[6].writes == 0
