"""A message posted as JSON to one address, with patience for a service that is busy."""

from __future__ import annotations

import time

import httpx
import stamina

from p2c.config.notify_settings import Notify
from pipelines.common.origin import is_loopback, shown

TRIES = 3
SHOWN = 200  # letters of an answer
BUSY = (429, 500, 502, 503, 504)
# What never left this machine: it may be sent again without being there twice.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Refused(Exception):
    """The other side did not take it; the text never has the address's path, which is a secret."""


class Again(Refused):
    """It may take it a moment later."""


def post(settings: Notify, body: bytes) -> str:
    """What it answered: `202` and the beginning of its text. Raises Refused."""
    assert settings.webhook is not None
    url = settings.webhook.get_secret_value()
    headers = {"Content-Type": "application/json"}
    if settings.webhook_token is not None:
        headers["Authorization"] = f"Bearer {settings.webhook_token.get_secret_value()}"
    deadline = time.monotonic() + settings.timeout
    tries = stamina.retry_context(
        on=Again, attempts=TRIES, timeout=settings.timeout, wait_initial=0.2, wait_max=2.0
    )
    with httpx.Client(trust_env=not is_loopback(url), headers=headers) as client:
        for attempt in tries:
            with attempt:
                return _once(client, url, body, max(0.1, deadline - time.monotonic()))
    raise AssertionError("the last try has returned or raised")


def _once(client: httpx.Client, url: str, body: bytes, seconds: float) -> str:
    where = f"the webhook at {shown(url)}"
    try:
        with client.stream("POST", url, content=body, timeout=seconds) as answer:
            text = _beginning(answer)
    except NOT_SENT as error:
        raise Again(f"{where} cannot be reached: {_reason(error)}") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(f"{where} gave no answer: {_reason(error)}") from None
    if answer.is_success:
        return f"{answer.status_code} {text}".strip()
    if answer.has_redirect_location:
        target = shown(str(answer.url.join(answer.headers["Location"])))
        raise Refused(f"{where} sends on to {target}, which is not followed")
    failure = f"{where} answered {answer.status_code}: {text or 'no reason'}"
    raise (Again if answer.status_code in BUSY else Refused)(failure)


def _beginning(answer: httpx.Response) -> str:
    """As much of the text as is shown; the rest is not read."""
    found = b""
    for block in answer.iter_bytes(SHOWN):
        found += block
        if len(found) >= SHOWN:
            break
    return " ".join(found[:SHOWN].decode("utf-8", "replace").split())


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")
