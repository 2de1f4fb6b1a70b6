"""Confirmation, picking, packing slips, invoices, credit notes (field-mapping 6.3, flows I)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from p2c_sandbox.finops.amounts import Amounts, Terms, line_amounts, split


@pytest.fixture
def order(taxed):
    """3 items at 10.00 less 10.00 (line 1) and 5 at 10.00 (line 2), with freight of 25.00."""
    taxed.order()
    taxed.line(3, number=1, TotalDiscountAmount=10)
    taxed.line(5, number=2)
    taxed.do("add-charge", order="ORD-1", amount="25")
    taxed.do("calculate-totals")
    return taxed


def status(shop):
    row, lines = shop.header(), shop.lines()
    assert {line["SalesOrderProcessingStatus"] for line in lines} == {
        row["SalesOrderProcessingStatus"]
    }
    return row["SalesOrderProcessingStatus"], row["SalesOrderStatus"]


def test_the_status_follows_what_was_posted(order):
    assert status(order) == ("Active", "Backorder")
    order.do("confirm-order", order="ORD-1")
    assert status(order) == ("Confirmed", "Backorder")
    assert order.header()["ConfirmedShippingDate"] == order.header()["RequestedShippingDate"]
    order.do("pick", order="ORD-1", quantities={"1": "3"})
    assert status(order) == ("Picked", "Backorder")
    assert [line["PickedQuantity"] for line in order.lines()] == [3, 0]
    order.do("packing-slip", order="ORD-1", quantities={"1": "1", "2": "2.5"})
    assert status(order) == ("PartiallyDelivered", "Backorder")
    assert [line["PickedQuantity"] for line in order.lines()] == [2, 0]
    order.do("packing-slip", order="ORD-1")
    assert status(order) == ("Delivered", "Delivered")
    order.do("invoice", order="ORD-1", quantities={"1": "1"})
    assert status(order) == ("PartiallyInvoiced", "Delivered")
    order.do("invoice", order="ORD-1")
    assert status(order) == ("Invoiced", "Invoiced")
    assert {line["SalesOrderLineStatus"] for line in order.lines()} == {"Invoiced"}


def test_a_cancelled_order(order):
    order.do("cancel-order", order="ORD-1")
    assert status(order) == ("Canceled", "Canceled")


def test_refusals_name_order_line_and_what_is_left(order):
    assert order.try_to("packing-slip", order="ORD-1", quantities={"1": "4"}).reason == (
        "Sales order ORD-1, line 1: 4 cannot be delivered, 3 are left."
    )
    assert "nothing delivered that is not invoiced" in order.try_to("invoice", order="ORD-1").reason
    assert "has no line 9" in order.try_to("pick", order="ORD-1", quantities={"9": 1}).reason
    assert "no sales order X" in order.try_to("pick", order="X").reason
    order.do("packing-slip", order="ORD-1", quantities={"1": "1"})
    assert "partly delivered" in order.try_to("cancel-order", order="ORD-1").reason
    assert (
        "cannot have fewer" in order.try_to("edit-line", order="ORD-1", line=1, quantity=0).reason
    )
    assert "cannot be deleted" in order.try_to("remove-line", order="ORD-1", line=1).reason
    empty = order.order("ORD-2").json["SalesOrderNumber"]
    assert "has no lines" in order.try_to("confirm-order", order=empty).reason


def test_a_refused_action_changes_nothing(order):
    before = order.lines()
    order.try_to("packing-slip", order="ORD-1", quantities={"1": "1", "2": "9"})
    assert order.lines() == before


def test_i1_two_invoices_add_up_to_the_order(order):
    order.do("packing-slip", order="ORD-1", quantities={"1": "1", "2": "5"})
    first = order.do("invoice", order="ORD-1")
    order.do("packing-slip", order="ORD-1")
    second = order.do("invoice", order="ORD-1")
    rows = {row["InvoiceNumber"]: row for row in order.invoices()}
    one, two = rows[first["invoice"]], rows[second["invoice"]]
    # First: 1 x 10 - 3.33 - 0.01 = 6.66 (tax 0.43), 5 x 10 = 50 (tax 3.25), freight 25 (tax 1.63)
    assert one["TotalDiscountAmount"] == 3.34
    assert (one["TotalChargeAmount"], one["InvoiceHeaderTaxAmount"]) == (25, 1.63)
    assert one["TotalTaxAmount"] == 5.31
    assert one["TotalInvoiceAmount"] == 86.97
    # The order: 30 - 10 = 20 (tax 1.30), 50 (tax 3.25), freight 25 (tax 1.63)
    assert two["TotalDiscountAmount"] == 6.66
    assert (two["TotalChargeAmount"], two["InvoiceHeaderTaxAmount"]) == (0, 0)
    assert (two["TotalTaxAmount"], two["TotalInvoiceAmount"]) == (0.87, 14.21)
    header = order.header()
    assert header["OrderTotalAmount"] == 101.18 == round(86.97 + 14.21, 2)
    assert (one["InvoiceCustomerAccountNumber"], one["SalesOrderNumber"]) == ("C-1", "ORD-1")
    assert one["LedgerVoucher"] == "CIVV000000001"
    assert one["InvoiceDate"].endswith("T12:00:00Z")


def test_i1_lines_carry_the_invoiced_part(order):
    order.do("packing-slip", order="ORD-1", quantities={"1": "2"})
    order.do("invoice", order="ORD-1")
    [line] = order.invoice_lines()
    # 2 x 3.33 and its rounding of 0.01 are 6.67; 2 x 10 - 6.67 = 13.33; 6.5 % of 13.33
    assert (line["InvoicedQuantity"], line["LineAmount"]) == (2, 13.33)
    assert (line["LineTotalDiscountAmount"], line["LineTotalTaxAmount"]) == (6.67, 0.87)
    assert (line["LineCreationSequenceNumber"], line["ProductNumber"]) == (1, "P-1")
    assert (line["SalesPrice"], line["SalesUnitSymbol"]) == (10, "ea")


def exact(row, *names) -> Decimal:
    return sum((Decimal(str(row[name])) for name in names), Decimal(0))


def assert_lines_add_up(shop) -> None:
    """Of every invoice: what its lines say and what only its header knows is its total."""
    for header in shop.invoices():
        lines = [
            line
            for line in shop.invoice_lines()
            if line["InvoiceNumber"] == header["InvoiceNumber"]
        ]
        parts = ("LineAmount", "LineTotalChargeAmount", "LineTotalTaxAmount")
        whole = sum((exact(line, *parts) for line in lines), Decimal(0))
        of_lines = sum((exact(line, "LineTotalChargeAmount") for line in lines), Decimal(0))
        whole += exact(header, "TotalChargeAmount", "InvoiceHeaderTaxAmount") - of_lines
        assert whole - exact(header, "TotalDiscountCustomerGroupCode") == exact(
            header, "TotalInvoiceAmount"
        )


@pytest.mark.parametrize("quantities", [["3"], ["1", "1", "1"], ["2", "0.5", "0.5"]])
def test_i1_lines_add_up_to_the_invoice_whatever_a_discount_was_rounded_by(taxed, quantities):
    """10.00 over 3 and 20.00 over 7 do not divide; freight, tax and credit notes go along."""
    taxed.order()
    taxed.line(3, number=1, TotalDiscountAmount=10)
    taxed.line(7, number=2, TotalDiscountAmount=20, ProductNumber="S-1", SalesPrice=9.9999)
    taxed.do("add-charge", order="ORD-1", amount="25")
    taxed.do("set-order-discount", order="ORD-1", amount="8")
    for quantity in quantities:
        taxed.do("packing-slip", order="ORD-1", quantities={"1": quantity, "2": quantity})
        posted = taxed.do("invoice", order="ORD-1")
    taxed.do("credit-note", invoice=posted["invoice"])
    assert len(taxed.invoices()) == len(quantities) + 1
    assert_lines_add_up(taxed)


def test_i5_a_credit_note_is_the_invoice_with_the_other_sign(order):
    posted = order.do("invoice", order="ORD-1", whole=True)
    assert posted["status"] == "Invoiced"
    credited = order.do("credit-note", invoice=posted["invoice"])
    assert credited == {"invoice": "CCN000000001", "amount": "-101.18"}
    rows = {row["InvoiceNumber"]: row for row in order.invoices()}
    assert rows["CCN000000001"]["TotalInvoiceAmount"] == -101.18
    assert rows["CCN000000001"]["SalesOrderNumber"] == "ORD-1"
    quantities = [
        row["InvoicedQuantity"]
        for row in order.invoice_lines()
        if row["InvoiceNumber"] == "CCN000000001"
    ]
    assert quantities == [-3, -5]
    assert "credit note itself" in order.try_to("credit-note", invoice="CCN000000001").reason
    assert "no invoice X" in order.try_to("credit-note", invoice="X").reason


def test_i1_only_invoices_of_externally_maintained_customers_are_listed(order):
    order.do("invoice", order="ORD-1", whole=True)
    customer = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
    row = order.invoices()[0]
    key = (
        f"ExternallyMaintainedCustomerSalesInvoiceHeaders(dataAreaId='usmf',"
        f"InvoiceNumber='{row['InvoiceNumber']}',InvoiceDate={row['InvoiceDate']},"
        f"LedgerVoucher='{row['LedgerVoucher']}')"
    )
    assert order.api.get(key).status == 200
    order.api.patch(customer, {"IsExternallyMaintained": "No"})
    assert (order.invoices(), order.invoice_lines()) == ([], [])
    assert order.api.get(key).status == 404
    order.api.patch(customer, {"IsExternallyMaintained": "Yes"})
    assert (len(order.invoices()), len(order.invoice_lines())) == (1, 2)
    assert "read-only" in order.api.patch(key, {"TotalTaxAmount": 1}).reason


def test_the_discount_of_the_order_goes_with_the_first_invoice(order):
    order.do("set-order-discount", order="ORD-1", amount="8")
    order.do("packing-slip", order="ORD-1", quantities={"2": "1"})
    order.do("invoice", order="ORD-1")
    order.do("invoice", order="ORD-1", whole=True)
    found = [row["TotalDiscountCustomerGroupCode"] for row in order.invoices()]
    assert found == [8, 0]


CENTS = st.decimals("0", "500", places=2)


@given(
    price=st.decimals("0", "900", places=4),
    discount=CENTS,
    charges=CENTS,
    rate=st.sampled_from([Decimal(0), Decimal("6.5"), Decimal(19)]),
    parts=st.lists(st.decimals("0.001", "50", places=3), min_size=1, max_size=6),
)
def test_i1_parts_of_a_line_always_add_up_to_the_line(price, discount, charges, rate, parts):
    quantity = sum(parts, Decimal(0))
    terms = Terms(price, split(discount, quantity), charges, rate)
    invoiced, posted, before = Amounts(), Amounts(), Decimal(0)
    for part in parts:
        before += part
        posted += line_amounts(terms, before) - invoiced
        invoiced = line_amounts(terms, before)
    assert posted == line_amounts(terms, quantity)
    assert posted.discount == discount
