"""Rule O5: the discount of a line, split into an amount per unit and a charge, and put together."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st
from p2c_sandbox.finops.amounts import CENT, Terms, line_amounts, split

LINE_1 = (
    "CDSSalesOrderLines(dataAreaId='usmf',SalesOrderNumber='ORD-1',LineCreationSequenceNumber=1)"
)
AMOUNTS = st.decimals("-1000000", "1000000", places=2)
FINE_AMOUNTS = st.decimals("0", "100000", places=4)
QUANTITIES = st.decimals("-100000", "100000", places=4)


def test_o5_the_worked_case_of_ten_on_three():
    parts = split(Decimal(10), Decimal(3))
    assert (parts.per_unit, parts.charge) == (Decimal("3.33"), Decimal("-0.01"))
    assert parts.of_line(Decimal(3)) == Decimal(10)


@given(total=AMOUNTS, quantity=QUANTITIES)
def test_o5_every_discount_comes_back_for_every_quantity(total, quantity):
    assert split(total, quantity).of_line(quantity) == total


@given(total=FINE_AMOUNTS, quantity=QUANTITIES)
def test_o5_even_with_more_decimals_than_the_currency_has(total, quantity):
    assert split(total, quantity).of_line(quantity) == total


@given(total=AMOUNTS, quantity=QUANTITIES.filter(bool))
def test_o5_the_amount_per_unit_is_rounded_to_the_currency(total, quantity):
    parts = split(total, quantity)
    assert parts.per_unit == (total / quantity).quantize(CENT, ROUND_HALF_UP)
    # The charge holds what rounding the unit price lost: half a cent a piece, half a cent in all.
    assert abs(parts.charge) <= abs(quantity) * CENT / 2 + CENT / 2


@given(st.decimals("0", "1000", places=2), AMOUNTS, st.decimals("0.01", "100", places=2))
def test_o5_net_and_charge_are_gross_less_discount(price, total, quantity):
    parts = split(total, quantity)
    amounts = line_amounts(Terms(price, parts, Decimal(0), Decimal(0)), quantity)
    gross = (price * quantity).quantize(CENT, ROUND_HALF_UP)
    assert amounts.net + parts.charge == gross - total
    assert amounts.total == gross - total


def test_o5_the_entity_takes_the_whole_discount_and_shows_its_parts(shop):
    shop.order()
    line = shop.line(3, SalesPrice=100, TotalDiscountAmount=10).json
    assert (line["TotalDiscountAmount"], line["LineAmount"]) == (10, 290.01)
    [standard] = shop.api.rows("SalesOrderLines")
    assert (standard["LineDiscountAmount"], standard["FixedPriceCharges"]) == (3.33, -0.01)
    assert standard["InventoryLotId"].startswith("LOT")
    assert (
        shop.api.get(
            f"SalesOrderLines(dataAreaId='usmf',InventoryLotId='{standard['InventoryLotId']}')"
        ).status
        == 200
    )


def test_o5_an_entity_write_of_the_quantity_keeps_the_whole_discount(shop):
    shop.order()
    shop.line(3, number=1, TotalDiscountAmount=10)
    assert shop.api.patch(LINE_1, {"OrderedSalesQuantity": 7}).status == 204
    line = shop.api.get(LINE_1).json
    # 10 / 7 = 1.43 a piece, 7 x 1.43 = 10.01
    assert (line["LineDiscountAmount"], line["FixedPriceCharges"]) == (1.43, 0.01)
    assert line["TotalDiscountAmount"] == 10


def test_o5_a_clerk_who_moves_the_quantity_keeps_the_discount_per_unit(shop):
    shop.order()
    shop.line(3, number=1, TotalDiscountAmount=10)
    shop.do("edit-line", order="ORD-1", line=1, quantity="6")
    [line] = shop.lines()
    assert line["TotalDiscountAmount"] == 19.99  # 6 x 3.33 + 0.01
    shop.do("edit-line", order="ORD-1", line=1, discount="10")
    assert shop.lines()[0]["TotalDiscountAmount"] == 10


def test_o5_the_standard_entity_is_for_reading(shop):
    shop.order()
    shop.line(3)
    lot = shop.api.rows("SalesOrderLines")[0]["InventoryLotId"]
    key = f"SalesOrderLines(dataAreaId='usmf',InventoryLotId='{lot}')"
    assert "read-only" in shop.api.patch(key, {"LineDiscountAmount": 1}).reason
    assert "read-only" in shop.api.delete(key).reason
