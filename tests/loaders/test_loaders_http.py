"""Tokens, the throttle and the limits of a service (protocols A1, A10, B1, B9)."""

import logging
import threading
from collections.abc import Callable

import httpx
import pytest

from loaders.errors import AbortRun, RetryLater, Stopped
from loaders.models import Service
from loaders.services.answer import retry_after
from loaders.services.http import ServiceClient, connect
from loaders.services.throttle import Throttle
from pipelines.common.origin import is_loopback
from tests.loaders.loader_rows import FakeClock

Answer = Callable[[httpx.Request], httpx.Response]


class Identity:
    """A service whose token endpoint counts, and with fixed answers otherwise."""

    def __init__(self, clock: FakeClock, answer: Answer, lifetime: int = 3600) -> None:
        self.tokens: list[dict[str, str]] = []
        self.seen: list[httpx.Request] = []
        self.answer, self.lifetime = answer, lifetime
        self.throttle = Throttle(4, clock, threading.Event())
        self.connection: ServiceClient = connect(self.service(), self.throttle, clock, timeout=5)

    def service(self) -> Service:
        url = "https://s.example"
        transport = httpx.MockTransport(self)
        return Service("sales", url, f"{url}/t/token", "me", "top-secret", transport=transport)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.tokens.append(dict(httpx.QueryParams(request.content.decode())))
            body = {"access_token": f"t{len(self.tokens)}", "expires_in": self.lifetime}
            return httpx.Response(200, json=body)
        self.seen.append(request)
        return self.answer(request)

    def get(self) -> httpx.Response:
        return self.connection.request("GET", "https://s.example/api/data/v9.2/widgets")


def ok(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


def test_one_token_serves_many_requests_and_names_its_scope(clock: FakeClock) -> None:
    identity = Identity(clock, ok)
    identity.get()
    identity.get()
    assert identity.tokens == [
        {
            "grant_type": "client_credentials",
            "client_id": "me",
            "client_secret": "top-secret",
            "scope": "https://s.example/.default",
        }
    ]
    assert identity.seen[1].headers["Authorization"] == "Bearer t1"


def test_a_token_is_renewed_before_its_end(clock: FakeClock) -> None:
    identity = Identity(clock, ok)
    identity.get()
    clock.advance(3301)
    identity.get()
    assert identity.seen[1].headers["Authorization"] == "Bearer t2"


def test_a_401_renews_the_token_once(clock: FakeClock) -> None:
    def expired(request: httpx.Request) -> httpx.Response:
        fresh = request.headers["Authorization"] == "Bearer t2"
        return httpx.Response(200 if fresh else 401, json={})

    identity = Identity(clock, expired)
    assert identity.get().status_code == 200
    assert len(identity.tokens) == 2


def test_a_401_to_a_fresh_token_ends_the_run(clock: FakeClock) -> None:
    identity = Identity(clock, lambda request: httpx.Response(401, json={}))
    with pytest.raises(AbortRun, match="refuses its own token"):
        identity.get()
    assert len(identity.tokens) == 2


def test_wrong_credentials_say_where_to_look_and_show_no_secret(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid secret."}
    identity = Identity(clock, ok)
    identity.__class__ = type(
        "Refusing",
        (Identity,),
        {"__call__": lambda self, request: httpx.Response(401, json=refusal)},
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(AbortRun) as error:
        identity.get()
    assert "AADSTS7000215: Invalid secret." in str(error.value)
    assert "[sources.sales]" in str(error.value)
    assert "top-secret" not in str(error.value) + caplog.text + repr(identity.service())


def test_threads_share_one_token(clock: FakeClock) -> None:
    identity = Identity(clock, ok)
    threads = [threading.Thread(target=identity.get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(identity.tokens) == 1
    assert len(identity.seen) == 4


def test_no_cookie_is_kept(clock: FakeClock) -> None:
    def sticky(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={}, headers={"Set-Cookie": "ARRAffinity=a; Path=/"})

    identity = Identity(clock, sticky)
    identity.get()
    identity.get()
    assert "Cookie" not in identity.seen[1].headers


def test_a_429_closes_the_gate_for_everybody(clock: FakeClock) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "42"})]
    identity = Identity(clock, lambda request: answers.pop() if answers else ok(request))
    with pytest.raises(RetryLater, match="asks to wait"):
        identity.get()
    identity.get()
    assert 42 <= clock.monotonic() < 43
    assert identity.throttle.throttled == 1


def test_a_429_without_a_time_waits_thirty_seconds(clock: FakeClock) -> None:
    answers = [httpx.Response(429)]
    identity = Identity(clock, lambda request: answers.pop() if answers else ok(request))
    with pytest.raises(RetryLater):
        identity.get()
    identity.get()
    assert clock.monotonic() >= 30


def in_flight(throttle: Throttle) -> int:
    """How many requests the throttle gives before it makes one wait."""
    requests = []
    while throttle._must_wait() == 0:
        request = throttle.acquire()
        request.__enter__()
        requests.append(request)
    for request in requests:
        request.__exit__(None, None, None)
    return len(requests)


def test_the_load_begins_modestly_is_halved_by_a_429_and_grows_again(clock: FakeClock) -> None:
    throttle = Throttle(8, clock, threading.Event())
    assert in_flight(throttle) == 4
    throttle.pause(10)
    clock.advance(10)
    assert in_flight(throttle) == 2
    clock.advance(300)
    for _ in range(100):
        answered_by_all(throttle, clock)
    assert in_flight(throttle) == 8


def answered_by_all(throttle: Throttle, clock: FakeClock) -> None:
    """As many requests as there are places, each a second long."""
    requests = [throttle.acquire() for _ in range(throttle.places)]
    for request in requests:
        request.__enter__()
    clock.advance(1)
    for request in requests:
        request.__exit__(None, None, None)
        throttle.succeeded()


def test_429s_that_come_together_halve_the_load_once(clock: FakeClock) -> None:
    throttle = Throttle(8, clock, threading.Event())
    for _ in range(4):
        throttle.pause(10)
    clock.advance(10)
    assert in_flight(throttle) == 2
    assert throttle.throttled == 4


def test_the_services_hint_is_never_exceeded(clock: FakeClock) -> None:
    identity = Identity(
        clock, lambda request: httpx.Response(200, json={}, headers={"x-ms-dop-hint": "2"})
    )
    identity.get()
    assert in_flight(identity.throttle) == 2


def test_a_closed_gate_opens_for_nobody_once_the_run_stops(clock: FakeClock) -> None:
    stop = threading.Event()
    throttle = Throttle(1, clock, stop)
    throttle.pause(3600)
    stop.set()
    with pytest.raises(Stopped), throttle.acquire():
        raise AssertionError("the throttle let a request through")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        (
            {
                "Retry-After": "Sat, 31 Jan 2026 10:00:30 GMT",
                "Date": "Sat, 31 Jan 2026 10:00:00 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_both_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8365", True),
        ("http://localhost", True),
        ("https://x.dynamics.com", False),
    ],
)
def test_loopback_goes_past_any_proxy(url: str, local: bool) -> None:
    assert is_loopback(url) is local
