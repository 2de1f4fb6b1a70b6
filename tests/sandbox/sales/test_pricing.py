"""G8: system pricing, with sums worked out by hand."""

from decimal import Decimal

import pytest

from .documents import Office, bind


@pytest.fixture
def office(sales):
    return Office(sales)


def amounts(row, *names):
    return tuple(str(row[name]) for name in names)


LINE = ("priceperunit", "baseamount", "manualdiscountamount", "extendedamount")
TOTALS = (
    "totallineitemamount",
    "totallineitemdiscountamount",
    "totaldiscountamount",
    "totalamountlessfreight",
    "totaltax",
    "totalamount",
)


def test_g8_line_takes_the_price_of_the_list_and_counts(office):
    product = office.product(price="19.99")
    order = office.order(office.sold(product, 3, discount="10.00", tax="4.20"))
    line = office.lines("order", order)[1]
    # 3 × 19.99 = 59.97; 59.97 − 10.00 + 4.20 = 54.17
    assert amounts(line, *LINE) == ("19.9900", "59.9700", "10.0000", "54.1700")
    assert line["pricingerrorcode"] == 0


def test_g8_totals_of_a_header_with_discounts_freight_and_tax(office):
    product = office.product(price="100")
    order = office.order(
        office.sold(product, 2, discount="5", tax="19.50"),
        office.sold(product, 1, price="33.33", tax="3.33"),
        discountamount=Decimal("10"),
        discountpercentage=Decimal("10"),
        freightamount=Decimal("7.25"),
    )
    # lines 195 + 33.33 = 228.33; own discounts 10 + 22.833 → 22.83; less freight 195.50
    expected = ("228.3300", "5.0000", "37.8300", "195.5000", "22.8300", "225.5800")
    assert amounts(office.row("salesorders", order), *TOTALS) == expected


@pytest.mark.parametrize("kind", ["quote", "invoice"])
def test_g8_quotes_and_invoices_count_too(office, kind):
    product = office.product(price="4.50")
    make = {"quote": office.quote, "invoice": office.invoice}[kind]
    row_id = make(office.sold(product, 4), freightamount=Decimal("1"))
    row = office.row(f"{kind}s", row_id)
    assert amounts(row, "totallineitemamount", "totalamount") == ("18.0000", "19.0000")


def test_g8_header_follows_changes_and_deletions_of_its_lines(office):
    product = office.product(price="10")
    order = office.order(office.sold(product, 1), office.sold(product, 2))
    first, second = office.lines("order", order).values()
    office.set(f"salesorderdetails({first['salesorderdetailid']})", quantity=Decimal(5))
    assert str(office.row("salesorders", order)["totalamount"]) == "70.0000"
    office.ask("DELETE", f"salesorderdetails({second['salesorderdetailid']})")
    assert str(office.row("salesorders", order)["totalamount"]) == "50.0000"


def test_g8_header_follows_its_own_discount_and_freight(office):
    order = office.order(office.sold(office.product(price="10"), 3))
    office.set(f"salesorders({order})", freightamount=Decimal("2"), discountamount=Decimal("5"))
    assert str(office.row("salesorders", order)["totalamount"]) == "27.0000"


def test_a13_totals_that_are_sent_are_worked_out_anew(office):
    order = office.external_order(office.sold(office.product(), 2, price="10"))
    line = office.lines("order", order)[1]["salesorderdetailid"]
    office.set(f"salesorders({order})", totalamount=Decimal(1), totaltax=Decimal(1))
    office.set(f"salesorderdetails({line})", extendedamount=Decimal(1))
    assert amounts(office.row("salesorders", order), "totalamount", "totaltax") == (
        "20.0000",
        "0.0000",
    )
    assert str(office.lines("order", order)[1]["extendedamount"]) == "20.0000"


def test_a13_integration_mode_stores_what_is_sent(office, sales):
    user = sales.read("WhoAmI")
    sales.patch(f"organizations({user['OrganizationId']})", {"issopintegrationenabled": True})
    sales.patch(f"systemusers({user['UserId']})", {"isintegrationuser": True})
    order = office.external_order(office.sold(office.product(), 2, price="10"))
    office.set(f"salesorders({order})", totalamount=Decimal("12.34"))
    assert str(office.row("salesorders", order)["totalamount"]) == "12.3400"


def test_a13_half_cents_go_to_the_even_neighbour(office):
    order = office.order(office.written_in(quantity="3.5", price="7.75"))
    assert str(office.lines("order", order)[1]["baseamount"]) == "27.1200"


def test_a13_half_cents_go_up_by_a_switch(sales_with):
    office = Office(sales_with(amount_rounding="half_up"))
    order = office.order(office.written_in(quantity="3.5", price="7.75"))
    assert str(office.lines("order", order)[1]["baseamount"]) == "27.1300"


def test_a13_amounts_count_with_the_decimals_that_are_kept(office):
    # prices have 2 decimals here: 1.005 is kept as 1.00
    order = office.order(office.sold(office.product(), "1000", price="1.005"))
    line = office.lines("order", order)[1]
    assert amounts(line, "priceperunit", "baseamount") == ("1.0000", "1000.0000")


def test_a13_product_without_a_price_shows_an_error_and_counts_nothing(office):
    order = office.order(office.sold(office.product(), 3))
    line, header = office.lines("order", order)[1], office.row("salesorders", order)
    assert (line["priceperunit"], line["pricingerrorcode"]) == (None, 11)
    assert (str(header["totalamount"]), header["pricingerrorcode"]) == ("0.0000", 1)


def test_a13_write_in_without_a_price_shows_an_error(office):
    line = {"isproductoverridden": True, "productdescription": "Work", "quantity": 1}
    order = office.order(line)
    assert office.lines("order", order)[1]["pricingerrorcode"] == 5


def test_a13_price_is_taken_again_when_it_is_no_longer_overridden(office):
    order = office.order(office.sold(office.product(price="8"), 1, price="5"))
    line = office.lines("order", order)[1]["salesorderdetailid"]
    office.set(f"salesorderdetails({line})", ispriceoverridden=False)
    assert str(office.lines("order", order)[1]["priceperunit"]) == "8.0000"


def test_a13_another_price_list_prices_the_lines_anew(office, sales):
    product = office.product(price="8")
    order = office.order(office.sold(product, 2), office.sold(product, 1, price="5"))
    office.prices = sales.price_list("Cheaper")
    sales.create(
        "productpricelevels",
        productid__bind=bind("products", product),
        pricelevelid__bind=bind("pricelevels", office.prices),
        uomid__bind="/uoms(00000007-0000-0000-0000-000000000000)",
        amount=Decimal(7),
    )
    binding = {"pricelevelid@odata.bind": bind("pricelevels", office.prices)}
    assert office.ask("PATCH", f"salesorders({order})", binding).status_code == 204
    assert str(office.row("salesorders", order)["totalamount"]) == "19.0000"


def test_a13_locked_prices_stay_until_the_product_changes(office, sales):
    first, second = office.product("P1", price="8"), office.product("P2", price="3")
    order = office.order(office.sold(first, 2))
    line = office.lines("order", order)[1]["salesorderdetailid"]
    office.set(f"salesorders({order})", ispricelocked=True)
    for item in sales.read("productpricelevels")["value"]:
        sales.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": 100})
    office.set(f"salesorderdetails({line})", quantity=Decimal(3), ispriceoverridden=False)
    assert str(office.lines("order", order)[1]["extendedamount"]) == "24.0000"
    body = {"productid@odata.bind": bind("products", second)}
    office.ask("PATCH", f"salesorderdetails({line})", body)
    assert str(office.lines("order", order)[1]["extendedamount"]) == "300.0000"


def test_a12_base_amounts_follow(office, sales):
    euro = sales.create(
        "transactioncurrencies",
        isocurrencycode="EUR",
        currencyname="Euro",
        currencysymbol="€",
        currencyprecision=2,
        exchangerate=Decimal("0.8"),
    )
    office.prices = sales.price_list("Europe", euro)
    currency = {"transactioncurrencyid@odata.bind": bind("transactioncurrencies", euro)}
    order = office.order(office.sold(office.product(), 2, price="4"), **currency)
    names = ("totalamount", "totalamount_base", "totallineitemamount_base")
    assert amounts(office.row("salesorders", order), *names) == ("8.0000", "10.0000", "10.0000")
    line = office.lines("order", order)[1]
    assert amounts(line, "extendedamount_base", "priceperunit_base") == ("10.0000", "5.0000")


def test_a11_price_list_in_another_currency_is_refused(office, sales):
    euro = sales.create(
        "transactioncurrencies",
        isocurrencycode="EUR",
        currencyname="Euro",
        currencysymbol="€",
        currencyprecision=2,
        exchangerate=1,
    )
    office.prices = sales.price_list("Europe", euro)
    assert office.refused("POST", "salesorders", office.header())[0] == "0x80048cea"


def test_a_header_is_written_once_for_many_lines(office, sales):
    product = office.product(price="1")
    order = office.order()
    before = office.row("salesorders", order)["versionnumber"]
    targets = [
        {
            "@odata.type": "Microsoft.Dynamics.CRM.salesorderdetail",
            "salesorderid@odata.bind": bind("salesorders", order),
            **office.sold(product, 1),
        }
        for _ in range(200)
    ]
    path = "salesorderdetails/Microsoft.Dynamics.CRM.CreateMultiple"
    assert office.ask("POST", path, {"Targets": targets}).status_code == 200
    row = office.row("salesorders", order)
    assert str(row["totalamount"]) == "200.0000"
    assert row["versionnumber"] == before + 201


def test_a_header_whose_totals_stay_is_not_written(office):
    order = office.order(office.sold(office.product(price="10"), 1))
    version = office.row("salesorders", order)["versionnumber"]
    line = office.lines("order", order)[1]["salesorderdetailid"]
    office.set(f"salesorderdetails({line})", description="Blue")
    assert office.row("salesorders", order)["versionnumber"] == version
