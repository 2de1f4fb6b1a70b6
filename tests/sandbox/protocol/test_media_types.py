"""`odata.metadata` and `IEEE754Compatible`: what a client asks of JSON (protocols A2, B3)."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.faults.conftest import clients

NONE = {"Accept": "application/json;odata.metadata=none"}
TEXTS = {"Accept": "application/json; IEEE754Compatible=true; odata.metadata=minimal"}
SENT = {"Content-Type": "application/json;IEEE754Compatible=true"}
CUSTOMER = {
    "dataAreaId": "usmf",
    "OrganizationName": "Adventure Works",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "USD",
}


def control(text: str) -> set[str]:
    """Names of control information anywhere in a document."""
    found: set[str] = set()

    def note(pairs):
        found.update(name for name, _ in pairs if "@odata." in name)
        return dict(pairs)

    json.loads(text, object_pairs_hook=note)
    return found


def test_minimal_is_what_comes_unasked(sales, finops):
    for client, path in ((sales, "uoms"), (finops, "Currencies?cross-company=true")):
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/json; odata.metadata=minimal"
        assert control(answer.text) >= {"@odata.context", "@odata.etag"}
        asked = client.get(path, headers={"Accept": "application/json;odata.metadata=minimal"})
        assert asked.text == answer.text


@pytest.mark.parametrize("name", ["sales", "finops"])
def test_without_control_information_rows_and_links_stay(both, name):
    client, path = (both[0], "uoms") if name == "sales" else (both[1], "UnitsOfMeasure")
    for number in range(2):
        if name == "sales":
            client.post("uomschedules", {"name": f"Group {number}", "baseuomname": "u"})
    full = client.get(path).json()
    answer = client.get(path, headers=NONE)
    assert answer.headers["content-type"] == "application/json; odata.metadata=none"
    assert control(answer.text) == set()
    kept = [{n: v for n, v in row.items() if "@odata." not in n} for row in full["value"]]
    assert answer.json()["value"] == kept
    counted = client.get(f"{path}?$count=true", headers=NONE)
    assert control(counted.text) == {"@odata.count"}


def test_pages_go_on_without_control_information(sales):
    prefer = {**NONE, "Prefer": "odata.maxpagesize=1"}
    sales.post("uomschedules", {"name": "Another", "baseuomname": "u"})
    answer = sales.get("uomschedules", headers=prefer)
    assert control(answer.text) == {"@odata.nextLink"}
    assert sales.get(answer.json()["@odata.nextLink"], headers=prefer).status_code == 200


def test_a_deletion_is_still_told_as_one(sales):
    created = sales.post("accounts", {"name": "Gone"}).headers["OData-EntityId"]
    track = {"Prefer": "odata.track-changes"}
    link = sales.get("accounts?$select=name", headers=track).json()["@odata.deltaLink"]
    sales.send("DELETE", created)
    answer = sales.get(link, headers=NONE)
    (row,) = answer.json()["value"]
    assert row["reason"] == "deleted"
    assert row["@odata.context"].endswith("$deletedEntity")


@pytest.mark.parametrize("name", ["sales", "finops"])
def test_full_control_information_is_not_offered(both, name):
    client, path = (both[0], "uoms") if name == "sales" else (both[1], "Currencies")
    answer = client.get(path, headers={"Accept": "application/json;odata.metadata=full"})
    assert (answer.status_code, "not offer" in answer.text) == (501, True)


def test_b3_the_format_option_says_it_too(finops):
    answer = finops.get("Currencies?$format=application/json;odata.metadata=none")
    assert control(answer.text) == set()
    assert answer.json()["value"]


def test_long_numbers_are_texts_for_who_asks(sales):
    created = sales.post("accounts", {"name": "A", "creditlimit": 1234567.8}).headers[
        "OData-EntityId"
    ]
    path = f"{created}?$select=creditlimit,versionnumber,statecode"
    plain, texts = sales.get(path), sales.get(path, headers=TEXTS)
    assert "1234567.8000," in plain.text
    assert texts.json()["creditlimit"] == "1234567.8000"
    assert texts.json()["versionnumber"] == str(plain.json()["versionnumber"])
    assert texts.json()["statecode"] == 0
    kind = texts.headers["content-type"]
    assert kind == "application/json; odata.metadata=minimal; IEEE754Compatible=true"
    annotated = sales.get(path, headers={**TEXTS, "Prefer": 'odata.include-annotations="*"'})
    formatted = annotated.json()["creditlimit@OData.Community.Display.V1.FormattedValue"]
    assert formatted == "$1,234,567.80"


def test_long_numbers_may_be_sent_as_texts_by_who_says_so(sales):
    refused = sales.post("accounts", {"name": "A", "creditlimit": "10.5"})
    assert refused.status_code == 400
    created = sales.post("accounts", {"name": "A", "creditlimit": "10.5"}, headers=SENT)
    row = sales.get(f"{created.headers['OData-EntityId']}?$select=creditlimit").json()
    assert row["creditlimit"] == 10.5
    wrong = sales.post("accounts", {"name": "A", "creditlimit": "much"}, headers=SENT)
    assert wrong.status_code == 400


def test_b3_both_ways_in_finops(finops):
    body = {**CUSTOMER, "CreditLimit": "1234.50"}
    assert finops.post("CustomersV3", body).status_code == 400
    answer = finops.post("CustomersV3", body, headers={**SENT, **TEXTS})
    assert (answer.status_code, answer.json()["CreditLimit"][:6]) == (201, "1234.5")
    assert isinstance(finops.get("CustomersV3").json()["value"][0]["CreditLimit"], float)


def test_a_service_that_knows_nothing_of_it_is_a_switch(sandbox_base):
    switches = {"sales.ieee754": "ignored", "finops.ieee754": "ignored"}
    sales, finops = clients(sandbox_base(switches=switches))
    created = sales.post("accounts", {"name": "A", "creditlimit": 1}).headers["OData-EntityId"]
    row = sales.get(f"{created}?$select=creditlimit", headers=TEXTS).json()
    assert row["creditlimit"] == 1.0
    body = {**CUSTOMER, "CreditLimit": "1234.50"}
    assert finops.post("CustomersV3", body, headers=SENT).status_code == 400
