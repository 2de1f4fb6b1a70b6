"""What an answer shows by itself, whatever was asked: waits, ids, error bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from loaders.clock import Clock


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from either form of Retry-After; None when the service names none."""
    value = headers.get("Retry-After")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        return _until(value, headers.get("Date"))


def _until(value: str, sent: str | None) -> float | None:
    """The date form, against the service's own clock where it tells it."""
    try:
        moment = parsedate_to_datetime(value)
        start = parsedate_to_datetime(sent) if sent else Clock().now()
        return max(0.0, (moment - start).total_seconds())
    except (ValueError, TypeError):
        return None


def request_id(headers: Mapping[str, str]) -> str | None:
    """What a support case asks for (protocols A2, B5)."""
    names = ("x-ms-service-request-id", "REQ_ID", "x-ms-client-request-id", "ms-dyn-aid")
    return next((headers[name] for name in names if headers.get(name)), None)


def json_object(response: httpx.Response) -> Mapping[str, Any]:
    """The body as an object; empty when it is something else (the gateway answers HTML, B5)."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def own_error(body: bytes) -> bool:
    """Whether this is an error body of the service itself, complete: a gateway has another."""
    try:
        document = json.loads(body)
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    return isinstance(document.get("error"), dict) or isinstance(document.get("Message"), str)


def is_refusal(response: httpx.Response) -> bool:
    """Whether a 401 says that nothing was done: a read, or a challenge or error of the service."""
    challenged = "WWW-Authenticate" in response.headers or own_error(response.content)
    return response.request.method == "GET" or challenged
