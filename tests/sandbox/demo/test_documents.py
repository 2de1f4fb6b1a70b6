"""Contacts, quotes and orders of the demo: every state of the flows, in two companies."""

import re
from collections import Counter

import pytest
from p2c_sandbox.demo.contacts import CONTACTS, contacts
from p2c_sandbox.demo.seeding import Size, seed_finops, seed_sales
from p2c_sandbox.finops.service import finops_model
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.base import open_store

SEED = 7
DRAFT, ACTIVE = 647390011, 647390000
NUMBER = re.compile(r"CON-\d{5,}-[A-Z]{6}")


@pytest.fixture(scope="module")
def sales():
    store = open_store()
    seed_sales(store, "demo", Size(), SEED)
    yield store
    store.close()


@pytest.fixture(scope="module")
def finops():
    store = Store(finops_model())
    seed_finops(store, "demo", Size(), SEED)
    yield store
    store.close()


def test_the_same_seed_gives_the_same_contacts():
    assert list(contacts(CONTACTS, SEED)) == list(contacts(CONTACTS, SEED))


def test_contacts_work_for_accounts_or_buy_for_themselves(sales):
    rows = sales.find("contacts", {})
    assert len(rows) == 60
    kinds = Counter(row["parentcustomerid__entity"] for row in rows)
    assert kinds == {"account": 42, "contact": 6, None: 12}
    for row in rows:
        assert row["msdynce_iscompanyanaccount"] == (row["parentcustomerid__entity"] == "account")
    numbers = [row["msdynce_contactnumber"] for row in rows]
    assert sum(bool(number and NUMBER.fullmatch(number)) for number in numbers) == 58
    assert numbers.count(None) == 2


def test_c2_active_customers_are_those_with_a_document(sales):
    buyers = {
        row["customerid"]
        for entity_set in ("quotes", "salesorders")
        for row in sales.find(entity_set, {"customerid__entity": "contact"})
    }
    active = {
        row["contactid"] for row in sales.find("contacts", {"msdynce_isactivecustomer": True})
    }
    assert active == buyers
    assert len(active) >= 5


def test_quotes_are_in_every_state_some_with_write_in_lines(sales):
    states = Counter(
        (row["statecode"], row["msdynce_hasexternallymaintainedproductsonly"])
        for row in sales.find("quotes", {})
    )
    assert states == {
        (0, True): 6, (0, False): 3, (1, True): 12, (1, False): 3, (2, True): 3, (3, True): 3,
    }  # fmt: skip


def test_orders_are_drafts_active_and_cancelled_one_without_lines(sales):
    orders = sales.find("salesorders", {})
    states = Counter((row["statecode"], row["msdynce_processingstatus"]) for row in orders)
    assert states == {(0, DRAFT): 12, (0, ACTIVE): 24, (2, DRAFT): 4}
    with_lines = {row["salesorderid"] for row in sales.find("salesorderdetails", {})}
    assert len({row["salesorderid"] for row in orders} - with_lines) == 1
    write_ins = sales.find("salesorderdetails", {"isproductoverridden": True})
    assert {row["productdescription"] for row in write_ins} == {"Gift wrapping"}


def test_g1_accounts_of_contoso_global_have_documents_in_both_companies(sales):
    units = {row["businessunitid"]: row["name"] for row in sales.find("businessunits", {})}
    accounts = {
        row["accountid"]: units[row["owningbusinessunit"]] for row in sales.find("accounts", {})
    }
    found = Counter(
        units[row["owningbusinessunit"]]
        for row in sales.find("salesorders", {})
        if accounts.get(row["customerid"]) == "Contoso Global"
    )
    assert set(found) == {"Contoso US", "Contoso Germany"}


def test_products_of_documents_are_released_in_the_documents_company(sales, finops):
    companies = {"Contoso US": "usmf", "Contoso Germany": "demf"}
    units = {row["businessunitid"]: row["name"] for row in sales.find("businessunits", {})}
    products = {row["productid"]: row["productnumber"] for row in sales.find("products", {})}
    headers = {row["salesorderid"]: row for row in sales.find("salesorders", {})}
    released = {
        (row["dataAreaId"], row["ProductNumber"])
        for row in finops.find("SellableReleasedProducts", {"IsSalesStopped": "No"})
    }
    for line in sales.find("salesorderdetails", {"isproductoverridden": False}):
        company = companies[units[headers[line["salesorderid"]]["owningbusinessunit"]]]
        assert (company, products[line["productid"]]) in released


def test_orders_born_in_f_and_o_one_for_each_reason_to_stay(finops):
    found = Counter(
        (
            row["dataAreaId"],
            row["SalesOrderProcessingStatus"],
            row["AreTotalsUpdated"],
            row["OrderingCustomerIsExternallyMaintained"],
            row["SalesOrderOriginType"] == "WorkOrderIntegration",
        )
        for row in finops.find("CDSSalesOrderHeaders", {})
    )
    assert found == {
        ("usmf", "Confirmed", "Yes", "Yes", False): 1,
        ("usmf", "Picked", "Yes", "Yes", False): 1,
        ("usmf", "PartiallyDelivered", "Yes", "Yes", False): 1,
        ("usmf", "PartiallyInvoiced", "Yes", "Yes", False): 1,
        ("usmf", "Invoiced", "Yes", "Yes", False): 1,
        ("usmf", "Canceled", "Yes", "Yes", False): 1,
        ("usmf", "Active", "Yes", "Yes", False): 1,
        ("usmf", "Confirmed", "No", "Yes", False): 1,
        ("usmf", "Confirmed", "Yes", "Yes", True): 1,
        ("usmf", "Invoiced", "Yes", "No", False): 1,
        ("demf", "Confirmed", "Yes", "Yes", False): 2,
        ("demf", "Invoiced", "Yes", "Yes", False): 1,
        ("demf", "Confirmed", "Yes", "No", False): 1,
    }


def test_invoices_of_f_and_o_only_some_of_them_listed(finops):
    listed = Counter(
        row["IsListed"]
        for row in finops.find("ExternallyMaintainedCustomerSalesInvoiceHeaders", {})
    )
    assert listed == {"Yes": 3, "No": 1}


def test_numbers_go_on_after_those_of_the_demo(sales):
    series = {
        row["msdynce_entityname"]: row["msdynce_numbersequence"]
        for row in sales.find("msdynce_p2cautonumbers", {})
    }
    assert series == {"account": 1520, "contact": 1060}


def test_a_small_demo_has_no_documents():
    store = open_store()
    seed_sales(store, "demo", Size(60, 0), SEED)
    assert store.count("quotes") == store.count("contacts") == 0
    store.close()
