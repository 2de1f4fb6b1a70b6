"""Protocols A3: $filter."""

import pytest

from .conftest import USD, amount, refusal

FILTERS = [
    ("name eq 'o''brien & co'", {"O'Brien & Co"}),
    ("name ne 'Zoë'", {"O'Brien & Co", "100% Würth", "Plain"}),
    ("name eq 'ZOË'", {"Zoë"}),
    ("contains(name,'WÜRTH')", {"100% Würth"}),
    ("startswith(name,'o')", {"O'Brien & Co"}),
    ("endswith(name,'n')", {"Plain"}),
    ("contains(name,'[oz]')", {"O'Brien & Co", "Zoë"}),
    ("contains(name,'Pl_in')", {"Plain"}),
    ("not contains(name,'a')", {"O'Brien & Co", "Zoë", "100% Würth"}),
    ("creditlimit eq 10.55", {"O'Brien & Co"}),
    ("creditlimit gt 10.5 and creditlimit lt 10.56", {"O'Brien & Co"}),
    ("creditlimit eq null", {"Zoë", "Plain"}),
    ("10 lt creditlimit", {"O'Brien & Co", "100% Würth"}),
    ("numberofemployees ge -1", {"Plain"}),
    ("donotemail eq true", {"Zoë"}),
    ("(donotemail eq true or numberofemployees eq 7) and statecode eq 0", {"Zoë", "Plain"}),
    ("createdon ge 2026-03-01T12:00:00Z and createdon lt 2026-03-01T14:00:00+01:00", None),
    ("createdon ge 2026-03-02", set()),
    (f"_transactioncurrencyid_value eq {USD}", {"O'Brien & Co", "100% Würth"}),
    ("transactioncurrencyid/isocurrencycode eq 'usd'", {"O'Brien & Co", "100% Würth"}),
    (
        "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['ZOË','Plain'])",
        {"Zoë", "Plain"},
    ),
    ("Microsoft.Dynamics.CRM.In(PropertyName='numberofemployees',PropertyValues=['7'])", {"Plain"}),
    (
        'Microsoft.Dynamics.CRM.In(PropertyName=\'name\',PropertyValues=["O\'Brien & Co","a]"])',
        {"O'Brien & Co"},
    ),
    (
        "Microsoft.Dynamics.CRM.NotIn(PropertyName='name',PropertyValues=['Plain'])",
        {"O'Brien & Co", "Zoë", "100% Würth"},
    ),
    ("contact_customer_accounts/any(c:c/lastname eq 'Lee')", {"Plain"}),
    ("contact_customer_accounts/any()", {"Plain"}),
    ("not contact_customer_accounts/any()", {"O'Brien & Co", "Zoë", "100% Würth"}),
]


@pytest.fixture
def four(sales):
    sales.create("accounts", name="O'Brien & Co", creditlimit=amount("10.55"))
    sales.create("accounts", name="Zoë", donotemail=True)
    sales.create("accounts", name="100% Würth", creditlimit=2000)
    plain = sales.create("accounts", name="Plain", numberofemployees=7)
    sales.create("contacts", lastname="Lee", parentcustomerid_account__bind=f"/accounts({plain})")
    return sales


@pytest.mark.parametrize(("filter_", "names"), FILTERS, ids=[f for f, _ in FILTERS])
def test_a3_filters(four, filter_, names):
    answer = four.raw(
        "GET",
        "/api/data/v9.2/accounts",
        params={"$select": "name", "$filter": filter_},
        headers={"Authorization": f"Bearer {four.token}"},
    )
    assert answer.status_code == 200, answer.text
    found = {row["name"] for row in answer.json()["value"]}
    assert found == (set() if names == set() else names or found | {"Plain"})


@pytest.mark.parametrize(
    "filter_",
    [
        "name eq 5",
        "accountid eq 'x'",
        "name eq",
        "nothere eq 1",
        "name in ('a','b')",
        "creditlimit add 1 eq 2",
        "name",
    ],
)
def test_a3_wrong_filters_are_refused(sales, filter_):
    assert refusal(sales.get(f"accounts?$filter={filter_}"))[:2] == (400, "0x80060888")


def test_a3_other_functions_are_not_offered_and_say_so(sales):
    status, _, message = refusal(sales.get("accounts?$filter=tolower(name) eq 'a'"))
    assert status == 501
    assert "tolower" in message


def test_a3_parameter_aliases_in_filter(sales):
    sales.accounts(3)
    body = sales.read("accounts?$select=name&$filter=name eq @p1&@p1='Account 1'")
    assert [row["name"] for row in body["value"]] == ["Account 1"]
