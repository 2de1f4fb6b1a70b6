"""When a token is got, kept and renewed; what answers of a token endpoint mean."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pipelines.common.token import (
    Token,
    TokenProvider,
    TokenRefused,
    TokenUnavailable,
    token_of,
)

JSON = "application/json"


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Gives t1, t2, … and counts."""

    def __init__(self, seconds: float = 3600.0) -> None:
        self.seconds, self.issued = seconds, 0

    def __call__(self) -> Token:
        self.issued += 1
        return Token(f"t{self.issued}", self.seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_token_is_kept_until_five_minutes_before_its_end(clock: Clock) -> None:
    provider = TokenProvider(Source(), clock)
    assert provider.token() == "t1"
    clock.now = 3299
    assert provider.token() == "t1"
    clock.now = 3300
    assert provider.token() == "t2"


def test_a_short_token_is_used_for_half_its_life(clock: Clock) -> None:
    provider = TokenProvider(Source(seconds=100), clock)
    assert provider.token() == "t1"
    clock.now = 49
    assert provider.token() == "t1"
    clock.now = 50
    assert provider.token() == "t2"


def test_a_refused_token_is_renewed_once_for_all_who_had_it(clock: Clock) -> None:
    provider = TokenProvider(Source(), clock)
    first = provider.token()
    assert provider.token(refused=first) == "t2"
    assert provider.token(refused=first) == "t2"


def test_discarding_an_older_token_keeps_the_present_one(clock: Clock) -> None:
    provider = TokenProvider(Source(), clock)
    first = provider.token()
    provider.discard("another")
    assert provider.token() == first
    provider.discard(first)
    assert provider.token() == "t2"


def test_threads_that_ask_at_once_share_one_token() -> None:
    source, together = Source(), Barrier(8)
    provider = TokenProvider(source)

    def ask(_: int) -> str:
        together.wait()
        return provider.token()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"t1"}
    assert source.issued == 1


def test_a_source_that_fails_is_asked_again(clock: Clock) -> None:
    def answers() -> Iterator[Token]:
        yield Token("t1", 3600)

    left = answers()
    failures = [TokenUnavailable("HTTP 503", 503)]

    def source() -> Token:
        if failures:
            raise failures.pop()
        return next(left)

    provider = TokenProvider(source, clock)
    with pytest.raises(TokenUnavailable):
        provider.token()
    assert provider.token() == "t1"


def test_neither_provider_nor_token_shows_what_is_secret() -> None:
    provider = TokenProvider(lambda: Token("hush", 3600))
    provider.token()
    assert "hush" not in f"{provider!r} {provider} {Token('hush', 1)!r}"


def test_the_first_line_of_a_refusal_is_its_reason() -> None:
    body = (
        b'{"error": "invalid_client", "error_description": "AADSTS7000215: Wrong.\\r\\nTrace: 1"}'
    )
    with pytest.raises(TokenRefused) as error:
        token_of(401, JSON, body)
    assert (error.value.reason, error.value.foreign) == ("AADSTS7000215: Wrong.", False)


@pytest.mark.parametrize("status", [408, 429, 500, 503, 599])
def test_a_busy_endpoint_is_worth_another_try(status: int) -> None:
    with pytest.raises(TokenUnavailable) as error:
        token_of(status, JSON, b"{}")
    assert error.value.status == status


@pytest.mark.parametrize(
    ("status", "kind", "body", "foreign"),
    [
        (404, "text/html; charset=utf-8", b"<html>", True),
        (200, "text/html", b"<html>", True),
        (200, JSON, b"[]", False),
        (200, JSON, b'{"access_token": ""}', False),
        (302, JSON, b"{}", False),
        (400, JSON, b"not json", False),
    ],
)
def test_an_answer_without_a_token_is_no_token(
    status: int, kind: str, body: bytes, foreign: bool
) -> None:
    with pytest.raises(TokenRefused) as error:
        token_of(status, kind, body)
    assert error.value.foreign is foreign


@pytest.mark.parametrize("life", ["null", '"soon"', "1e400", "[1]"])
def test_a_life_that_is_no_number_is_an_hour(life: str) -> None:
    body = f'{{"access_token": "t", "expires_in": {life}}}'.encode()
    assert token_of(200, JSON, body) == Token("t", 3600.0)
