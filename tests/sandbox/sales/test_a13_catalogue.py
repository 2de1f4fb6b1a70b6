"""Protocols A13 and D9 for the catalogue: products, price lists, units."""

import pytest

from .conftest import SCHEDULE, UNIT, USD, refusal


def set_organization(sales, **values):
    sales.patch(f"organizations({sales.read('WhoAmI')['OrganizationId']})", values)


# -- products ------------------------------------------------------------------------------------


def test_a13_new_product_is_draft(sales):
    row = sales.read(f"products({sales.product()})")
    assert (row["statecode"], row["statuscode"]) == (2, 0)


def test_a13_new_product_is_active_when_the_organisation_says_so(sales):
    set_organization(sales, createproductswithoutparentinactivestate=True)
    row = sales.read(f"products({sales.product()})")
    assert (row["statecode"], row["statuscode"]) == (0, 1)


def test_a13_publish_revise_retire_and_activate(sales):
    product = sales.product()
    for state, status in ((0, 1), (3, 3), (0, 1), (1, 2), (0, 1)):
        body = {"statecode": state, "statuscode": status}
        assert sales.patch(f"products({product})", body).status_code == 204


@pytest.mark.parametrize(
    ("path", "state", "status", "code"),
    [
        (((0, 1),), 2, 0, "0x8004f912"),
        (((1, 2),), 2, 0, "0x80061035"),
        ((), 3, 3, "0x8004f00e"),
    ],
)
def test_a11_product_moves_that_are_refused(sales, path, state, status, code):
    product = sales.product()
    for before in path:
        body = dict(zip(("statecode", "statuscode"), before, strict=True))
        sales.patch(f"products({product})", body)
    answer = sales.patch(f"products({product})", {"statecode": state, "statuscode": status})
    assert refusal(answer)[:2] == (400, code)


def test_a13_retired_product_is_read_only(sales):
    product = sales.product()
    sales.patch(f"products({product})", {"statecode": 1, "statuscode": 2})
    assert refusal(sales.patch(f"products({product})", {"name": "x"}))[0] == 400


@pytest.mark.parametrize(
    ("missing", "code"), [("defaultuomid", "0x80043b0d"), ("defaultuomscheduleid", "0x80043b13")]
)
def test_a11_product_needs_unit_and_group(sales, missing, code):
    body = {
        "productnumber": "P",
        "name": "P",
        "quantitydecimal": 0,
        "defaultuomid@odata.bind": f"/uoms({UNIT})",
        "defaultuomscheduleid@odata.bind": f"/uomschedules({SCHEDULE})",
    }
    body.pop(f"{missing}@odata.bind")
    assert refusal(sales.request("POST", "products", body))[:2] == (400, code)


def test_d9_unit_must_be_in_the_group_of_the_product(sales):
    other = sales.create("uomschedules", name="Other", baseuomname="Box")
    product = sales.product()
    body = {"defaultuomscheduleid@odata.bind": f"/uomschedules({other})"}
    assert refusal(sales.patch(f"products({product})", body))[:2] == (400, "0x80043b14")


# -- price lists ---------------------------------------------------------------------------------


def item(sales, product, price_list, **more):
    body = {
        "productid@odata.bind": f"/products({product})",
        "pricelevelid@odata.bind": f"/pricelevels({price_list})",
        "uomid@odata.bind": f"/uoms({UNIT})",
        "amount": 5,
        **more,
    }
    return sales.request("POST", "productpricelevels", body)


def test_price_item_takes_currency_number_and_group(sales):
    assert item(sales, sales.product(), sales.price_list()).status_code == 204
    row = sales.read("productpricelevels")["value"][0]
    assert (row["productnumber"], row["_uomscheduleid_value"]) == ("P1", SCHEDULE)
    assert (row["_transactioncurrencyid_value"], row["pricingmethodcode"]) == (USD, 1)


def test_d9_one_price_item_for_product_unit_and_list(sales):
    product, price_list = sales.product(), sales.price_list()
    assert item(sales, product, price_list).status_code == 204
    assert refusal(item(sales, product, price_list))[:2] == (400, "0x80043b08")
    assert item(sales, product, sales.price_list("Other")).status_code == 204


def test_a13_currency_of_the_item_must_be_that_of_the_list(sales):
    euro = sales.create(
        "transactioncurrencies",
        isocurrencycode="EUR",
        currencyname="Euro",
        currencysymbol="€",
        currencyprecision=2,
        exchangerate=1,
    )
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({euro})"}
    answer = item(sales, sales.product(), sales.price_list(), **bind)
    assert refusal(answer)[:2] == (400, "0x80048cea")


def test_a11_retired_product_cannot_join_a_price_list(sales):
    product = sales.product()
    sales.patch(f"products({product})", {"statecode": 1, "statuscode": 2})
    assert refusal(item(sales, product, sales.price_list()))[:2] == (400, "0x80061009")


def test_a11_unit_of_the_item_must_be_in_the_schedule(sales):
    sales.create("uomschedules", name="Other", baseuomname="Box")
    box = sales.read("uoms?$select=name&$filter=name eq 'Box'")["value"][0]["uomid"]
    bind = {"uomid@odata.bind": f"/uoms({box})"}
    answer = item(sales, sales.product(), sales.price_list(), **bind)
    assert refusal(answer)[:2] == (400, "0x80043b16")


def test_a11_price_list_names_are_unique(sales):
    sales.price_list("Retail")
    bind = f"/transactioncurrencies({USD})"
    body = {"name": "RETAIL", "transactioncurrencyid@odata.bind": bind}
    assert refusal(sales.request("POST", "pricelevels", body))[:2] == (400, "0x80043b0f")


# -- units ---------------------------------------------------------------------------------------


def unit(sales, schedule, name, **more):
    body = {
        "name": name,
        "quantity": 12,
        "uomscheduleid@odata.bind": f"/uomschedules({schedule})",
        **more,
    }
    return sales.request("POST", "uoms", body)


def test_e6_group_is_created_with_its_base_unit(sales):
    schedule = sales.create("uomschedules", name="Pieces", baseuomname="ea")
    rows = sales.read(f"uomschedules({schedule})/unit_of_measure_schedule_conversions")["value"]
    assert [(r["name"], r["quantity"], r["isschedulebaseuom"]) for r in rows] == [("ea", 1, True)]


def test_e6_switch_leaves_the_base_unit_to_the_client(sales_with):
    sales = sales_with(base_unit_with_schedule=False)
    schedule = sales.create("uomschedules", name="Pieces", baseuomname="ea")
    assert unit(sales, schedule, "ea").status_code == 204
    assert sales.read("uoms?$filter=name eq 'ea'")["value"][0]["isschedulebaseuom"] is True


def test_a13_other_units_name_a_base_unit_of_their_group(sales):
    assert refusal(unit(sales, SCHEDULE, "dozen"))[:2] == (400, "0x80043b1c")
    bind = {"baseuom@odata.bind": f"/uoms({UNIT})"}
    assert unit(sales, SCHEDULE, "dozen", **bind).status_code == 204
    assert refusal(unit(sales, SCHEDULE, "DOZEN", **bind))[0] == 400


def test_a11_unit_needs_a_group(sales):
    answer = sales.request("POST", "uoms", {"name": "x", "quantity": 1})
    assert refusal(answer)[:2] == (400, "0x80043b0a")
