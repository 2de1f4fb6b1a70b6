"""Protocols A11, A12 and D10: validation codes, money, dates."""

import pytest

from .conftest import USD, amount, refusal

WRONG = [
    ({"name": "x" * 161}, "0x80044331"),
    ({"numberofemployees": 1_000_000_001}, "0x8004432f"),
    ({"numberofemployees": -1}, "0x8004432f"),
    ({"creditlimit": -1}, "0x80044330"),
    ({"creditlimit": amount("100000000000000.01")}, "0x80044330"),
    ({"customertypecode": 99}, "0x8004431a"),
    ({"statuscode": 2}, "0x80048408"),
    ({"name": 5}, "0x80060888"),
    ({"creditlimit": "5"}, "0x80060888"),
    ({"donotemail": 1}, "0x80060888"),
    ({"numberofemployees": "7"}, "0x80060888"),
    ({"overriddencreatedon": "soon"}, "0x80060888"),
]


@pytest.mark.parametrize(("body", "code"), WRONG, ids=[str(b)[:40] for b, _ in WRONG])
def test_a11_wrong_values(sales, body, code):
    assert refusal(sales.request("POST", "accounts", body))[:2] == (400, code)


def test_a11_text_of_a_length_error_names_column_table_and_limit(sales):
    message = refusal(sales.request("POST", "accounts", {"fax": "1" * 51}))[2]
    assert "'fax'" in message
    assert "'account'" in message
    assert "'50'" in message


def test_a11_required_columns(sales):
    status, code, message = refusal(sales.request("POST", "pricelevels", {"name": "x"}))
    assert (status, code) == (400, "0x80040200")
    assert "'transactioncurrencyid'" in message


def test_a7_required_columns_reject_null(sales):
    row_id = sales.price_list()
    answer = sales.patch(f"pricelevels({row_id})", {"name": None})
    assert refusal(answer)[:2] == (400, "0x80040200")


def test_a11_annotations_bring_error_details(sales):
    answer = sales.get("accounts?$select=nothere", Prefer='odata.include-annotations="*"')
    error = answer.json()["error"]
    assert "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus" in error
    assert error["@Microsoft.PowerApps.CDS.InnerError.Message"] == error["message"]


def euro(sales, rate="0.5", precision=2):
    return sales.create(
        "transactioncurrencies",
        isocurrencycode="EUR",
        currencyname="Euro",
        currencysymbol="€",
        currencyprecision=precision,
        exchangerate=amount(rate),
    )


def test_a12_money_is_exact_with_four_decimals(sales):
    row_id = sales.create("accounts", name="x", creditlimit=amount("99999999999999.99"))
    answer = sales.get(f"accounts({row_id})?$select=creditlimit")
    assert '"creditlimit":99999999999999.9900' in answer.text


def test_d10_base_column_is_amount_divided_by_rate(sales):
    bind = f"/transactioncurrencies({euro(sales, '0.3')})"
    row_id = sales.create("accounts", name="x", creditlimit=10, transactioncurrencyid__bind=bind)
    row = sales.read(f"accounts({row_id})")
    assert row["exchangerate"] == amount("0.3")
    assert row["creditlimit_base"] == amount("33.3333")


def test_d10_base_column_follows_amount_and_currency(sales):
    row_id = sales.create("accounts", name="x", creditlimit=10)
    sales.patch(f"accounts({row_id})", {"creditlimit": 20})
    assert sales.read(f"accounts({row_id})")["creditlimit_base"] == 20
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({euro(sales)})"}
    sales.patch(f"accounts({row_id})", bind)
    assert sales.read(f"accounts({row_id})")["creditlimit_base"] == 40
    sales.patch(f"accounts({row_id})", {"creditlimit": None})
    assert sales.read(f"accounts({row_id})")["creditlimit_base"] is None


def test_a12_base_and_rate_are_read_only(sales):
    row_id = sales.create("accounts", name="x", creditlimit=10, creditlimit_base=99, exchangerate=7)
    row = sales.read(f"accounts({row_id})")
    assert (row["creditlimit_base"], row["exchangerate"]) == (10, 1)


def test_a12_amount_without_currency_takes_the_base_currency(sales):
    row = sales.read(f"accounts({sales.create('accounts', name='x', creditlimit=1)})")
    assert row["_transactioncurrencyid_value"] == USD


def test_d10_precision_of_the_currency(sales):
    bind = f"/transactioncurrencies({euro(sales, precision=0)})"
    row_id = sales.create(
        "accounts", name="x", creditlimit=amount("10.7"), transactioncurrencyid__bind=bind
    )
    assert sales.read(f"accounts({row_id})")["creditlimit"] == 11


def test_d10_precision_of_the_organisation(sales):
    organization = sales.read("WhoAmI")["OrganizationId"]
    sales.patch(f"organizations({organization})", {"pricingdecimalprecision": 3})
    row_id = sales.product(price=amount("1.23456"))
    assert sales.read(f"products({row_id})")["price"] == amount("1.235")


def test_e3_switch_refuses_extra_decimals(sales_with):
    sales = sales_with(extra_decimals="refuse")
    body = {"name": "x", "creditlimit": amount("1.234")}
    assert refusal(sales.request("POST", "accounts", body))[:2] == (400, "0x80044330")
    assert sales.create("accounts", name="x", creditlimit=amount("1.230"))


def test_a12_datetime_is_utc_with_whole_seconds(sales):
    value = "2026-01-31T10:15:30.9+02:00"
    row_id = sales.create("accounts", name="x", overriddencreatedon=value)
    assert sales.read(f"accounts({row_id})")["createdon"] == "2026-01-31T08:15:30Z"


def test_a12_date_columns_take_dates_only(sales):
    row_id = sales.create("contacts", lastname="x", birthdate="1990-01-31")
    assert sales.read(f"contacts({row_id})")["birthdate"] == "1990-01-31"
    answer = sales.patch(f"contacts({row_id})", {"birthdate": "1990-01-31T00:00:00Z"})
    assert refusal(answer)[0] == 400


def test_a12_minimum_date_and_the_storable_sentinel(sales):
    assert sales.create("contacts", lastname="x", birthdate="1900-01-01")
    answer = sales.request("POST", "contacts", {"birthdate": "1752-12-31"})
    assert refusal(answer)[0] == 400


def test_a12_empty_string_reads_back_as_null(sales):
    row_id = sales.create("accounts", name="x", fax="")
    assert sales.read(f"accounts({row_id})")["fax"] is None


def test_a12_values_the_service_owns_are_ignored(sales):
    row_id = sales.create(
        "contacts",
        firstname="Ann",
        lastname="Lee",
        fullname="Other",
        createdon="2000-01-01T00:00:00Z",
    )
    row = sales.read(f"contacts({row_id})")
    assert (row["fullname"], row["createdon"]) == ("Ann Lee", "2026-03-01T12:00:00Z")
