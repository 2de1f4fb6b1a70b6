"""C2 (active customers) and I2, I4, I5 (invoices in Sales); who asks (protocols A2)."""

from decimal import Decimal

import pytest

from .documents import SELLER, Office, bind

STATUS = "msdynce_processingstatus"
PARTIALLY_INVOICED = 647390009


@pytest.fixture
def office(sales):
    return Office(sales)


def is_active(office, contact):
    return office.row("contacts", contact)["msdynce_isactivecustomer"]


# -- contacts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entity_set", ["quotes", "salesorders", "invoices"])
def test_c2_contact_is_an_active_customer_while_it_has_a_document(office, entity_set):
    contact = office.contact()
    assert is_active(office, contact) is False
    document = office.make(entity_set, office.for_contact(contact))
    assert is_active(office, contact) is True
    office.ask("DELETE", f"{entity_set}({document})")
    assert is_active(office, contact) is False


def test_c2_another_customer_moves_the_flag(office):
    old, new = office.contact(), office.contact()
    order = office.make("salesorders", office.for_contact(old))
    body = {"customerid_contact@odata.bind": bind("contacts", new)}
    assert office.ask("PATCH", f"salesorders({order})", body).status_code == 204
    assert (is_active(office, old), is_active(office, new)) == (False, True)
    body = {"customerid_account@odata.bind": bind("accounts", office.account)}
    assert office.ask("PATCH", f"salesorders({order})", body).status_code == 204
    assert is_active(office, new) is False


def test_c2_one_of_two_documents_is_enough(office):
    contact = office.contact()
    quote = office.make("quotes", office.for_contact(contact))
    office.make("salesorders", office.for_contact(contact))
    office.ask("DELETE", f"quotes({quote})")
    assert is_active(office, contact) is True


def test_c2_flag_of_contacts_that_stay_is_not_written_again(office):
    contact = office.contact()
    office.make("quotes", office.for_contact(contact))
    version = office.row("contacts", contact)["versionnumber"]
    office.make("quotes", office.for_contact(contact))
    assert office.row("contacts", contact)["versionnumber"] == version


# -- invoices ------------------------------------------------------------------------------------


def order_of_a_seller(office):
    """An order a person entered, which F&O owns by now."""
    order = office.order(office.sold(office.product(price="10"), 4))
    office.as_person = False
    office.set(
        f"salesorders({order})",
        **{STATUS: PARTIALLY_INVOICED, "msdynce_ismaintainedexternally": True},
    )
    return order


def invoice_for(office, order, *lines):
    return office.invoice(
        *lines,
        **{
            "invoicenumber": "CIV-000001",
            "msdynce_ismaintainedexternally": True,
            "salesorderid@odata.bind": bind("salesorders", order),
        },
    )


def test_i2_invoice_turns_the_order_to_invoiced_and_takes_its_owner(office):
    order = order_of_a_seller(office)
    line = office.sold(office.product("P2"), 1, price="10")
    invoice = invoice_for(office, order, line)
    row = office.row("salesorders", order)
    assert (row["statecode"], row["statuscode"]) == (4, 100003)
    assert row[STATUS] == PARTIALLY_INVOICED
    assert office.row("invoices", invoice)["_ownerid_value"] == SELLER
    assert office.lines("invoice", invoice)[1]["_ownerid_value"] == SELLER


def test_i2_switch_moves_the_processing_status_too(sales_with):
    office = Office(sales_with(invoice_sets_processing_status=True))
    order = order_of_a_seller(office)
    invoice_for(office, order)
    assert office.row("salesorders", order)[STATUS] == 647390003


def test_i2_integration_goes_on_with_an_invoiced_order(office):
    order = order_of_a_seller(office)
    invoice_for(office, order)
    office.set(f"salesorders({order})", **{STATUS: 647390003, "freightamount": Decimal(2)})
    line = office.lines("order", order)[1]["salesorderdetailid"]
    office.set(f"salesorderdetails({line})", quantity=Decimal(3))
    row = office.row("salesorders", order)
    assert (row["statecode"], str(row["totalamount"])) == (4, "32.0000")


def test_i2_second_invoice_does_not_write_the_order_again(office):
    order = order_of_a_seller(office)
    invoice_for(office, order)
    version = office.row("salesorders", order)["versionnumber"]
    invoice_for(office, order)
    assert office.row("salesorders", order)["versionnumber"] == version


def test_i4_invoice_is_read_only_for_people(office):
    product = office.product()
    invoice = invoice_for(office, order_of_a_seller(office), office.sold(product, 1, price="10"))
    line = office.lines("invoice", invoice)[1]["invoicedetailid"]
    office.as_person = True
    assert office.refused("PATCH", f"invoices({invoice})", {"name": "x"})[0] == "0x80040265"
    assert office.refused("PATCH", f"invoicedetails({line})", {"quantity": 2})[0] == "0x80040265"
    office.as_person = False
    office.set(f"invoices({invoice})", name="x")


def test_i5_credit_note_keeps_its_sign(office):
    office.as_person = False
    line = office.sold(office.product(), "-2", price="10", tax="-1.50")
    row = office.row("invoices", office.invoice(line))
    assert (str(row["totalamount"]), str(row["totaltax"])) == ("-21.5000", "-1.5000")


@pytest.mark.parametrize("column", ["freightamount", "discountamount"])
def test_i5_amounts_below_zero_are_refused_where_sales_has_none(office, column):
    body = office.header(**{column: Decimal(-1)})
    assert office.refused("POST", "invoices", body)[0] == "0x80044330"


def test_i5_discount_below_zero_is_refused(office):
    line = office.sold(office.product(), "-2", price="10", discount="-1")
    body = office.header(invoice_details=[line])
    assert office.refused("POST", "invoices", body)[0] == "0x80044330"


def test_o6_invoice_has_its_freight_tax_line(office):
    office.as_person = False
    invoice = office.invoice(msdynce_misctax=Decimal("4.20"))
    [line] = office.lines("invoice", invoice).values()
    assert (line["productdescription"], str(line["extendedamount"])) == ("Freight Tax", "4.2000")
    assert str(office.row("invoices", invoice)["totalamount"]) == "4.2000"


# -- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"MSCRMCallerID": SELLER},
        {"CallerObjectId": "0000000a-0000-0000-0000-000000000002"},
    ],
)
def test_a2_application_user_acts_for_a_person(sales, headers):
    answer = sales.request("POST", "accounts", {"name": "x"}, **headers)
    row_id = answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")
    row = sales.read(f"accounts({row_id})")
    assert (row["_createdby_value"], row["_ownerid_value"]) == (SELLER, SELLER)
    assert sales.get("WhoAmI", **headers).json()["UserId"] == SELLER


def test_a2_nobody_acts_for_somebody_unknown(sales):
    answer = sales.get("WhoAmI", MSCRMCallerID="00000001-0000-0000-0000-00000000ffff")
    assert answer.status_code == 403
