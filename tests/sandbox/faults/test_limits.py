"""Service protection limits (protocols A10, B9): counted over a sliding window."""

import pytest
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Request, Response
from p2c_sandbox.odata.limits import Limiter, LimitSettings
from p2c_sandbox.sales.errors import throttled
from p2c_sandbox.sales.settings import SalesSettings

from tests.sandbox.faults.conftest import clients

REQUEST = Request("GET", "http://x", "accounts")


class Time:
    """A clock, and a stopwatch that says how long a request worked."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.worked = 0.0

    def clock(self) -> float:
        return self.now

    def stopwatch(self) -> float:
        return self.worked


def limiter(time: Time, **numbers: float) -> Limiter:
    settings = LimitSettings(**numbers)
    return Limiter(settings, throttled, clock=time.clock, stopwatch=time.stopwatch)


def ask(limiter: Limiter, time: Time, seconds: float = 0) -> Response:
    """A request that works for some seconds and is answered."""

    def handler(_: Request) -> Response:
        time.worked += seconds
        return Response(200)

    if (refused := limiter.enter()) is not None:
        return refused
    answer = limiter.run(handler, REQUEST)
    limiter.leave()
    return answer


def test_the_defaults_are_the_numbers_of_the_services():
    sales, finops = SalesSettings(), FinopsSettings()
    assert (sales.limit_requests, sales.limit_seconds, sales.limit_concurrent) == (6000, 1200, 52)
    assert sales.limit_window == 300
    assert (finops.limit_requests, finops.limit_seconds, finops.limit_concurrent) == (0, 0, 0)


def test_a10_requests_over_a_sliding_window():
    time = Time()
    limited = limiter(time, limit_requests=2)
    assert ask(limited, time).status == 200
    time.now += 100
    assert ask(limited, time).status == 200
    refused = ask(limited, time)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "300")
    time.now += 300
    assert ask(limited, time).status == 200


def test_a10_going_on_makes_the_wait_longer():
    time = Time()
    limited = limiter(time, limit_requests=2)
    ask(limited, time)
    time.now += 100
    ask(limited, time)
    time.now += 100
    assert ask(limited, time).headers["Retry-After"] == "200"
    time.now += 50
    assert ask(limited, time).headers["Retry-After"] == "250"


def test_a10_who_waits_as_told_is_let_in():
    time = Time()
    limited = limiter(time, limit_requests=3)
    for _ in range(3):
        ask(limited, time)
        time.now += 7
    for _ in range(5):
        refused = ask(limited, time)
        assert refused.status == 429
        time.now += int(refused.headers["Retry-After"])
        assert ask(limited, time).status == 200


def test_a10_execution_time_of_all_requests_together():
    time = Time()
    limited = limiter(time, limit_seconds=10, limit_requests=0)
    first = ask(limited, time, seconds=8)
    assert first.headers["x-ms-ratelimit-time-remaining-xrm-requests"] == "2.00"
    time.now += 100
    assert ask(limited, time, seconds=3).status == 200
    refused = ask(limited, time)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "200")
    assert b"0x80072321" in refused.body
    time.now += 200
    assert ask(limited, time).status == 200


def test_a10_requests_at_once():
    time = Time()
    limited = limiter(time, limit_concurrent=2)
    assert [limited.enter(), limited.enter()] == [None, None]
    refused = limited.enter()
    assert refused is not None
    assert b"0x80072326" in refused.body
    limited.leave()
    assert limited.enter() is None


def test_zero_means_no_limit():
    time = Time()
    free = limiter(time, limit_requests=0, limit_seconds=0, limit_concurrent=0)
    answers = [ask(free, time, seconds=1000) for _ in range(100)]
    assert {answer.status for answer in answers} == {200}
    assert answers[-1].headers == {}


@pytest.mark.parametrize(("requests", "left"), [(1, "2"), (3, "0")])
def test_a2_answers_say_what_is_left(requests, left):
    time = Time()
    limited = limiter(time, limit_requests=3)
    answers = [ask(limited, time) for _ in range(requests)]
    assert answers[-1].headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == left


def test_d08_a_running_sandbox_counts_with_settable_numbers(sandbox_base):
    numbers = {"sales.limit_requests": 3, "sales.limit_window": 3600, "finops.limit_requests": 1}
    sales, finops = clients(sandbox_base(switches=numbers))
    answers = [sales.get("accounts?$top=1") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["error"] == {
        "code": "0x80072322",
        "message": "Number of requests exceeded the limit of 3 over time window of 3600 seconds.",
    }
    assert 3590 <= int(answers[-1].headers["retry-after"]) <= 3600
    assert sales.ask_token().status_code == 200
    assert [finops.get("").status_code for _ in range(2)] == [200, 429]


def test_a_batch_is_one_request(sandbox_base):
    sales, _ = clients(sandbox_base(switches={"sales.limit_requests": 1}))
    answer = sales.batch(*[("GET", "accounts?$top=1", "")] * 5)
    assert answer.text.count("HTTP/1.1 200 OK") == 5
    assert sales.get("accounts").status_code == 429
