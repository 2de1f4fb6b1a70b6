"""The 17 lines of what a faithful sandbox must reproduce (protocols part D), over HTTP.

One test for each line and service; the folders beside this one go into every detail.
"""

import io
import itertools
import json
import re
import zipfile
from decimal import Decimal

import pytest
from p2c_sandbox.faults.model import Fault

from tests.sandbox.finops.test_packages import GOOD, package
from tests.sandbox.sales.conftest import SCHEDULE, UNIT, USD

ABSENT = "0f0f0f0f-0000-4000-8000-000000000000"
CUSTOMER = {
    "dataAreaId": "usmf",
    "OrganizationName": "Adventure Works",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "USD",
}
NUMBERED = itertools.count(1)


def guid(answer) -> str:
    assert answer.status_code == 204, answer.text
    return answer.headers["OData-EntityId"][-37:-1]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def inner(answer) -> str:
    return answer.json()["error"]["innererror"]["message"]


def order(sales, **more) -> str:
    name = f"D {next(NUMBERED)}"
    account = guid(sales.post("accounts", {"name": name}))
    currency = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({USD})"}
    prices = guid(sales.post("pricelevels", {"name": name, **currency}))
    body = {
        "name": name,
        "customerid_account@odata.bind": f"/accounts({account})",
        "pricelevelid@odata.bind": f"/pricelevels({prices})",
        **currency,
        **more,
    }
    return guid(sales.post("salesorders", body))


def product(sales) -> str:
    body = {
        "name": "D",
        "productnumber": f"D{next(NUMBERED)}",
        "quantitydecimal": 2,
        "defaultuomid@odata.bind": f"/uoms({UNIT})",
        "defaultuomscheduleid@odata.bind": f"/uomschedules({SCHEDULE})",
    }
    return guid(sales.post("products", body))


@pytest.mark.parametrize("index", [0, 1], ids=["sales", "finops"])
def test_d01_tokens_are_given_and_asked_for(both, faults, index):
    client = both[index]
    client.sign_in()
    token = client.ask_token().json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert client.get("").status_code == 200
    assert client.get("", headers={"Authorization": ""}).status_code == 401
    faults.set(Fault(kind="expired_token", service=("sales", "finops")[index]))
    assert client.get("").status_code == 401


def test_d02_pages_of_sales(sales):
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.contact", "lastname": "D2"}] * 5001
    sales.post("contacts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets})
    page = sales.get("contacts?$select=lastname", headers={"Prefer": "odata.maxpagesize=9999"})
    assert len(page.json()["value"]) == 5000
    assert "$skiptoken=%3Ccookie" in page.json()["@odata.nextLink"]
    assert len(sales.get(page.json()["@odata.nextLink"]).json()["value"]) >= 1
    assert sales.get("contacts?$skip=1").status_code == 400
    top = sales.get("contacts?$select=lastname&$top=1", headers={"Prefer": "odata.maxpagesize=3"})
    assert len(top.json()["value"]) == 3


def test_d03_change_tracking(sales):
    track = {"Prefer": "odata.track-changes,odata.maxpagesize=1"}
    for option in ("$filter=name eq 'x'", "$orderby=name", "$expand=ownerid", "$top=1"):
        assert sales.get(f"products?{option}", headers=track).status_code == 400
    gone = product(sales)
    page = sales.get("products?$select=name", headers=track).json()
    while "@odata.nextLink" in page:
        assert "@odata.deltaLink" not in page
        page = sales.get(page["@odata.nextLink"], headers=track).json()
    link = page["@odata.deltaLink"]
    assert sales.send("DELETE", f"products({gone})").status_code == 204
    (entry,) = sales.get(link).json()["value"]
    assert entry["@odata.context"].endswith("$metadata#products/$deletedEntity")
    assert (entry["id"], entry["reason"]) == (gone, "deleted")
    old = re.sub(r"deltatoken=.*", "deltatoken=1%2101%2f01%2f2020%2008%3a10%3a44", link)
    assert code(sales.get(old)) == (400, "0x80044352")


def test_d04_patch_is_an_upsert_unless_told_otherwise(sales):
    row = f"accounts({ABSENT})"
    assert sales.patch(row, {"name": "x"}, headers={"If-Match": "*"}).status_code == 404
    assert sales.patch(row, {"name": "x"}).status_code == 204
    assert sales.patch(row, {"name": "x"}, headers={"If-None-Match": "*"}).status_code == 412
    assert code(sales.patch(row, {"name": "y"}, headers={"If-Match": 'W/"1"'})) == (
        412,
        "0x80060882",
    )


def test_d05_only_active_alternate_keys_are_addresses(sales):
    answer = sales.get("accounts(accountnumber='A')")
    assert code(answer) == (400, "0x80060890")
    assert "The key in the request URI is not valid for resource" in answer.text
    assert code(sales.get("contacts(msdynce_contactnumber='none')")) == (404, "0x80060891")


def test_d06_batches_of_sales(sales):
    bad, good = ("POST", "accounts", '{"nothere":1}'), ("POST", "accounts", '{"name":"D6"}')
    stopped = sales.batch(good, bad, good)
    assert (stopped.status_code, stopped.text.count("HTTP/1.1 ")) == (400, 2)
    went_on = sales.batch(good, bad, good, Prefer="odata.continue-on-error")
    assert (went_on.status_code, went_on.text.count("HTTP/1.1 204")) == (200, 2)
    assert sales.batch(*[("GET", "accounts?$top=1", "")] * 1001).status_code == 400


def test_d07_bulk_messages_are_all_or_nothing(sales):
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    targets = [kind | {"name": "D7"}, kind | {"name": "x" * 161}]
    address = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    assert sales.post(address, {"Targets": targets}).status_code == 400
    assert sales.get("accounts?$filter=name eq 'D7'").json()["value"] == []
    unit = [{"@odata.type": "Microsoft.Dynamics.CRM.uom", "name": "x"}]
    answer = sales.post("uoms/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": unit})
    assert code(answer) == (400, "0x80040800")


@pytest.mark.parametrize(
    ("limit", "number"),
    [("requests", "0x80072322"), ("time", "0x80072321"), ("concurrency", "0x80072326")],
)
def test_d08_protection_limits(sales, faults, limit, number):
    assert int(sales.get("WhoAmI").headers["x-ms-dop-hint"]) > 0
    faults.set(Fault(kind="throttle", limit=limit, retry_after=5))
    answer = sales.get("WhoAmI")
    assert code(answer) == (429, number)
    assert answer.headers["Retry-After"] == "5"


def test_d09_rules_of_documents_lines_and_products(sales):
    draft = product(sales)
    line = {"quantity": 1, "uomid@odata.bind": f"/uoms({UNIT})"}
    line |= {"salesorderid@odata.bind": f"/salesorders({order(sales)})"}
    sold = {"productid@odata.bind": f"/products({draft})"}
    assert sales.post("salesorderdetails", line | sold).status_code == 400
    both_ways = {"isproductoverridden": True, "productdescription": "x"}
    assert code(sales.post("salesorderdetails", line | sold | both_ways))[1] in (
        "0x80043afb",
        "0x80043afa",
    )
    locked = order(sales)
    assert sales.patch(f"salesorders({locked})", {"statecode": 2}).status_code == 204
    assert sales.patch(f"salesorders({locked})", {"name": "x"}).status_code == 400


def test_d10_money_and_dates(sales):
    written = {
        "name": "D10",
        "creditlimit": 10.5,
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({USD})",
    }
    address = sales.post("accounts", written).headers["OData-EntityId"]
    text = sales.get(address).text
    row = json.loads(text, parse_float=Decimal)
    assert row["creditlimit_base"] == row["creditlimit"] / row["exchangerate"]
    assert '"creditlimit":10.5000' in text
    delivery = order(sales, requestdeliveryby="2026-01-31")
    found = sales.get(f"salesorders({delivery})?$select=requestdeliveryby").json()
    assert found["requestdeliveryby"] == "2026-01-31T00:00:00Z"


def test_d11_companies_and_shifting_pages(finops):
    default = finops.get("CustomerGroups?$select=dataAreaId").json()["value"]
    everywhere = finops.get("CustomerGroups?cross-company=true&$select=dataAreaId").json()["value"]
    assert {row["dataAreaId"] for row in default} == {"usmf"}
    assert len({row["dataAreaId"] for row in everywhere}) > 1
    page = finops.get("CustomerGroups?$top=2&$skip=1&$select=CustomerGroupId").json()["value"]
    everything = finops.get("CustomerGroups?$select=CustomerGroupId").json()["value"]
    strip = [row["CustomerGroupId"] for row in everything]
    assert [row["CustomerGroupId"] for row in page] == strip[1:3]


def test_d12_no_upsert_and_errors_inside_errors(finops):
    missing = "CustomersV3(dataAreaId='usmf',CustomerAccount='nothere')"
    answer = finops.patch(missing, {"OrganizationName": "x"})
    assert answer.status_code == 400
    assert inner(answer) == "No resources were found when selecting for update."
    malformed = finops.get("CustomersV3(nothere='x')")
    assert (malformed.status_code, list(malformed.json())) == (404, ["Message"])
    refused = finops.post("CustomersV3", {**CUSTOMER, "CustomerGroupId": "nothere"})
    assert inner(refused).startswith("Write failed for table row of type 'CustCustomerV3Entity'.")
    assert "Infolog: Warning: The value 'nothere' in field 'Customer group'" in inner(refused)


def test_d13_nothing_is_null(finops):
    row = finops.post("CustomersV3", CUSTOMER).json()
    assert None not in row.values()
    assert (row["AddressCity"], row["CreditLimit"]) == ("", 0)
    assert row["CreditLimitIsMandatory"] == "No"
    assert row["AddressValidFrom"].startswith("1900-01-01T")


def test_d14_the_number_sequence(finops):
    assert finops.post("CustomersV3", CUSTOMER).json()["CustomerAccount"]
    own = finops.post("CustomersV3", {**CUSTOMER, "CustomerAccount": "MINE"})
    assert own.json()["CustomerAccount"] == "MINE"


def test_d15_batches_of_finops(finops, faults):
    bad = ("PATCH", "CustomersV3(dataAreaId='usmf',CustomerAccount='no')", "{}")
    good = ("GET", "Currencies?$top=1", "")
    answer = finops.batch(good, bad, good)
    assert answer.status_code == 200
    assert re.findall(r"HTTP/1\.1 (\d+)", answer.text) == ["200", "500", "200"]
    faults.set(Fault(kind="throttle", scope="part"))
    throttled = finops.batch(good, good)
    assert re.findall(r"HTTP/1\.1 (\d+)", throttled.text) == ["429", "200"]
    assert finops.batch(*[good] * 5001).status_code == 400


def test_d16_data_packages(finops):
    root = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
    created = finops.post(f"{root}GetAzureWriteUrl", {"uniqueFileName": "x.zip"}).json()["value"]
    address = json.loads(created)["BlobUrl"]
    content = package(GOOD)
    assert zipfile.is_zipfile(io.BytesIO(content))
    with finops.http() as http:
        assert http.put(address, content=content).status_code == 400
        head = {"x-ms-blob-type": "BlockBlob"}
        assert http.put(f"{address}0", content=content, headers=head).status_code == 403
        assert http.put(address, content=content, headers=head).status_code == 201
        assert http.get(address).content == content
    body = {"packageUrl": address, "definitionGroupId": "D16", "executionId": ""}
    body |= {"execute": True, "overwrite": True, "legalEntityId": "USMF"}
    job = finops.post(f"{root}ImportFromPackage", body).json()["value"]
    asked = [finops.post(f"{root}GetExecutionSummaryStatus", {"executionId": job}) for _ in "12"]
    assert [answer.json()["value"] for answer in asked] == ["Executing", "Succeeded"]


def test_d17_busy_and_broken_gateways(finops, faults):
    faults.set(Fault(kind="throttle", service="finops", retry_after=4))
    busy = finops.get("Currencies")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "4")
    assert "high resource utilization" in inner(busy)
    faults.set(Fault(kind="html", service="finops"))
    broken = finops.get("Currencies")
    assert (broken.status_code, broken.text[:15]) == (503, "<!DOCTYPE html>")


@pytest.mark.parametrize("path", ["/api/connector/dequeue/x", "/api/services/x"])
def test_other_interfaces_of_finops_are_not_offered_and_say_so(finops, path):
    answer = finops.get(f"{finops.service.url}{path}")
    assert (answer.status_code, path in answer.json()["error"]["message"]) == (501, True)
