"""Whatever is done to the lines of an order, its header says what they add up to."""

from decimal import ROUND_HALF_EVEN, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .documents import Office

CENT = Decimal("0.01")
MONEY = st.decimals(0, 5000, places=2)
LINES = st.fixed_dictionaries(
    {
        "quantity": st.decimals("-50", 500, places=4),
        "priceperunit": MONEY,
        "manualdiscountamount": MONEY,
        "tax": st.decimals("-100", 100, places=2),
    }
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), LINES, st.booleans()),
        st.tuples(st.just("change"), LINES, st.integers(0, 9)),
        st.tuples(st.just("remove"), st.none(), st.integers(0, 9)),
        st.tuples(st.just("header"), st.tuples(MONEY, MONEY), st.integers(0, 100)),
    ),
    min_size=1,
    max_size=8,
)


class Expected:
    """A header and its lines, worked out in plain Python."""

    def __init__(self):
        self.lines, self.external = {}, {}
        self.discount = self.freight = self.percentage = Decimal(0)

    def totals(self):
        net = tax = Decimal(0)
        for line in self.lines.values():
            base = (line["quantity"] * line["priceperunit"]).quantize(CENT, ROUND_HALF_EVEN)
            net += base - line["manualdiscountamount"]
            tax += line["tax"]
        own = self.discount + (net * self.percentage / 100).quantize(CENT, ROUND_HALF_EVEN)
        return net, tax, net - own + self.freight + tax


def play(office, order, product, expected, step):
    kind, given_values, more = step
    names = sorted(expected.lines)
    if kind == "add":
        line = office.sold(product) if more else office.written_in()
        body = {**line, "ispriceoverridden": True, **given_values}
        row_id = office.add_line("salesorderdetails", "salesorderid", "salesorders", order, body)
        expected.lines[row_id], expected.external[row_id] = given_values, more
    elif kind == "header":
        expected.discount, expected.freight = given_values
        expected.percentage = Decimal(more)
        office.set(
            f"salesorders({order})",
            discountamount=expected.discount,
            freightamount=expected.freight,
            discountpercentage=expected.percentage,
        )
    elif names:
        row_id = names[more % len(names)]
        if kind == "change":
            office.set(f"salesorderdetails({row_id})", **given_values)
            expected.lines[row_id] = given_values
        else:
            office.ask("DELETE", f"salesorderdetails({row_id})")
            del expected.lines[row_id], expected.external[row_id]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_header_is_the_sum_of_its_lines(sales, steps):
    office, expected = Office(sales), Expected()
    number = f"P{len(sales.read('products?$select=productid')['value'])}"
    product, order = office.product(number), office.order()
    for step in steps:
        play(office, order, product, expected, step)
        row = office.row("salesorders", order)
        found = (row["totallineitemamount"], row["totaltax"], row["totalamount"])
        assert found == expected.totals()
        only = all(expected.external.values())
        assert row["msdynce_hasexternallymaintainedproductsonly"] is only
        flags = [
            line["msdynce_orderhasexternalmaintainedproductsonly"]
            for line in office.lines("order", order).values()
        ]
        assert flags == [only] * len(expected.lines)
