"""How the loaders talk to a service: one httpx client with token, throttle and typed failures."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Generator, Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from loaders.clock import Clock
from loaders.errors import AbortRun, AmbiguousAnswer, RetryLater, TooLarge
from loaders.models import Service
from loaders.services.throttle import Throttle
from pipelines.common.origin import is_loopback, same_origin, shown

TITLES = {"sales": "Sales", "finops": "F&O"}
TOKEN_MARGIN = 300.0
DEFAULT_PAUSE = 30.0
DEFAULT_LIFETIME = 3600.0
MAX_REDIRECTS = 5
REDIRECTS = (307, 308)
NOT_NOW = (408, 423, 425, 502, 503, 504)
ERRNO = re.compile(r"^\[Errno -?\d+\] ")
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class ClientCredentials(httpx.Auth):
    """OAuth 2.0 client credentials (protocols A1, B1): one token for all threads of a client.

    Renewed five minutes before its end, and once when the service answers 401 all the same. A
    gateway's 401 may stand for a write that went through: such a request is not sent again here.
    Raises AbortRun when the identity service refuses the credentials.
    """

    def __init__(self, service: Service, clock: Clock, throttle: Throttle) -> None:
        self._service, self._clock, self._throttle = service, clock, throttle
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        token = yield from self._valid_token(refused=None)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            response.read()
            if not _is_refusal(response):
                self._expires = 0.0  # the next request gets a new one; this one may be through
                return
            token = yield from self._valid_token(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def _valid_token(self, refused: str | None) -> Generator[httpx.Request, httpx.Response, str]:
        with self._lock:
            fresh = self._clock.monotonic() < self._expires and self._token != refused
            if not fresh:
                response = yield self._token_request()
                response.read()
                self._keep(response)
            return self._token

    def _token_request(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._service.client_id,
            "client_secret": self._service.client_secret,
            "scope": f"{self._service.url.rstrip('/')}/.default",
        }
        return httpx.Request("POST", self._service.token_url, data=form)

    def _keep(self, response: httpx.Response) -> None:
        title = TITLES[self._service.name]
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            if wait := retry_after(response.headers):
                self._throttle.pause(wait)
            raise RetryLater(
                f"The token service of {title} answers {response.status_code}.",
                http_status=response.status_code,
            )
        body = json_object(response)
        if not response.is_success or "access_token" not in body:
            no_words = f"HTTP {response.status_code} and no answer of a token service"
            reason = body.get("error_description") or body.get("error") or no_words
            raise AbortRun(
                f"{title} gives no token to client {self._service.client_id} at "
                f"{self._service.token_url}: {reason}. Check client_id, client_secret and "
                f"token_url in [sources.{self._service.name}].",
                http_status=response.status_code,
            )
        self._token = str(body["access_token"])
        lifetime = _lifetime(body.get("expires_in"))
        self._expires = self._clock.monotonic() + max(lifetime - TOKEN_MARGIN, lifetime / 2)


class ServiceClient:
    """A service under its throttle. Every failure leaves as a typed error, by consequence."""

    def __init__(self, service: Service, http: httpx.Client, throttle: Throttle) -> None:
        self.service, self.throttle, self._http = service, throttle, http
        self.title = TITLES[service.name]

    def close(self) -> None:
        """Close the client and its sockets."""
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request when the throttle lets it through.

        Returns any answer that says something about the rows in it. Raises RetryLater (not
        processed), AmbiguousAnswer (perhaps processed), TooLarge, AbortRun (no rights, no token).
        """
        with self.throttle.acquire():
            response = self._follow(method, url, content, headers or {})
        self._judge(response)
        self.throttle.succeeded(_hint(response.headers))
        return response

    def _follow(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """307 and 308 ask for the same request elsewhere; anywhere else it stays within reach of
        the credentials."""
        for _ in range(MAX_REDIRECTS):
            response = self._send(method, url, content, headers)
            if response.status_code not in REDIRECTS:
                return response
            url = str(response.url.join(response.headers.get("Location", "")))
            if not same_origin(url, self.service.url):
                raise AbortRun(
                    f"{self.title} sends requests on to {shown(url)}, which gets no credentials. "
                    f"If it has moved there, set sources.{self.service.name}.url.",
                    http_status=response.status_code,
                )
        raise AbortRun(f"{self.title} sends requests on in a circle ({url}).")

    def _send(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        try:
            return self._http.request(method, url, content=content, headers=dict(headers))
        except NOT_SENT as error:
            where = shown(str(error.request.url))
            said = f"{self.title} cannot be reached at {where}: {_reason(error)}."
            raise RetryLater(said) from error
        except httpx.RequestError as error:
            if str(error.request.url) == self.service.token_url:
                where = self.service.token_url
                said = (
                    f"The token service of {self.title} ({where}) gave no answer: {_reason(error)}."
                )
                raise RetryLater(said) from error
            said = f"{self.title} ({shown(url)}) gave no answer: {_reason(error)}."
            raise AmbiguousAnswer(said) from error

    def _judge(self, response: httpx.Response) -> None:
        status = response.status_code
        facts: dict[str, Any] = {"http_status": status, "request_id": request_id(response.headers)}
        if status == httpx.codes.TOO_MANY_REQUESTS:
            pause = retry_after(response.headers)
            self.throttle.pause(DEFAULT_PAUSE if pause is None else pause)
            raise RetryLater(f"{self.title} asks to wait (429).", **facts)
        if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise TooLarge(f"{self.title} finds the request too large.", **facts)
        if status == httpx.codes.UNAUTHORIZED and _is_refusal(response):
            raise AbortRun(f"{self.title} refuses its own token: {_excerpt(response)}", **facts)
        if status == httpx.codes.UNAUTHORIZED or status in NOT_NOW:
            wait = retry_after(response.headers)
            if wait is not None:
                self.throttle.pause(wait)
            raise AmbiguousAnswer(f"{self.title} is not available ({status}).", **facts)


def connect(service: Service, throttle: Throttle, clock: Clock, *, timeout: float) -> ServiceClient:
    """A client without cookies, so that calls spread over the servers (protocols A10)."""
    http = httpx.Client(
        auth=ClientCredentials(service, clock, throttle),
        timeout=httpx.Timeout(timeout, connect=min(timeout, 15.0)),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        verify=ssl.create_default_context(cafile=service.ca_file) if service.ca_file else True,
        transport=service.transport,
        trust_env=not is_loopback(service.url),
    )
    return ServiceClient(service, http, throttle)


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


def _is_refusal(response: httpx.Response) -> bool:
    """Whether a 401 says that nothing was done: a read, or a challenge or error of the service."""
    challenged = "WWW-Authenticate" in response.headers or own_error(response.content)
    return response.request.method == "GET" or challenged


def _lifetime(seconds: object) -> float:
    try:
        return float(str(seconds))
    except ValueError:
        return DEFAULT_LIFETIME


def _hint(headers: Mapping[str, str]) -> int | None:
    value = headers.get("x-ms-dop-hint", "")
    return int(value) if value.isdigit() else None


def _reason(error: Exception) -> str:
    return ERRNO.sub("", str(error) or type(error).__name__).rstrip(".")


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:200] or "no reason given."
