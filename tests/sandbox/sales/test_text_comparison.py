"""Texts are compared as the usual collation of an English organisation does (protocols A3)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .conftest import refusal

NAMES = (
    "Muller",
    "müller",
    "MÜLLER ",
    "Mu\u0308ller",
    "Mueller",
    "Straße",
    "Strasse",
    "Zoë",
    "Øre",
)
LETTERS = {"Muller", "müller", "MÜLLER ", "Mu\u0308ller"}
IN = "Microsoft.Dynamics.CRM.{}(PropertyName='{}',PropertyValues=[{}])"


def filled(service):
    for name in NAMES:
        service.create("accounts", name=name)
    return service


def names(service, condition: str) -> set[str]:
    query = f"$select=name&$filter={quote(condition)}"
    return {row["name"] for row in service.read(f"accounts?{query}")["value"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name eq 'muller'", LETTERS),
        ("name eq 'MÜLLER'", LETTERS),
        ("name eq 'Müller   '", LETTERS),
        ("name ne 'muller'", {"Mueller", "Straße", "Strasse", "Zoë", "Øre"}),
        ("name eq ' Muller'", set()),
        ("name eq 'strasse'", {"Straße", "Strasse"}),
        ("name eq 'ore'", set()),
        ("contains(name,'ULLER')", LETTERS),
        ("contains(name,'üll')", LETTERS),
        ("startswith(name,'zoe')", {"Zoë"}),
        ("endswith(name,'oë')", {"Zoë"}),
        ("endswith(name,'r ')", {"MÜLLER "}),
        ("contains(name,'[xz]oe')", {"Zoë"}),
        ("name gt 'zod' and name lt 'zof'", {"Zoë"}),
        (IN.format("In", "name", "'ZOE','muller'"), LETTERS | {"Zoë"}),
        (IN.format("NotIn", "name", "'ZOE','muller'"), {"Mueller", "Straße", "Strasse", "Øre"}),
    ],
)
def test_case_accents_and_blanks_at_the_end_do_not_count(sales, condition, expected):
    assert names(filled(sales), condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name eq 'muller'", {"Muller"}),
        ("name eq 'MÜLLER'", {"müller", "MÜLLER ", "Mu\u0308ller"}),
        ("contains(name,'oe')", set()),
        (IN.format("In", "name", "'ZOË'"), {"Zoë"}),
    ],
)
def test_a_language_whose_collation_knows_accents_is_a_switch(sales_with, condition, expected):
    service = filled(sales_with(text_comparison="with_accents"))
    assert names(service, condition) == expected


def test_names_stand_where_a_person_looks_for_them(sales):
    """Pages go on where the last one ended, whatever the letters."""
    for name in ("Zulu", "apfel", "Äpfel 2", "Birne", "äpfel 1", "APFEL 3"):
        sales.create("accounts", name=name)
    found, url = [], "accounts?$select=name&$orderby=name"
    while url:
        page = sales.read(url, Prefer="odata.maxpagesize=2")
        found += [row["name"] for row in page["value"]]
        url = page.get("@odata.nextLink")
    assert found == ["apfel", "äpfel 1", "Äpfel 2", "APFEL 3", "Birne", "Zulu"]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [("dropped", {"A"}), ("kept", {"A", "no number"})],
)
def test_not_in_and_rows_without_a_value_is_a_switch(sales_with, switch, expected):
    """`ne` finds rows without a value; what `NotIn` does nobody says."""
    service = sales_with(not_in_null=switch)
    service.create("accounts", name="A", telephone1="1")
    service.create("accounts", name="B", telephone1="2")
    service.create("accounts", name="no number")
    assert names(service, IN.format("NotIn", "telephone1", "'2'")) == expected
    assert names(service, "telephone1 ne '2'") == {"A", "no number"}


def contact(service, number: str):
    return service.request("POST", "contacts", {"lastname": "x", "msdynce_contactnumber": number})


@pytest.mark.parametrize(("first", "second"), [("CÔN-1", "con-1"), ("CON-1", "CÔN-1 ")])
def test_a5_alternate_keys_are_equal_as_the_collation_sees_them(sales, first, second):
    """Both as an address and as what must not come twice, on create and on update."""
    url = contact(sales, first).headers["OData-EntityId"]
    quoted = quote(second)
    found = sales.read(f"contacts(msdynce_contactnumber='{quoted}')")
    assert (found["contactid"] in url, found["msdynce_contactnumber"]) == (True, first)
    assert refusal(contact(sales, second))[:2] == (412, "0x80060892")
    other = contact(sales, "CON-2").headers["OData-EntityId"]
    changed = sales.patch(other, {"msdynce_contactnumber": second})
    assert refusal(changed)[:2] == (412, "0x80060892")
    assert sales.patch(url, {"msdynce_contactnumber": second}).status_code == 204


def test_a5_an_upsert_meets_the_row_that_the_collation_finds(sales):
    contact(sales, "CÔN-1")
    path = "contacts(msdynce_contactnumber='con-1')"
    assert sales.patch(path, {"lastname": "Lee"}).status_code == 204
    assert len(sales.read("contacts")["value"]) == 1


def test_price_lists_are_told_apart_by_more_than_accents(sales):
    """The same rule where the service itself compares names."""
    sales.price_list("Äpfel")
    bind = sales.read("transactioncurrencies")["value"][0]["transactioncurrencyid"]
    body = {"name": "apfel", "transactioncurrencyid@odata.bind": f"/transactioncurrencies({bind})"}
    assert refusal(sales.request("POST", "pricelevels", body))[1] == "0x80043b0f"
