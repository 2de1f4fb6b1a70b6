"""What is sent again, read back or left: throttled, lost, too large and refused requests."""

import httpx
import pytest

from tests.loaders.loader_bench import Bench, key, put
from tests.loaders.loader_rows import FakeClock, change

# what goes wrong on the way


def test_a_429_pauses_and_is_sent_again(sales: Bench, clock: FakeClock) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "17"})]
    sales.fake.before = lambda request: answers.pop() if answers else None
    assert sales.statuses(change(1)) == ["acknowledged"]
    assert clock.monotonic() >= 17
    assert len(sales.fake.requests) == 2


def test_a_429_without_end_stops_the_run_and_leaves_the_rows_unsent(sales: Bench) -> None:
    sales.fake.before = lambda request: httpx.Response(429, headers={"Retry-After": "1"})
    delivered = sales.deliver(change(1))
    assert delivered.outcomes[0].status == "planned"
    assert "asks to wait" in str(delivered.error)
    assert len(sales.fake.requests) == 6


def test_an_answer_lost_after_the_commit_is_read_back_and_not_sent_again(sales: Bench) -> None:
    lost = [True]

    def drop(request: httpx.Request) -> None:
        if lost and request.url.path.endswith("CreateMultiple"):
            lost.pop()
            raise httpx.RemoteProtocolError("peer closed connection")

    sales.fake.after = drop
    assert sales.statuses(change(1), change(2)) == ["acknowledged"] * 2
    assert sales.fake.paths[1:] == ["Microsoft.Dynamics.CRM.CreateMultiple", "$batch"]
    assert sales.fake.versions == {key(1): 1, key(2): 1}


def test_an_answer_lost_before_the_commit_is_read_back_and_sent_again(finops: Bench) -> None:
    lost = [True]

    def drop(request: httpx.Request) -> None:
        if lost:
            lost.pop()
            raise httpx.ReadTimeout("no answer")

    finops.fake.before = drop
    assert finops.statuses(change(1, system="finops")) == ["acknowledged"]
    methods = [
        request.content.split(b" https", 1)[0][-4:].strip() for request in finops.fake.requests
    ]
    assert methods == [b"POST", b"GET", b"POST"]
    assert finops.fake.versions == {key(1, "finops"): 1}


def test_an_update_whose_answer_was_lost_is_judged_by_what_is_there(sales: Bench) -> None:
    for number in (1, 2, 3):
        put(sales, number, name="before")
    lost = [True]

    def drop(request: httpx.Request) -> None:
        if lost:
            lost.pop()
            put(sales, 2, name="before")
            put(sales, 3, name="another hand")
            sales.fake.versions[key(2)] = 1
            sales.fake.rows[key(2)] = {"name": "before"}
            raise httpx.ReadError("reset")

    sales.fake.after = drop
    rows = [change(number, "update") for number in (1, 2, 3)]
    assert sales.statuses(*rows) == ["acknowledged", "acknowledged", "stale"]
    assert sales.fake.rows[key(3)] == {"name": "another hand"}


def test_a_service_that_stays_silent_leaves_the_rows_unresolved(sales: Bench) -> None:
    def drop(request: httpx.Request) -> None:
        raise httpx.ReadTimeout("no answer")

    sales.fake.bulk = False
    sales.deliver(change(8), change(9))
    sales.fake.before = drop
    delivered = sales.deliver(change(1), change(2))
    assert {outcome.status for outcome in delivered.outcomes} == {"unresolved"}
    assert "gave no answer" in str(delivered.error)


def test_a_service_that_cannot_be_reached_leaves_the_rows_unsent(sales: Bench) -> None:
    def refuse(request: httpx.Request) -> None:
        raise httpx.ConnectError("connection refused")

    sales.fake.before = refuse
    delivered = sales.deliver(change(1))
    assert delivered.outcomes[0].status == "planned"
    assert "cannot be reached at https://" in str(delivered.error)
    assert ": connection refused" in str(delivered.error)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_error_in_html_is_in_doubt_and_resolved(finops: Bench, status: int) -> None:
    answers = [httpx.Response(status, html="<h1>Bad gateway</h1>")]
    finops.fake.after = lambda request: answers.pop() if answers else None
    assert finops.statuses(change(1, system="finops")) == ["acknowledged"]
    assert finops.fake.versions == {key(1, "finops"): 1}


def test_a_request_too_large_is_halved(sales: Bench) -> None:
    sales.fake.bulk = False

    def judge(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(413) if request.content.count(b"PATCH ") > 2 else None

    sales.fake.before = judge
    assert sales.statuses(*(change(number) for number in range(1, 8))) == ["acknowledged"] * 7


def test_one_row_too_large_is_rejected(sales: Bench) -> None:
    sales.fake.before = lambda request: httpx.Response(413)
    outcome = sales.deliver(change(1)).outcomes[0]
    assert (outcome.status, outcome.http_status) == ("rejected", 413)


def test_missing_rights_stop_the_run_with_the_services_words(sales: Bench) -> None:
    error = {"error": {"code": "0x80040220", "message": "is missing prvWriteWidget privilege"}}
    sales.fake.before = lambda request: httpx.Response(403, json=error)
    delivered = sales.deliver(change(1))
    assert delivered.outcomes[0].status == "planned"
    assert "prvWriteWidget" in str(delivered.error)


def test_a_row_refused_for_a_passing_reason_is_sent_again(finops: Bench) -> None:
    answers = ["An update conflict occurred due to another user process"] * 2
    finops.fake.refuse = lambda body: answers.pop() if answers else None
    delivered = finops.deliver(change(1, system="finops"), change(2, system="finops"))
    assert {outcome.status for outcome in delivered.outcomes} == {"acknowledged"}


def test_a_row_refused_for_a_passing_reason_too_often_fails(finops: Bench) -> None:
    finops.fake.refuse = lambda body: "deadlock" if body.get("Number") == "N-1" else None
    delivered = finops.deliver(change(1, system="finops"), change(2, system="finops"))
    by_id = {outcome.write_id: outcome for outcome in delivered.outcomes}
    assert (by_id["w-1"].status, by_id["w-1"].attempts) == ("failed", 6)
    assert by_id["w-2"].status == "acknowledged"
    assert delivered.error is None


def test_a_run_that_is_stopping_sends_nothing_new(sales: Bench, clock: FakeClock) -> None:
    sales.fake.before = lambda request: httpx.Response(429, headers={"Retry-After": "600"})
    sales.stop.set()
    delivered = sales.deliver(change(1))
    assert [outcome.status for outcome in delivered.outcomes] == ["planned"]
    assert delivered.error is None
    assert clock.monotonic() < 600


def test_recovering_reads_and_writes_nothing(sales: Bench) -> None:
    put(sales, 1, name="Thing 1")
    delivered = sales.recover(change(1), change(2))
    assert {o.write_id: o.status for o in delivered.outcomes} == {
        "w-1": "acknowledged",
        "w-2": "planned",
    }
    assert list(sales.fake.rows) == [key(1)]
