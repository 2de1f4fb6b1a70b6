"""The doctor's requests: the service's clock, its own words, and an end within a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic

import httpx
import pytest

from loaders.errors import AbortRun, RetryLater
from loaders.models import Service
from p2c.checks import service_request
from p2c.checks.doctor import Refused
from p2c.checks.service_request import ServiceProbe, probing
from p2c.config.context import load

TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "t"}
Answer = Callable[[httpx.Request], httpx.Response]
URL = "http://127.0.0.1:1"


@pytest.fixture
def asked(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ServiceProbe]]:
    """A probe over services whose answers a test gives; tokens are granted unless it says other."""
    closing = []

    def probe_of(answer: Answer, token: httpx.Response | None = None) -> ServiceProbe:
        def transport(request: httpx.Request) -> httpx.Response:
            if "oauth2" in request.url.path:
                return token or httpx.Response(200, json=TOKEN)
            return answer(request)

        def service(_: object, system: str) -> Service:
            assert system in ("sales", "finops")
            return Service(
                name="sales" if system == "sales" else "finops",
                url=URL,
                token_url=f"{URL}/t/oauth2/v2.0/token",
                client_id="c",
                client_secret="s",
                transport=httpx.MockTransport(transport),
            )

        monkeypatch.setattr(service_request, "service", service)
        block = probing(load(project))
        closing.append(block)
        return block.__enter__()

    yield probe_of
    for block in closing:
        block.__exit__(None, None, None)


def test_the_services_clock(asked: Callable[..., ServiceProbe]) -> None:
    def ten_minutes_ahead(_: httpx.Request) -> httpx.Response:
        date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
        return httpx.Response(200, json={"value": []}, headers={"Date": date})

    probe = asked(ten_minutes_ahead)
    assert probe.ahead("sales") is None
    probe("sales", "accounts")
    ahead = probe.ahead("sales")
    assert ahead is not None
    assert 590 < ahead < 610
    assert probe.ahead("finops") is None


def test_a_service_without_a_time_in_its_answers(asked: Callable[..., ServiceProbe]) -> None:
    probe = asked(lambda _: httpx.Response(200, json={"value": []}, headers={"Date": "soon"}))
    probe("finops", "LegalEntities")
    assert probe.ahead("finops") is None


def test_a_refusal_has_the_services_words(asked: Callable[..., ServiceProbe]) -> None:
    body = {
        "error": {
            "code": "",
            "message": "An error has occurred.",
            "innererror": {"message": "User is not authorized to read view X. Request denied."},
        }
    }
    with pytest.raises(Refused, match="not authorized to read view X") as refused:
        asked(lambda _: httpx.Response(403, json=body))("finops", "X")
    assert refused.value.status == 403


def test_a_refused_sign_in_has_the_words_of_entra(asked: Callable[..., ServiceProbe]) -> None:
    words = "AADSTS7000222: The provided client secret keys are expired."
    body = {"error": "invalid_client", "error_description": words}
    probe = asked(lambda _: httpx.Response(500), httpx.Response(401, json=body))
    with pytest.raises(AbortRun, match="AADSTS7000222"):
        probe("sales", "WhoAmI")


def test_a_service_that_asks_to_wait_is_not_waited_for(asked: Callable[..., ServiceProbe]) -> None:
    """Two requests one after the other: the second would come an hour later."""
    probe = asked(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}))
    for _ in range(2):
        with pytest.raises(RetryLater, match="429"):
            probe("sales", "accounts")


def test_after_its_time_nothing_more_is_asked(
    asked: Callable[..., ServiceProbe], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(200, json={"value": []})

    probe = asked(answer)
    probe("sales", "accounts")
    began = monotonic()
    monkeypatch.setattr(service_request, "monotonic", lambda: began + 41)
    with pytest.raises(RetryLater, match="slow"):
        probe("sales", "contacts")
    assert [path.rpartition("/")[2] for path in sent] == ["accounts"]
