"""Faults of the services themselves: alone and as parts of a batch."""

import pytest
from p2c_sandbox.faults.model import Fault

LIMITS = {
    "requests": ("0x80072322", "Number of requests exceeded the limit of 6000 over time window"),
    "time": ("0x80072321", "Combined execution time of incoming requests exceeded limit of 1,200,"),
    "concurrency": ("0x80072326", "Number of concurrent requests exceeded the limit of 52."),
}


def account(sales) -> tuple[str, str]:
    """URL and ETag of a new account."""
    url = sales.post("accounts", {"name": "Moved"}).headers["OData-EntityId"]
    return url, sales.get(f"{url}?$select=name").json()["@odata.etag"]


@pytest.mark.parametrize("limit", LIMITS)
def test_d08_three_codes_with_retry_after(sales, faults, limit):
    faults.set(Fault(kind="throttle", limit=limit, retry_after=17))
    answer = sales.get("accounts?$top=1")
    code, start = LIMITS[limit]
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"].startswith(start)
    assert sales.get("accounts?$top=1").status_code == 200


def test_d17_finops_says_high_resource_utilization(finops, faults):
    faults.set(Fault(kind="throttle", service="finops", retry_after=None))
    answer = finops.get("Currencies?$top=1")
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    assert "high resource utilization" in answer.json()["error"]["innererror"]["message"]


def test_a_throttled_batch_runs_no_part(sales, faults):
    before = sales.count("accounts")
    faults.set(Fault(kind="throttle", path=r"\$batch"))
    assert sales.batch(("POST", "accounts", '{"name": "A"}')).status_code == 429
    assert sales.count("accounts") == before


def test_d15_an_inner_part_is_throttled_with_retry_after(finops, faults):
    faults.set(Fault(kind="throttle", scope="part", skip=1, retry_after=9))
    answer = finops.batch(*[("GET", "Currencies?$top=1", "")] * 3)
    assert answer.status_code == 200
    assert [line for line in answer.text.splitlines() if line.startswith("HTTP/1.1")] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 429 Too Many Requests",
        "HTTP/1.1 200 OK",
    ]
    assert "Retry-After: 9" in answer.text


def test_a_business_rule_refuses_in_the_words_of_each_service(sales, finops, faults):
    faults.set(Fault(kind="rejected", times=None, message="Credit limit exceeded."))
    error = sales.post("accounts", {"name": "A"}).json()["error"]
    assert error == {"code": "0x80040265", "message": "Credit limit exceeded."}
    output = finops.post("CustomersV3", {}).json()["error"]["innererror"]["message"]
    assert output == (
        "Write failed for table row of type 'CustomersV3'. Infolog: Warning: Credit limit exceeded."
    )
    assert sales.get("accounts?$top=1").status_code == 200


def test_the_database_chose_a_victim(sales, finops, faults):
    faults.set(Fault(kind="deadlock", times=2, method="POST"))
    assert sales.post("accounts", {"name": "A"}).json()["error"]["code"] == "0x80044150"
    assert "Deadlock" in finops.post("CustomersV3", {}).json()["error"]["innererror"]["message"]
    assert sales.post("accounts", {"name": "A"}).status_code == 204


def test_the_row_moves_just_before_a_conditional_write(sales, faults):
    url, etag = account(sales)
    faults.set(Fault(kind="etag_moved"))
    answer = sales.patch(url, {"name": "Mine"}, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["error"]["code"]) == (412, "0x80060882")
    now = sales.get(f"{url}?$select=name").json()
    assert (now["name"], now["@odata.etag"] != etag) == ("Moved", True)


def test_the_row_moves_in_finops_too(finops, faults):
    url = "CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')"
    etag = finops.get(url).json()["@odata.etag"]
    faults.set(Fault(kind="etag_moved"))
    answer = finops.patch(url, {"Description": "Mine"}, headers={"If-Match": etag})
    assert answer.status_code == 412
    assert finops.get(url).json()["@odata.etag"] != etag


def test_a_write_without_condition_is_nobodys_conflict(sales, faults):
    url, _ = account(sales)
    faults.set(Fault(kind="etag_moved"))
    assert sales.patch(url, {"name": "Mine"}, headers={"If-Match": "*"}).status_code == 204
    assert faults.struck() == [0]


def test_part_of_a_batch_fails(sales, faults):
    before = sales.count("accounts")
    faults.set(Fault(kind="rejected", scope="part", path="accounts", skip=1))
    parts = [("POST", "accounts", '{"name": "A"}')] * 3
    answer = sales.batch(*parts, Prefer="odata.continue-on-error")
    assert (answer.status_code, answer.text.count("0x80040265")) == (200, 1)
    assert sales.count("accounts") == before + 2
    assert sales.batch(*parts).status_code == 200


def test_part_of_a_batch_fails_in_finops(finops, faults):
    faults.set(Fault(kind="deadlock", scope="part", method="PATCH"))
    url = "CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')"
    answer = finops.batch(*[("PATCH", url, '{"Description": "X"}')] * 2)
    assert answer.status_code == 200
    assert [answer.text.count(f"HTTP/1.1 {status}") for status in (400, 204)] == [1, 1]
