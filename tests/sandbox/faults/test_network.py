"""Faults between service and client, through real connections."""

import json
import time

import httpx
import pytest
from p2c_sandbox.faults.model import Fault

from .conftest import CONNECTION_LOST

NAMES = ("sales", "finops")
CUSTOMER = {
    "dataAreaId": "usmf",
    "PartyType": "Organization",
    "OrganizationName": "Adventure Works",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "USD",
}


def test_latency_delays_the_matching_requests_only(sales, faults):
    faults.set(Fault(kind="latency", path="/accounts", seconds=0.3))
    assert sales.get("contacts?$top=1").status_code == 200
    assert faults.struck() == [0]
    began = time.monotonic()
    assert sales.get("accounts?$top=1").status_code == 200
    assert time.monotonic() - began >= 0.3
    assert faults.struck() == [1]


def test_slow_start_is_over_after_the_first_call(finops, faults):
    faults.set(Fault(kind="slow_start", service="finops", seconds=0.3))
    began = time.monotonic()
    assert finops.get("Currencies?$top=1").status_code == 200
    assert time.monotonic() - began >= 0.3
    assert finops.get("Currencies?$top=1").status_code == 200
    assert faults.struck() == [1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [502, 503])
def test_d17_a_gateway_answers_html(both, faults, name, status):
    client = both[NAMES.index(name)]
    faults.set(Fault(kind="html", service=name, status=status, retry_after=7))
    answer = client.get("")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert answer.text.startswith("<!DOCTYPE html>")
    assert answer.headers.get("retry-after") == ("7" if status == 503 else None)
    assert client.get("").status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 502])
def test_a_gateway_answers_html_after_the_commit(finops, faults, status):
    """What the service did stays done, whatever the page says."""
    before = finops.count("CustomersV3")
    faults.set(Fault(kind="html_after", method="POST", service="finops", status=status))
    answer = finops.post("CustomersV3", CUSTOMER)
    assert (answer.status_code, answer.text[:15]) == (status, "<!DOCTYPE html>")
    assert finops.count("CustomersV3") == before + 1


def test_a_gateway_that_lets_nothing_through_leaves_nothing(sales, faults):
    before = sales.count("accounts")
    faults.set(Fault(kind="html", method="POST", status=403))
    assert sales.post("accounts", {"name": "Blocked"}).status_code == 403
    assert sales.count("accounts") == before


def test_a_connection_lost_before_the_commit_leaves_nothing(sales, faults):
    before = sales.count("accounts")
    faults.set(Fault(kind="drop_before", method="POST"))
    with pytest.raises(CONNECTION_LOST):
        sales.post("accounts", {"name": "Lost"})
    assert sales.count("accounts") == before


def test_a_connection_lost_after_the_commit_leaves_the_row(sales, faults):
    before = sales.count("accounts")
    faults.set(Fault(kind="drop_after", method="POST"))
    with pytest.raises(CONNECTION_LOST):
        sales.post("accounts", {"name": "Kept"})
    assert sales.count("accounts") == before + 1


def test_a_connection_lost_in_mid_body_is_seen_as_such(finops, faults):
    before = finops.count("CustomersV3")
    faults.set(Fault(kind="drop_midbody", method="POST", service="finops"))
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        finops.post("CustomersV3", CUSTOMER)
    assert finops.count("CustomersV3") == before + 1


def test_a_truncated_page_is_complete_http_but_no_json(sales, faults):
    faults.set(Fault(kind="truncated", path="uoms"))
    answer = sales.get("uoms")
    assert (answer.status_code, len(answer.content)) == (200, int(answer.headers["content-length"]))
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert sales.get("uoms").json()["value"]


def test_the_answer_of_a_batch_may_be_truncated_after_the_commit(sales, faults):
    """Only where the method is named: what was written stays, and half of it is told."""
    parts = [("POST", "accounts", '{"name": "Half told"}')] * 3
    before = sales.count("accounts")
    faults.set(Fault(kind="truncated", path="batch"))
    whole = sales.batch(*parts)
    assert whole.text.rstrip().endswith("--")
    faults.set(Fault(kind="truncated", method="POST", path="batch"))
    half = sales.batch(*parts)
    assert (half.status_code, half.text.rstrip().endswith("--")) == (200, False)
    assert len(half.content) < len(whole.content)
    assert sales.count("accounts") == before + 6


def test_a_short_page_lacks_rows_and_the_next_link(finops, faults):
    whole = finops.get("LegalEntities?cross-company=true").json()
    faults.set(Fault(kind="short_page", path="LegalEntities", rows=1))
    short = finops.get("LegalEntities?cross-company=true").json()
    assert short["value"] == whole["value"][:-1]
    assert "@odata.nextLink" not in short


def test_an_expired_token_stays_expired_and_a_new_one_works(sales, faults):
    faults.set(Fault(kind="expired_token", service="sales"))
    assert sales.get("accounts?$top=1").status_code == 401
    assert sales.get("accounts?$top=1").status_code == 401
    sales.sign_in()
    assert sales.get("accounts?$top=1").status_code == 200


def test_a_token_may_end_long_before_it_says(sales, faults):
    """`expires_in` still says an hour; the token is good for two requests."""
    faults.set(Fault(kind="short_token", service="sales", requests=2))
    output = sales.ask_token().json()
    assert output["expires_in"] == 3599
    sales.token = output["access_token"]
    statuses = [sales.get("accounts?$top=1").status_code for _ in range(4)]
    assert statuses == [200, 200, 401, 401]
    sales.sign_in()
    assert [sales.get("accounts?$top=1").status_code for _ in range(3)] == [200] * 3


def test_a_token_may_end_after_a_time_and_others_live_on(both, faults):
    sales, finops = both
    faults.set(Fault(kind="short_token", service="sales", seconds=0))
    sales.sign_in()
    finops.sign_in()
    assert sales.get("accounts?$top=1").status_code == 401
    assert finops.get("Currencies?$top=1").status_code == 200


def test_the_token_endpoint_fails_only_when_the_path_names_it(sales, faults):
    faults.set(Fault(kind="html", times=None), Fault(kind="html", path="oauth2/v2.0"))
    assert sales.ask_token().status_code == 503
    assert sales.ask_token().status_code == 200
    assert sales.get("").status_code == 503


def test_no_secret_no_token_and_no_failure_of_ours_is_logged(running, sales, finops, faults):
    """After everything above; dropped connections are no error of the server."""
    faults.set(Fault(kind="drop_midbody"))
    with pytest.raises(httpx.RemoteProtocolError):
        sales.get("accounts")
    log = (running.directory / "sandbox.log").read_text()
    for secret in (running.client_secret, sales.token, finops.token):
        assert secret not in log
    assert "Traceback" not in log
    assert "ASGI" not in log
