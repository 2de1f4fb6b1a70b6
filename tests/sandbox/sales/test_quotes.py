"""Q1 and the life of a quote (protocols A13)."""

from decimal import Decimal

import pytest

from .documents import DRAFT, Office, bind

ONLY = "msdynce_hasexternallymaintainedproductsonly"
LINE_ONLY = "msdynce_quotehasexternalmaintainedproductsonly"


@pytest.fixture
def office(sales):
    return Office(sales)


def active_quote(office, *lines, **more):
    quote = office.quote(*(lines or (office.sold(office.product(price="10"), 2),)), **more)
    office.set(f"quotes({quote})", statecode=1)
    return quote


def states(office, quote):
    row = office.row("quotes", quote)
    return row["statecode"], row["statuscode"]


def close_body(office, quote, status):
    return office.close_body("QuoteClose", "quoteid", quote, status)


def test_a13_new_quote_is_a_draft_with_a_number(office):
    row = office.row("quotes", office.quote())
    assert (row["statecode"], row["quotenumber"][:10], row["revisionnumber"]) == (
        0,
        "QUO-01000-",
        0,
    )


def test_q1_write_in_line_keeps_the_whole_quote_back(office):
    quote = office.quote(office.sold(office.product(price="10")))
    assert office.row("quotes", quote)[ONLY] is True
    office.add_line("quotedetails", "quoteid", "quotes", quote, office.written_in())
    assert office.row("quotes", quote)[ONLY] is False
    assert [row[LINE_ONLY] for row in office.lines("quote", quote).values()] == [False, False]


def test_a13_activation_makes_a_quote_read_only_for_everybody(office):
    quote = active_quote(office)
    assert states(office, quote) == (1, 2)
    line = office.lines("quote", quote)[1]["quotedetailid"]
    for as_person in (True, False):
        office.as_person = as_person
        assert office.refused("PATCH", f"quotes({quote})", {"name": "x"})[0] == "0x8004022e"
        assert office.refused("PATCH", f"quotedetails({line})", {"quantity": 3})[0] == "0x80043b09"


def test_a13_win_quote_makes_no_order(office, sales):
    quote = active_quote(office)
    office.win(quote)
    assert states(office, quote) == (2, 4)
    assert office.row("quotes", quote)["closedon"] == "2026-03-01"
    assert sales.read("salesorders")["value"] == []


def test_a13_draft_quote_cannot_be_won(office):
    quote = office.quote()
    code, text = office.refused("POST", "WinQuote", close_body(office, quote, 4))
    assert code == "0x8004f00e"
    assert text.endswith("cannot be won: it is a draft.")


@pytest.mark.parametrize(("status", "found"), [(5, 5), (6, 6), (-1, 7), (647390000, 647390000)])
def test_a13_close_quote(office, status, found):
    quote = active_quote(office)
    office.act("CloseQuote", close_body(office, quote, status))
    assert states(office, quote) == (3, found)


def test_a11_close_quote_refuses_a_status_of_another_state(office):
    body = close_body(office, active_quote(office), 4)
    assert office.refused("POST", "CloseQuote", body)[0] == "0x80048408"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"statecode": 2, "statuscode": 4}, "0x8004f00e"),
        ({"statecode": 0, "statuscode": 1}, "0x8004f00e"),
    ],
)
def test_a13_other_moves_of_a_quote_need_their_action(office, body, code):
    assert office.refused("PATCH", f"quotes({active_quote(office)})", body)[0] == code


def test_a13_won_quote_cannot_be_activated(office):
    quote = active_quote(office)
    office.win(quote)
    assert office.refused("PATCH", f"quotes({quote})", {"statecode": 1})[0] == "0x80100003"


def test_a13_revise_quote_closes_the_old_and_makes_a_draft(office):
    product = office.product(price="10")
    lines = [office.sold(product, 3, discount="1"), office.sold(product, 1, price="7")]
    quote = active_quote(office, *lines, discountamount=Decimal("2"))
    answer = office.act("ReviseQuote", {"QuoteId": quote, "ColumnSet": {"AllColumns": True}}, 200)
    new = office.row("quotes", answer.json()["quoteid"])
    old = office.row("quotes", quote)
    assert states(office, quote) == (3, 7)
    assert (new["quotenumber"], new["revisionnumber"]) == (old["quotenumber"], 1)
    assert (new["statecode"], new["totalamount"]) == (0, Decimal("34"))
    found = office.lines("quote", new["quoteid"])
    assert [(n, str(row["extendedamount"])) for n, row in found.items()] == [
        (1, "29.0000"),
        (2, "7.0000"),
    ]
    assert {row["msdynce_quoterevisionnumber"] for row in found.values()} == {1}


def test_a11_quote_has_one_draft_revision_at_a_time(office):
    quote = active_quote(office)
    body = {"QuoteId": quote, "ColumnSet": {"AllColumns": True}}
    office.act("ReviseQuote", body, 200)
    assert office.refused("POST", "ReviseQuote", body)[0] == "0x80048d00"


def test_a13_order_from_a_quote_takes_lines_prices_and_discounts(office, sales):
    product = office.product(price="10")
    lines = [office.sold(product, 3, discount="4.50", tax="1"), office.written_in(price="5")]
    quote = active_quote(office, *lines, shipto_city="Lyon", freightamount=Decimal("8"))
    office.win(quote)
    item = sales.read("productpricelevels")["value"][0]["productpricelevelid"]
    sales.patch(f"productpricelevels({item})", {"amount": 99})
    wanted = {"Columns": ["salesorderid", "ordernumber"]}
    body = {"QuoteId": quote, "ColumnSet": wanted, "QuoteCloseStatus": 4}
    answer = office.act("ConvertQuoteToSalesOrder", body, 200).json()
    order = office.row("salesorders", answer["salesorderid"])
    assert answer["ordernumber"] == order["ordernumber"]
    assert order["_quoteid_value"] == quote
    assert (order["statecode"], order["msdynce_processingstatus"]) == (0, DRAFT)
    assert (order["shipto_city"], order["ispricelocked"]) == ("Lyon", True)
    assert order[ONLY] is False
    # 30 − 4.50 + 5 + 8 + 1
    assert str(order["totalamount"]) == "39.5000"
    assert order["_ownerid_value"] == office.row("quotes", quote)["_ownerid_value"]
    found = office.lines("order", answer["salesorderid"])
    assert [str(row["priceperunit"]) for row in found.values()] == ["10.0000", "5.0000"]
    assert str(found[1]["manualdiscountamount"]) == "4.5000"


def test_a13_order_from_an_active_quote_wins_it(office):
    quote = active_quote(office)
    body = {"QuoteId": quote, "ColumnSet": {"AllColumns": True}}
    office.act("ConvertQuoteToSalesOrder", body, 200)
    assert states(office, quote) == (2, 4)


def test_a13_draft_quote_becomes_no_order(office):
    body = {"QuoteId": office.quote(), "ColumnSet": {"AllColumns": True}}
    _, text = office.refused("POST", "ConvertQuoteToSalesOrder", body)
    assert text.endswith("cannot be turned into an order: it is a draft.")


@pytest.mark.parametrize("name", ["WinQuote", "ReviseQuote", "ConvertQuoteToSalesOrder"])
def test_actions_without_their_parameters_are_refused(office, name):
    assert office.refused("POST", name, {})[1].startswith("The parameter")


def test_action_for_a_quote_that_is_not_there(office):
    absent = "0f0f0f0f-0000-4000-8000-000000000000"
    body = {"QuoteId": absent, "ColumnSet": {"AllColumns": True}}
    assert office.ask("POST", "ReviseQuote", body).status_code == 404
    close = {"QuoteClose": {"quoteid@odata.bind": bind("quotes", absent)}, "Status": 4}
    assert office.ask("POST", "WinQuote", close).status_code == 404
