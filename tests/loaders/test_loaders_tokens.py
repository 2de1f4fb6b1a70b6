"""Tokens that are got otherwise than by client secret; an identity service that fails."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import httpx
import pytest

from loaders.errors import AbortRun, RetryLater
from loaders.models import Service
from loaders.services.http import ServiceClient, connect
from loaders.services.throttle import Throttle
from pipelines.common.token import Token, TokenRefused, TokenSource, TokenUnavailable
from tests.loaders.loader_rows import FakeClock

URL = "https://s.example"


def client(
    clock: FakeClock, answer: httpx.MockTransport, source: TokenSource | None = None
) -> ServiceClient:
    service = Service(
        "sales", URL, f"{URL}/t/token", "me", "hush", transport=answer, token_source=source
    )
    return connect(service, Throttle(1, clock, Event()), clock, timeout=5)


def test_the_source_s_token_goes_out_and_no_endpoint_is_asked(clock: FakeClock) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    sales = client(clock, httpx.MockTransport(answer), lambda: Token("by certificate", 3600))
    sales.request("GET", f"{URL}/api/data/v9.2/widgets")
    assert [(one.method, one.headers["Authorization"]) for one in seen] == [
        ("GET", "Bearer by certificate")
    ]


def test_a_refused_token_of_a_source_is_got_anew_once(clock: FakeClock) -> None:
    values: Iterator[str] = iter(("old", "new"))

    def answer(request: httpx.Request) -> httpx.Response:
        fresh = request.headers["Authorization"] == "Bearer new"
        return httpx.Response(200 if fresh else 401, json={})

    sales = client(clock, httpx.MockTransport(answer), lambda: Token(next(values), 3600))
    assert sales.request("GET", f"{URL}/widgets").status_code == 200


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        (TokenUnavailable("no route"), RetryLater, "token service of Sales is not available"),
        (TokenRefused("no managed identity here"), AbortRun, "no managed identity here"),
    ],
)
def test_a_source_that_fails_is_an_error_of_the_loaders(
    clock: FakeClock, failure: Exception, error: type[Exception], words: str
) -> None:
    def source() -> Token:
        raise failure

    sales = client(clock, httpx.MockTransport(lambda _: httpx.Response(200)), source)
    with pytest.raises(error, match=words):
        sales.request("GET", f"{URL}/widgets")


def test_a_busy_token_service_holds_everybody_back_as_long_as_it_asks(clock: FakeClock) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "42"})]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return answers.pop() if answers else httpx.Response(200, json={"access_token": "t"})
        return httpx.Response(200, json={})

    sales = client(clock, httpx.MockTransport(answer))
    with pytest.raises(RetryLater, match="HTTP 429"):
        sales.request("GET", f"{URL}/widgets")
    sales.request("GET", f"{URL}/widgets")
    assert 42 <= clock.monotonic() < 43
