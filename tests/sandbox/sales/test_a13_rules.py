"""Protocols A13 and D9, as far as built: numbers, states, documents and their lines."""

import re

import pytest

from .conftest import UNIT, USD, refusal


def set_organization(sales, **values):
    sales.patch(f"organizations({sales.read('WhoAmI')['OrganizationId']})", values)


@pytest.mark.parametrize(
    ("entity_set", "column", "prefix", "body"),
    [
        ("accounts", "accountnumber", "ACC", {"name": "x"}),
        ("contacts", "msdynce_contactnumber", "CON", {"lastname": "x"}),
    ],
)
def test_numbers_are_given_in_sequence_when_empty(sales, entity_set, column, prefix, body):
    found = [
        sales.read(f"{entity_set}({sales.create(entity_set, **body)})")[column] for _ in range(2)
    ]
    assert [number[:9] for number in found] == [f"{prefix}-01000", f"{prefix}-01001"]
    assert all(re.fullmatch(rf"{prefix}-\d{{5}}-[A-Z]{{6}}", number) for number in found)


def test_a_given_number_is_kept_and_uses_up_nothing(sales):
    row_id = sales.create("accounts", name="x", accountnumber="0815")
    assert sales.read(f"accounts({row_id})")["accountnumber"] == "0815"
    next_one = sales.read(f"accounts({sales.create('accounts', name='y')})")["accountnumber"]
    assert next_one.startswith("ACC-01000-")


def test_a13_order_number_is_given_and_cannot_be_changed(sales):
    order = sales.order()
    number = sales.read(f"salesorders({order})")["ordernumber"]
    assert number.startswith("ORD-")
    sales.patch(f"salesorders({order})", {"ordernumber": "OTHER"})
    assert sales.read(f"salesorders({order})")["ordernumber"] == number


def test_a13_account_and_contact_of_a_document_follow_the_customer(sales):
    row = sales.read(f"salesorders({sales.order()})")
    assert row["_accountid_value"] == row["_customerid_value"]
    assert row["_contactid_value"] is None
    assert row["msdynce_processingstatus"] == 647390011


def test_a13_order_needs_its_required_columns(sales):
    answer = sales.request("POST", "salesorders", {"name": "x"})
    assert refusal(answer)[:2] == (400, "0x80040200")


def test_contact_knows_whether_its_company_is_an_account(sales):
    account = sales.create("accounts", name="x")
    row_id = sales.create(
        "contacts", lastname="x", parentcustomerid_account__bind=f"/accounts({account})"
    )
    assert sales.read(f"contacts({row_id})")["msdynce_iscompanyanaccount"] is True
    sales.patch(f"contacts({row_id})", {"parentcustomerid_account@odata.bind": None})
    assert sales.read(f"contacts({row_id})")["msdynce_iscompanyanaccount"] is False


def test_a13_state_brings_its_default_status(sales):
    row_id = sales.create("accounts", name="x")
    sales.patch(f"accounts({row_id})", {"statecode": 1})
    row = sales.read(f"accounts({row_id})")
    assert (row["statecode"], row["statuscode"]) == (1, 2)


def test_a11_status_of_another_state_is_refused(sales):
    row_id = sales.create("accounts", name="x")
    answer = sales.patch(f"accounts({row_id})", {"statecode": 0, "statuscode": 2})
    assert refusal(answer)[:2] == (400, "0x80048408")


@pytest.mark.parametrize(("state", "status"), [(1, 3), (2, 4), (3, 100001), (4, 100003)])
def test_d9_order_that_is_not_active_is_read_only(sales, state, status):
    order = sales.order()
    states = {"statecode": state, "statuscode": status}
    assert sales.patch(f"salesorders({order})", states).status_code == 204
    assert refusal(sales.patch(f"salesorders({order})", {"name": "y"})) == (
        400,
        "0x8004022e",
        "Cannot Update a Read-Only Entity",
    )
    assert refusal(sales.request("DELETE", f"salesorders({order})"))[1] == "0x80040228"


def test_a13_locked_order_can_be_set_back_edited_and_set_again(sales):
    order = sales.order()
    for body in (
        {"statecode": 1, "statuscode": 3},
        {"statecode": 0, "statuscode": 1},
        {"name": "New"},
        {"statecode": 1, "statuscode": 3},
    ):
        assert sales.patch(f"salesorders({order})", body).status_code == 204
    assert sales.read(f"salesorders({order})")["name"] == "New"


def test_d9_lines_of_a_locked_document_are_locked(sales):
    order = sales.order(
        order_details=[{"productdescription": "W", "quantity": 1, "isproductoverridden": True}]
    )
    line = sales.read("salesorderdetails")["value"][0]["salesorderdetailid"]
    sales.patch(f"salesorders({order})", {"statecode": 1, "statuscode": 3})
    bind = {
        "salesorderid@odata.bind": f"/salesorders({order})",
        "quantity": 1,
        "isproductoverridden": True,
        "productdescription": "W",
    }
    answers = [
        sales.patch(f"salesorderdetails({line})", {"quantity": 2}),
        sales.request("DELETE", f"salesorderdetails({line})"),
        sales.request("POST", "salesorderdetails", bind),
    ]
    assert [refusal(a)[:2] for a in answers] == [(400, "0x80043b09")] * 3


def test_line_takes_currency_owner_name_and_place_from_its_document(sales):
    order = sales.order()
    product = active(sales)
    bodies: list[dict[str, object]] = [
        {"productid@odata.bind": f"/products({product})", "uomid@odata.bind": f"/uoms({UNIT})"},
        {"productdescription": "Work", "isproductoverridden": True},
    ]
    for body in bodies:
        common = {"salesorderid@odata.bind": f"/salesorders({order})", "quantity": 1}
        assert sales.request("POST", "salesorderdetails", common | body).status_code == 204
    rows = sales.read("salesorderdetails")["value"]
    assert [r["salesorderdetailname"] for r in rows] == ["Product P1", "Work"]
    assert [r["lineitemnumber"] for r in rows] == [1, 2]
    assert {r["_transactioncurrencyid_value"] for r in rows} == {USD}


# -- what a line may sell ------------------------------------------------------------------------


def active(sales, number="P1"):
    product = sales.product(number)
    sales.patch(f"products({product})", {"statecode": 0, "statuscode": 1})
    return product


def line(sales, order, **more):
    body = {"salesorderid@odata.bind": f"/salesorders({order})", "quantity": 1, **more}
    return sales.request("POST", "salesorderdetails", body)


def test_d9_draft_product_cannot_be_sold(sales):
    binds = {
        "productid@odata.bind": f"/products({sales.product()})",
        "uomid@odata.bind": f"/uoms({UNIT})",
    }
    assert refusal(line(sales, sales.order(), **binds))[:2] == (400, "0x8004f975")


def test_d9_unit_of_a_line_must_be_in_the_group_of_its_product(sales):
    sales.create("uomschedules", name="Other", baseuomname="Box")
    box = sales.read("uoms?$select=name&$filter=name eq 'Box'")["value"][0]["uomid"]
    bind = {"productid@odata.bind": f"/products({active(sales)})"}
    order = sales.order()
    other = line(sales, order, **bind, **{"uomid@odata.bind": f"/uoms({box})"})
    assert refusal(other)[:2] == (400, "0x80043b14")
    assert refusal(line(sales, order, **bind))[:2] == (400, "0x80043b0d")


def test_a13_a_unit_group_is_deleted_with_its_units_its_base_unit_is_not_alone(sales):
    group = sales.create("uomschedules", name="Other", baseuomname="Box")
    box = sales.read("uoms?$select=uomid&$filter=name eq 'Box'")["value"][0]["uomid"]
    pallet = sales.create(
        "uoms",
        name="Pallet",
        quantity=48,
        **{
            "uomscheduleid@odata.bind": f"/uomschedules({group})",
            "baseuom@odata.bind": f"/uoms({box})",
        },
    )
    assert refusal(sales.request("DELETE", f"uoms({box})"))[1] == "0x80043b0c"
    assert sales.request("DELETE", f"uomschedules({group})").status_code == 204
    for unit in (box, pallet):
        assert sales.request("GET", f"uoms({unit})").status_code == 404


def test_d9_write_in_excludes_product_and_unit(sales):
    write_in = {"isproductoverridden": True, "productdescription": "Work"}
    order, product = sales.order(), active(sales)
    with_product = line(
        sales, order, **write_in, **{"productid@odata.bind": f"/products({product})"}
    )
    with_unit = line(sales, order, **write_in, **{"uomid@odata.bind": f"/uoms({UNIT})"})
    assert refusal(with_product)[:2] == (400, "0x80043afb")
    assert refusal(with_unit)[:2] == (400, "0x80043afa")
    assert line(sales, order, **write_in).status_code == 204


def test_a13_line_needs_a_product_or_a_write_in(sales):
    assert refusal(line(sales, sales.order()))[:2] == (400, "0x80043b11")


def test_a13_integration_user_may_edit_submitted_orders(sales):
    set_organization(sales, issopintegrationenabled=True)
    user = sales.read("WhoAmI")["UserId"]
    order = sales.order()
    sales.patch(f"salesorders({order})", {"statecode": 1, "statuscode": 3})
    assert sales.patch(f"salesorders({order})", {"name": "y"}).status_code == 400
    sales.patch(f"systemusers({user})", {"isintegrationuser": True})
    assert sales.patch(f"salesorders({order})", {"name": "y"}).status_code == 204
