"""Real input: Northwind's orders go out, are shipped and invoiced in F&O, and come back.

Every amount is compared with what Northwind's CSV files alone come to (`orders.py`), in each
service read directly. `make test-full` takes every order, `P2C_LONG=1` alone a sample; the quick
story goes the same way with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from tests.loop.world import Row, adds_up, outcomes_add_up

from .conftest import Documents, Traded
from .orders import Order

INVOICED = 647390003
FREIGHT_TAX = "Freight Tax"
# State of an order in Sales.
STATE_INVOICED = 4

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def expected_lines(order: Order, *, taxed: bool = True) -> dict[int, Row]:
    return {
        line.number: {
            "product": line.product,
            "quantity": line.quantity,
            "price": line.price,
            "discount": line.discount,
            "tax": line.tax if taxed else Decimal(0),
        }
        for line in order.lines
    }


def lines_of_finops(lines: list[Row], quantity: str, prefix: str = "Total") -> dict[int, Row]:
    return {
        line["LineCreationSequenceNumber"]: {
            "product": line["ProductNumber"],
            "quantity": line[quantity],
            "price": line["SalesPrice"],
            "discount": line[f"{prefix}DiscountAmount"],
            "tax": line[f"{prefix}TaxAmount"],
        }
        for line in lines
    }


def lines_of_sales(lines: list[Row], products: dict[str, str]) -> dict[int, Row]:
    return {
        line["sequencenumber"]: {
            "product": products[line["_productid_value"]],
            "quantity": line["quantity"],
            "price": line["priceperunit"],
            "discount": line["manualdiscountamount"],
            "tax": line["tax"] or 0,
        }
        for line in lines
        if not line["isproductoverridden"]
    }


def freight_taxes(lines: list[Row]) -> list[tuple[str, Decimal]]:
    """Write-in lines of a document of Sales."""
    written_in = (line for line in lines if line["isproductoverridden"])
    return [(line["productdescription"], line["extendedamount"]) for line in written_in]


def wrong(expected: Mapping[str, object], held: Mapping[str, object]) -> dict[str, object]:
    """Only what differs, so that a failure can be read."""
    keys = expected.keys() | held.keys()
    pairs = {key: (expected.get(key), held.get(key)) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def invoices_by_order(documents: Documents) -> dict[str, Row]:
    found = {row["SalesOrderNumber"]: row for row in documents.finops.values()}
    assert len(found) == len(documents.finops)
    return found


def test_the_sample_has_what_is_to_be_proved(traded: Traded) -> None:
    assert any(order.discount for order in traded.orders)
    assert {bool(order.percent) for order in traded.orders} == {True, False}
    assert traded.loaded.json["rows"] == {
        "sales.salesorders.csv": len(traded.orders),
        "sales.salesorderdetails.csv": sum(len(order.lines) for order in traded.orders),
    }


def test_every_order_goes_out_once_with_its_lines(traded: Traded) -> None:
    held = {
        number: lines_of_finops(lines, "OrderedSalesQuantity")
        for number, lines in traded.sent.finops_lines.items()
    }
    expected = {order.number: expected_lines(order, taxed=False) for order in traded.orders}
    assert wrong(expected, held) == {}
    customers = {n: row["OrderingCustomerAccountNumber"] for n, row in traded.sent.finops.items()}
    assert customers == {order.number: order.customer for order in traded.orders}


def test_the_run_that_sends_orders_writes_nothing_else(traded: Traded) -> None:
    written = {key: flow["written"] for key, flow in traded.out.flows.items() if flow["written"]}
    assert written == {
        ("orders_out", "finops.CDSSalesOrderHeaders"): len(traded.orders),
        ("orders_out", "finops.CDSSalesOrderLines"): sum(len(o.lines) for o in traded.orders),
    }


def test_lines_agree_in_both_services(traded: Traded) -> None:
    expected = {order.number: expected_lines(order) for order in traded.orders}
    finops = {
        number: lines_of_finops(lines, "OrderedSalesQuantity")
        for number, lines in traded.held.finops_lines.items()
    }
    sales = {
        number: lines_of_sales(lines, traded.products)
        for number, lines in traded.held.sales_lines.items()
    }
    assert wrong(expected, finops) == {}
    assert wrong(expected, sales) == {}


def test_freight_tax_and_totals_agree_in_finops(traded: Traded) -> None:
    expected = {
        order.number: (
            order.freight, order.discount, order.line_tax + order.freight_tax, order.total,
            "Invoiced",
        )
        for order in traded.orders
    }  # fmt: skip
    names = ("OrderTotalChargesAmount", "OrderTotalDiscountAmount", "OrderTotalTaxAmount",
             "OrderTotalAmount", "SalesOrderProcessingStatus")  # fmt: skip
    held = {
        number: tuple(row[name] for name in names) for number, row in traded.held.finops.items()
    }
    assert wrong(expected, held) == {}


def test_freight_tax_and_totals_agree_in_sales(traded: Traded) -> None:
    """The tax on freight is a line of its own, so it is no part of `totaltax` (O6)."""
    expected = {
        order.number: (order.freight, order.discount, order.line_tax, order.total, INVOICED)
        for order in traded.orders
    }
    names = ("freightamount", "totaldiscountamount", "totaltax", "totalamount",
             "msdynce_processingstatus")  # fmt: skip
    held = {number: tuple(row[name] for name in names) for number, row in traded.held.sales.items()}
    assert wrong(expected, held) == {}


def test_tax_on_freight_is_a_line_of_its_own(traded: Traded) -> None:
    expected = {
        order.number: [(FREIGHT_TAX, order.freight_tax)] if order.freight_tax else []
        for order in traded.orders
    }
    held = {number: freight_taxes(lines) for number, lines in traded.held.sales_lines.items()}
    assert wrong(expected, held) == {}


def test_invoices_agree_in_both_services(traded: Traded) -> None:
    """Tax on freight stays in F&O (I3)."""
    invoices = invoices_by_order(traded.invoices)
    assert invoices.keys() == {order.number for order in traded.orders}
    assert traded.invoices.sales.keys() == traded.invoices.finops.keys()
    differing = {}
    for order in traded.orders:
        finops = invoices[order.number]
        sales = traded.invoices.sales[finops["InvoiceNumber"]]
        held = (
            finops["TotalChargeAmount"], finops["TotalDiscountAmount"], finops["TotalTaxAmount"],
            finops["TotalInvoiceAmount"], sales["freightamount"], sales["totaldiscountamount"],
            sales["totaltax"], sales["totalamount"],
        )  # fmt: skip
        expected = (
            order.freight, order.discount, order.line_tax + order.freight_tax, order.total,
            order.freight, order.discount, order.line_tax, order.total - order.freight_tax,
        )  # fmt: skip
        if held != expected:
            differing[order.number] = (expected, held)
    assert differing == {}


def test_invoice_lines_agree_in_both_services(traded: Traded) -> None:
    invoices, documents = invoices_by_order(traded.invoices), traded.invoices
    expected, finops, sales = {}, {}, {}
    for order in traded.orders:
        number = invoices[order.number]["InvoiceNumber"]
        expected[number] = expected_lines(order)
        finops[number] = lines_of_finops(
            documents.finops_lines[number], "InvoicedQuantity", "LineTotal"
        )
        sales[number] = lines_of_sales(documents.sales_lines[number], traded.products)
    assert wrong(expected, finops) == {}
    assert wrong(expected, sales) == {}


def test_an_invoiced_order_is_invoiced_in_sales_and_owns_its_invoice(traded: Traded) -> None:
    orders = {row["salesorderid"]: row for row in traded.held.sales.values()}
    assert {row["statecode"] for row in orders.values()} == {STATE_INVOICED}
    for row in traded.invoices.sales.values():
        assert row["_ownerid_value"] == orders[row["_salesorderid_value"]]["_ownerid_value"]


def test_a_last_run_writes_nothing(traded: Traded) -> None:
    assert traded.last.json["writes"] == 0
    flows = traded.last.flows.values()
    assert [flow for flow in flows if flow["drift"] or flow["conflict"] or flow["blocked"]] == []


@pytest.mark.parametrize("run", ["out", "back", "last"])
def test_every_record_has_one_fate_and_every_change_one_outcome(traded: Traded, run: str) -> None:
    flows = getattr(traded, run).flows
    assert {"contacts", "quotations", "orders_out", "orders_back", "invoices"} <= {
        flow for flow, _ in flows
    }
    broken = [key for key, flow in flows.items() if not (adds_up(flow) and outcomes_add_up(flow))]
    assert broken == []


def test_how_long_it_took(
    traded: Traded, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Not a limit: the figures are kept with the results."""
    lines = sum(len(order.lines) for order in traded.orders)
    record_testsuite_property("northwind", f"{len(traded.orders)} orders, {lines} lines")
    for step, seconds in traded.seconds.items():
        record_testsuite_property(f"northwind {step}", seconds)
    assert all(seconds >= 0 for seconds in traded.seconds.values())
