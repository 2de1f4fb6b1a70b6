"""What the solution's plug-in does with a product's price list (P3, field-mapping 4.1)."""

import pytest

from .conftest import SCHEDULE, UNIT, refusal

OTHER_UNIT = {"name": "Box", "quantity": 1, "baseuom__bind": f"/uoms({UNIT})"}


def synced(sales, **more) -> str:
    """A product as it comes from F&O."""
    return sales.product(price=9, msdynce_ismaintainedexternally=True, **more)


def items(sales, product: str) -> dict[tuple[str, str], float]:
    """(list, unit) -> amount of a product's price list items."""
    query = f"$filter=_productid_value eq {product}&$expand=pricelevelid($select=name),"
    found = sales.read(f"productpricelevels?{query}uomid($select=name)")["value"]
    return {(r["pricelevelid"]["name"], r["uomid"]["name"]): float(r["amount"]) for r in found}


def pin(sales, product: str, price_list: str) -> None:
    body = {"pricelevelid@odata.bind": f"/pricelevels({price_list})"}
    assert sales.patch(f"products({product})", body).status_code == 204


def test_the_first_list_is_the_one_a_person_finds_first(sales):
    """Not the one whose letters have the lowest numbers."""
    for name in ("Zulu", "Äpfel", "birnen"):
        sales.price_list(name)
    assert items(sales, synced(sales)) == {("Äpfel", "Primary Unit"): 9}


def test_a_product_without_a_list_in_its_currency_is_refused(sales):
    body = {"productnumber": "P1", "name": "P", "price": 9, "msdynce_ismaintainedexternally": True}
    body |= {"defaultuomid@odata.bind": f"/uoms({UNIT})", "quantitydecimal": 2}
    body |= {"defaultuomscheduleid@odata.bind": f"/uomschedules({SCHEDULE})"}
    status, _, message = refusal(sales.request("POST", "products", body))
    assert (status, "no price list in the currency" in message) == (400, True)


@pytest.mark.parametrize(
    ("switch", "lists"),
    [("added", {"A", "Pinned"}), ("moved", {"Pinned"}), ("first", {"A"})],
)
def test_p3_what_another_price_list_does_is_a_switch(sales_with, switch, lists):
    sales = sales_with(solution_price_list=switch)
    pinned = sales.price_list("Pinned")
    sales.price_list("A")
    product = synced(sales)
    assert {name for name, _ in items(sales, product)} == {"A"}
    pin(sales, product, pinned)
    assert {name for name, _ in items(sales, product)} == lists
    sales.patch(f"products({product})", {"price": 11})
    assert items(sales, product)[max(lists), "Primary Unit"] == 11


@pytest.mark.parametrize(
    ("switch", "units"), [("added", {"Primary Unit", "Box"}), ("moved", {"Box"})]
)
def test_p4_what_another_unit_does_to_the_old_item(sales_with, switch, units):
    sales = sales_with(solution_price_list=switch)
    sales.price_list("A")
    unit = sales.create("uoms", **OTHER_UNIT, uomscheduleid__bind=f"/uomschedules({SCHEDULE})")
    product = synced(sales)
    sales.patch(f"products({product})", {"defaultuomid@odata.bind": f"/uoms({unit})"})
    assert {name for _, name in items(sales, product)} == units


def test_an_item_that_a_person_added_stays_when_the_plug_in_moves_its_own(sales_with):
    sales = sales_with(solution_price_list="moved")
    ids = {name: sales.price_list(name) for name in ("A", "Hand", "Pinned")}
    product = synced(sales)
    sales.create(
        "productpricelevels", amount=5, pricelevelid__bind=f"/pricelevels({ids['Hand']})",
        productid__bind=f"/products({product})", uomid__bind=f"/uoms({UNIT})",
    )  # fmt: skip
    pin(sales, product, ids["Pinned"])
    assert {name for name, _ in items(sales, product)} == {"Hand", "Pinned"}
