"""The session under dlt's RESTClient: retries, redirects, exact numbers, errors in words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from requests import Response, Session
from requests.cookies import RequestsCookieJar
from requests.sessions import SessionRedirectMixin

from .address_errors import ForeignAddress
from .origin import is_loopback, same_origin
from .settings import Connection
from .token import BUSY


def new_session(
    connection: Connection, config: RuntimeConfiguration, *, patient: bool, again: bool = True
) -> Session:
    """A session with dlt's retries; patient=False does not try again when nobody answers.

    again=False sends again only what the service did not begin (429).
    """
    unreachable: dict[str, Any] = {} if patient and again else {"exceptions": ()}
    http = Client(
        raise_for_status=False,
        status_codes=BUSY if again else (429,),
        session_attrs=_attributes(connection),
        **unreachable,
    )
    http.update_from_config(config)
    session: Session = http.session
    return session


def hooks() -> dict[str, Any]:
    """What happens to each answer of a service before anybody looks at it."""
    return {"response": [_whole_seconds, _unparsed, _raise_for_status]}


def address(path: str, query: Mapping[str, str]) -> str:
    """Path and query with a space as %20: not every OData parser takes a plus sign for one."""
    return f"{path}?{urlencode(query, quote_via=quote, safe='$,:')}" if query else path


def explain(answer: Response) -> tuple[str, str]:
    """Code and message of an error body; F&O hides the cause in the innermost error
    (protocols B5)."""
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return "", ""  # a gateway answered with HTML
    error = body.get("error", body.get("Message")) if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", _line(error)
    code, message = _line(error.get("code")), _line(error.get("message"))
    while isinstance(error := error.get("innererror") or error.get("internalexception"), dict):
        message = _line(error.get("message")) or message
    return code, message


def is_page(answer: Response) -> bool:
    """Whether this is a page for a browser: whoever sent it is not the service."""
    return "html" in answer.headers.get("Content-Type", "").lower()


def _line(value: object) -> str:
    """A text, or whatever stands where one is expected, as one line."""
    return "" if value is None else " ".join(str(value).split())


def _attributes(connection: Connection) -> dict[str, Any]:
    """A private certificate authority; no proxy between this machine and itself; no cookies,
    which would pin every request to one web server (protocols A10)."""
    attributes: dict[str, Any] = {
        "cookies": RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[])),
        "get_redirect_target": _redirects(connection),
        "hooks": {"response": [_whole_seconds]},
    }
    if connection.ca_file:
        # The environment's REQUESTS_CA_BUNDLE would win over the setting.
        attributes |= {"verify": str(connection.ca_file), "trust_env": False}
    if is_loopback(connection.url):
        attributes["trust_env"] = False
    return attributes


def _redirects(connection: Connection) -> Callable[[Response], str | None]:
    """Where an answer redirects to. Only the same origin may get what was sent: the token
    endpoint is asked with the secret, the service with the token."""

    def target(response: Response) -> str | None:
        location = SessionRedirectMixin().get_redirect_target(response)
        if location is None or same_origin(urljoin(response.url, location), response.url):
            return location
        found = urljoin(response.url, location)
        response.close()
        raise ForeignAddress(connection.system, response.url, found, "a redirect")

    return target


def _whole_seconds(response: Response, *_: object, **__: object) -> None:
    """dlt knows Retry-After as a date or in whole seconds; some gateways send fractions."""
    try:
        seconds = math.ceil(float(response.headers.get("Retry-After", "")))
    except (ValueError, OverflowError):
        return
    response.headers["Retry-After"] = str(max(0, seconds))


def _unparsed(response: Response, *_: object, **__: object) -> None:
    """dlt's client asks each answer for its JSON, with floats: pages are read from their bytes."""
    setattr(response, "json", lambda **_: {})  # noqa: B010 (a method, to mypy)


def _raise_for_status(response: Response, *_: object, **__: object) -> None:
    """As HTTPError, the only form in which dlt's retries see the answer's Retry-After."""
    if response.status_code >= 400:
        len(response.content)  # read to its end, so that the connection can be used again
    response.raise_for_status()
