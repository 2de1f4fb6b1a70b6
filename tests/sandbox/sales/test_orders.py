"""O1, O1a, O3, O6, O8: orders in Sales."""

from decimal import Decimal

import pytest

from .documents import ACTIVE, CONFIRMED, DRAFT, Office, bind

STATUS = "msdynce_processingstatus"
ONLY = "msdynce_hasexternallymaintainedproductsonly"
LINE_ONLY = "msdynce_orderhasexternalmaintainedproductsonly"


@pytest.fixture
def office(sales):
    return Office(sales)


def activate(office, order):
    return office.ask("PATCH", f"salesorders({order})", {STATUS: ACTIVE})


def active_order(office, *lines):
    order = office.order(*(lines or (office.sold(office.product(price="10"), 2),)))
    assert activate(office, order).status_code == 204
    return order


def line_id(office, order, number=1):
    return office.lines("order", order)[number]["salesorderdetailid"]


# -- activation ----------------------------------------------------------------------------------


def test_o1a_new_order_is_a_draft_with_a_number(office):
    row = office.row("salesorders", office.order())
    assert (row[STATUS], row["ordernumber"][:10]) == (DRAFT, "ORD-01000-")


def test_o1a_activation_marks_every_line_as_submitted(office):
    product = office.product(price="10")
    order = active_order(office, office.sold(product, 1), office.sold(product, 2))
    assert office.row("salesorders", order)[STATUS] == ACTIVE
    assert office.row("salesorders", order)["statecode"] == 0
    flags = [row["msdynce_orderissubmitted"] for row in office.lines("order", order).values()]
    assert flags == [True, True]


def test_o1a_order_without_lines_is_kept_back(office):
    order = office.order()
    assert office.row("salesorders", order)[ONLY] is True
    code, text = office.refused("PATCH", f"salesorders({order})", {STATUS: ACTIVE})
    assert code == "0x80040265"
    assert text.endswith("cannot be activated because it has no lines.")


@pytest.mark.parametrize("external", [True, False])
def test_o1a_order_with_other_products_cannot_be_activated(office, external):
    product = office.product(price="10", external=external)
    lines = [office.sold(product), office.written_in()] if external else [office.sold(product)]
    order = office.order(*lines)
    _, text = office.refused("PATCH", f"salesorders({order})", {STATUS: ACTIVE})
    assert text.endswith("because it has products that are not externally maintained.")


def test_o1a_order_of_finance_and_operations_cannot_be_activated(office):
    order = office.order(office.sold(office.product(price="1")))
    office.as_person = False
    office.set(f"salesorders({order})", msdynce_ismaintainedexternally=True)
    _, text = office.refused("PATCH", f"salesorders({order})", {STATUS: ACTIVE})
    assert text.endswith("because it is maintained externally.")


def test_o3_people_make_no_other_move_of_the_processing_status(office):
    order = office.order(office.sold(office.product(price="1")))
    code, _ = office.refused("PATCH", f"salesorders({order})", {STATUS: CONFIRMED})
    assert code == "0x80040265"
    body = office.header(**{STATUS: CONFIRMED})
    assert office.refused("POST", "salesorders", body)[0] == "0x80040265"


# -- whose order it is ---------------------------------------------------------------------------


def test_o1_flag_of_the_header_and_its_copy_on_lines_follow_the_lines(office):
    order = office.order(office.sold(office.product(price="10")))
    assert office.row("salesorders", order)[ONLY] is True
    assert office.lines("order", order)[1][LINE_ONLY] is True
    office.add_line("salesorderdetails", "salesorderid", "salesorders", order, office.written_in())
    assert office.row("salesorders", order)[ONLY] is False
    assert [row[LINE_ONLY] for row in office.lines("order", order).values()] == [False, False]
    office.ask("DELETE", f"salesorderdetails({line_id(office, order, 2)})")
    assert office.row("salesorders", order)[ONLY] is True
    assert office.lines("order", order)[1][LINE_ONLY] is True


def test_o1_flag_follows_another_product(office):
    order = office.order(office.sold(office.product("P1", price="10")))
    own = office.product("P2", price="10", external=False)
    body = {"productid@odata.bind": bind("products", own)}
    office.ask("PATCH", f"salesorderdetails({line_id(office, order)})", body)
    assert office.row("salesorders", order)[ONLY] is False


def test_o1_flags_that_are_sent_are_dropped(office):
    order = office.order(office.written_in(), **{ONLY: True})
    office.set(f"salesorders({order})", **{ONLY: True})
    office.set(f"salesorderdetails({line_id(office, order)})", **{LINE_ONLY: True})
    assert office.row("salesorders", order)[ONLY] is False
    assert office.lines("order", order)[1][LINE_ONLY] is False


def test_o1_activated_order_is_read_only_for_people(office):
    order = active_order(office)
    line = f"salesorderdetails({line_id(office, order)})"
    added = {"salesorderid@odata.bind": bind("salesorders", order), **office.written_in()}
    attempts = [
        ("PATCH", f"salesorders({order})", {"name": "Other"}),
        ("PATCH", f"salesorders({order})", {STATUS: DRAFT}),
        ("DELETE", f"salesorders({order})", None),
        ("PATCH", line, {"quantity": 9}),
        ("DELETE", line, None),
        ("POST", "salesorderdetails", added),
    ]
    assert [office.refused(*attempt)[0] for attempt in attempts] == ["0x80040265"] * 6


def test_o1_order_of_finance_and_operations_is_read_only_for_people(office):
    order = office.external_order(office.sold(office.product(), 1, price="5"))
    office.as_person = True
    _, text = office.refused("PATCH", f"salesorders({order})", {"name": "Other"})
    assert text.endswith("is maintained externally and is read-only in Sales.")
    office.refused("PATCH", f"salesorderdetails({line_id(office, order)})", {"quantity": 2})


def test_o2_integration_changes_inserts_and_removes_lines_of_its_orders(office):
    product = office.product()
    order = office.external_order(
        office.sold(product, 3, price="20", discount="10.00", sequencenumber=1),
        office.sold(product, 1, price="7", sequencenumber=2),
    )
    office.set(f"salesorderdetails({line_id(office, order, 2)})", quantity=Decimal(2))
    office.add_line(
        "salesorderdetails",
        "salesorderid",
        "salesorders",
        order,
        office.sold(product, 1, price="100", tax="9", sequencenumber=5),
    )
    office.ask("DELETE", f"salesorderdetails({line_id(office, order, 1)})")
    office.set(f"salesorders({order})", name="Second", freightamount=Decimal("3.50"))
    row = office.row("salesorders", order)
    assert sorted(office.lines("order", order)) == [2, 5]
    # 2 × 7 + 100 + 3.50 + 9
    assert (str(row["totalamount"]), row["name"]) == ("126.5000", "Second")


def test_o2a_way_back_takes_over_an_order_born_in_sales(office):
    order = active_order(office)
    office.as_person = False
    office.set(
        f"salesorders({order})", **{STATUS: CONFIRMED, "msdynce_ismaintainedexternally": True}
    )
    assert office.row("salesorders", order)[STATUS] == CONFIRMED


# -- cancellation --------------------------------------------------------------------------------


def test_draft_order_can_be_cancelled_an_activated_one_not(office):
    draft, active = office.order(), active_order(office)
    bodies = [office.close_body("OrderClose", "salesorderid", one, 4) for one in (draft, active)]
    office.act("CancelSalesOrder", bodies[0])
    row = office.row("salesorders", draft)
    assert (row["statecode"], row["statuscode"], row[STATUS]) == (2, 4, DRAFT)
    assert office.refused("POST", "CancelSalesOrder", bodies[1])[0] == "0x80040265"


# -- numbers of lines ----------------------------------------------------------------------------


def test_o8_numbers_of_lines_are_given_and_stay(office):
    product = office.product(price="1")
    order = office.order(*(office.sold(product) for _ in range(3)))
    assert list(office.lines("order", order)) == [1, 2, 3]
    office.ask("DELETE", f"salesorderdetails({line_id(office, order, 2)})")
    office.add_line("salesorderdetails", "salesorderid", "salesorders", order, office.sold(product))
    assert list(office.lines("order", order)) == [1, 3, 4]


# -- Freight Tax ---------------------------------------------------------------------------------


def freight_tax(office, kind, row_id):
    return [row for row in office.lines(kind, row_id).values() if row["msdynce_ismisctax"]]


def test_o6_tax_of_the_header_becomes_a_write_in_line(office):
    order = office.external_order(
        office.sold(office.product(), 2, price="10", sequencenumber=1),
        msdynce_misctax=Decimal("1.60"),
    )
    [line] = freight_tax(office, "order", order)
    expected = {
        "productdescription": "Freight Tax",
        "salesorderdetailname": "Freight Tax",
        "isproductoverridden": True,
        "quantity": 1,
        "priceperunit": Decimal("1.60"),
        "extendedamount": Decimal("1.60"),
        "sequencenumber": 2,
        "msdynce_ismaintainedexternally": True,
    }
    assert {name: line[name] for name in expected} == expected
    row = office.row("salesorders", order)
    assert (str(row["totalamount"]), str(row["totaltax"])) == ("21.6000", "0.0000")
    assert row[ONLY] is True


def test_o6_line_follows_the_amount_and_goes_with_it(office):
    order = office.external_order(office.sold(office.product(), 1, price="10", sequencenumber=1))
    path = f"salesorders({order})"
    seen = []
    for amount in ("2.50", "3.75", "0", "1", None):
        office.set(path, msdynce_misctax=None if amount is None else Decimal(amount))
        found = [str(row["priceperunit"]) for row in freight_tax(office, "order", order)]
        seen.append((found, str(office.row("salesorders", order)["totalamount"])))
    assert seen == [
        (["2.5000"], "12.5000"),
        (["3.7500"], "13.7500"),
        ([], "10.0000"),
        (["1.0000"], "11.0000"),
        ([], "10.0000"),
    ]


def test_o6_line_makes_room_for_lines_that_come_later(office):
    order = office.external_order(msdynce_misctax=Decimal("1"))
    product = office.product()
    for number in (1, 2, 3):
        office.add_line(
            "salesorderdetails",
            "salesorderid",
            "salesorders",
            order,
            office.sold(product, 1, price="1", sequencenumber=number),
        )
    lines = office.lines("order", order)
    assert sorted(lines) == [1, 2, 3, 4]
    assert [number for number, row in lines.items() if row["msdynce_ismisctax"]] == [4]


def test_o6_same_amount_again_writes_no_line(office):
    order = office.external_order(msdynce_misctax=Decimal("1"))
    version = freight_tax(office, "order", order)[0]["versionnumber"]
    office.set(f"salesorders({order})", msdynce_misctax=Decimal("1.00"))
    assert freight_tax(office, "order", order)[0]["versionnumber"] == version


def test_o6_switch_leaves_the_line_to_the_client(sales_with):
    office = Office(sales_with(solution_makes_freight_tax_line=False))
    order = office.external_order(msdynce_misctax=Decimal("1"))
    assert office.lines("order", order) == {}
