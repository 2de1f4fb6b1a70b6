"""What people do in Sales, by name, against a sandbox of its own."""

from decimal import Decimal

import pytest
from p2c_sandbox import actions
from p2c_sandbox.actions import ActionRefused, UnknownAction
from p2c_sandbox.sales.desk import SalesDesk


@pytest.fixture(scope="module")
def running(sandbox_base):
    return sandbox_base()


@pytest.fixture(scope="module")
def do(running):
    return lambda action, **options: actions.perform(running, f"sales.{action}", options)


@pytest.fixture(scope="module")
def desk(running):
    secret = (running.client_id, running.client_secret)
    with SalesDesk.open(running.sales.url, running.sales.token_url, secret) as found:
        yield found


@pytest.fixture(scope="module")
def adventure(do):
    return do("add-account", name="Adventure", city="Denver", business_unit="Contoso US")["account"]


@pytest.fixture(scope="module")
def speaker(desk, do):
    """An externally maintained product at 50.00 on the first price list."""
    unit = desk.one("uoms", "name", "pcs", "unit")
    desk.create(
        "products",
        {
            "productnumber": "SPEAKER",
            "name": "Speaker",
            "quantitydecimal": 2,
            "price": Decimal("50.00"),
            "transactioncurrencyid@odata.bind": "/transactioncurrencies"
            "(00000005-0000-0000-0000-000000000000)",
            "defaultuomid@odata.bind": f"/uoms({unit['uomid']})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({unit['_uomscheduleid_value']})",
            "msdynce_ismaintainedexternally": True,
        },
    )
    do("activate-product", product="SPEAKER")
    return "SPEAKER"


def test_quote_is_written_activated_won_and_becomes_an_order(do, adventure, speaker, desk):
    quote = do("add-quote", customer=adventure, lines=(f"{speaker}=3-10.00", f"{speaker}=1@45"))
    assert (quote["state"], quote["total"]) == ("Draft", Decimal("185"))
    number = quote["quote"]
    assert do("activate-quote", quote=number)["state"] == "Active"
    assert do("win-quote", quote=number)["state"] == "Won"
    order = do("order-from-quote", quote=number)
    assert order["total"] == Decimal("185")
    active = do("activate-order", order=order["order"])
    assert (active["state"], active["processing_status"]) == ("Active", 647390000)
    row = desk.get("salesorders", order["id"])
    unit = desk.one("businessunits", "name", "Contoso US", "business unit")
    assert row["_owningbusinessunit_value"] == unit["businessunitid"]
    assert row["shipto_city"] == "Denver"


def test_revised_quote_goes_on_under_its_number(do, adventure, speaker):
    quote = do("add-quote", customer=adventure, lines=(f"{speaker}=1",))["quote"]
    do("activate-quote", quote=quote)
    revised = do("revise-quote", quote=quote)
    assert (revised["quote"], revised["revision"], revised["state"]) == (quote, 1, "Draft")
    assert do("add-line", document=quote, line=f"{speaker}=2")["total"] == Decimal("150")
    do("activate-quote", quote=quote)
    assert do("lose-quote", quote=quote)["state"] == "Closed"


def test_lines_of_a_draft_order_are_added_changed_and_removed(do, adventure, speaker):
    order = do("add-order", customer="Adventure", freight=Decimal("5"))["order"]
    assert do("add-line", document=order, line=f"{speaker}=2")["total"] == Decimal("105")
    assert do("add-line", document=order, write_in="Set up=1@20")["line"] == 2
    changed = do("change-line", document=order, line=1, quantity=Decimal(3), price=Decimal("40"))
    assert changed["total"] == Decimal("145")
    assert do("change-line", document=order, line=1, discount=Decimal("1"))["total"] == 144
    with pytest.raises(ActionRefused, match="products that are not externally maintained"):
        do("activate-order", order=order)
    assert do("remove-line", document=order, line=2)["total"] == Decimal("124")
    assert do("activate-order", order=order)["processing_status"] == 647390000
    with pytest.raises(ActionRefused, match="is activated and is read-only"):
        do("change-line", document=order, line=1, quantity=Decimal(9))


def test_draft_order_is_cancelled(do, adventure):
    order = do("add-order", customer=adventure)["order"]
    assert do("cancel-order", order=order)["state"] == "Canceled"


def test_contact_of_an_account_becomes_a_customer_by_its_quote(do, adventure, speaker, desk):
    contact = do("add-contact", last_name="Doe", first_name="Jane", account=adventure)
    assert desk.get("contacts", contact["id"])["msdynce_iscompanyanaccount"] is True
    do("add-quote", customer=contact["contact"], lines=(f"{speaker}=1",))
    assert desk.get("contacts", contact["id"])["msdynce_isactivecustomer"] is True


def test_document_of_another_business_unit_and_currency(do, adventure, desk):
    order = do(
        "add-order", customer=adventure, currency="EUR", business_unit="Contoso Germany", name="X"
    )
    row = desk.get("salesorders", order["id"])
    unit = desk.one("businessunits", "name", "Contoso Germany", "business unit")
    prices = desk.one("pricelevels", "name", "Europe", "price list")
    assert row["_owningbusinessunit_value"] == unit["businessunitid"]
    assert (row["name"], row["_pricelevelid_value"]) == ("X", prices["pricelevelid"])


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("add-order", {"customer": "nobody"}, "There is no account or contact 'nobody'"),
        ("activate-order", {"order": "X"}, "There is no order 'X' in Sales"),
        ("win-quote", {"quote": "X"}, "There is no quote 'X' in Sales"),
        ("add-account", {"name": "x", "business_unit": "X"}, "There is no business unit 'X'"),
    ],
)
def test_what_is_not_there_is_named(do, name, options, text):
    with pytest.raises(ActionRefused, match=text):
        do(name, **options)


def test_line_that_cannot_be_read_is_told(do, adventure):
    with pytest.raises(ActionRefused, match="'SPEAKER' is not a line of the form PRODUCT="):
        do("add-order", customer=adventure, lines=("SPEAKER",))


# -- the registry --------------------------------------------------------------------------------


def test_every_action_says_what_it_does_and_takes():
    for action in actions.actions().values():
        assert action.help.endswith("."), action.full_name
        for option in action.options:
            assert option.help or action.system == "finops", (action.full_name, option.name)


def test_options_have_types():
    options = {one.name: one for one in actions.find("sales.add-quote").options}
    assert (options["customer"].type, options["customer"].required) == (str, True)
    assert (options["lines"].type, options["lines"].many) == (str, True)
    assert (options["freight"].type, options["freight"].default) == (Decimal, Decimal(0))
    quantity = {one.name: one for one in actions.find("change-line").options}["quantity"]
    assert (quantity.type, quantity.required) == (Decimal, False)


def test_system_may_be_left_out_where_a_name_is_unique():
    assert actions.find("activate-order").full_name == "sales.activate-order"
    with pytest.raises(UnknownAction, match=r"sales\.cancel-order or finops\.cancel-order"):
        actions.find("cancel-order")
    with pytest.raises(UnknownAction, match="There is no action 'dance'"):
        actions.find("dance")


def test_actions_of_finance_and_operations_are_reached_too(running):
    options = {"product": "P9", "name": "Lamp", "price": Decimal("9.50"), "company": "usmf"}
    answer = actions.perform(running, "release-product", options)
    assert (answer["company"], answer["product"]) == ("usmf", "P9")
    with pytest.raises(ActionRefused):
        actions.perform(running, "finops.confirm-order", {"order": "none"})
