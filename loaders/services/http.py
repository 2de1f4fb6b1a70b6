"""How the loaders talk to a service: one httpx client with token, throttle and typed failures."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from loaders.clock import Clock
from loaders.errors import AbortRun, AmbiguousAnswer, RetryLater, TooLarge
from loaders.models import Service
from loaders.services.answer import is_refusal, request_id, retry_after
from loaders.services.auth import BearerAuth
from loaders.services.sizes import Load, Sizes
from loaders.services.throttle import Throttle
from pipelines.common.errors import NAMES
from pipelines.common.origin import is_loopback, same_origin, shown

DEFAULT_PAUSE = 30.0
MAX_REDIRECTS = 5
REDIRECTS = (307, 308)
NOT_NOW = (408, 423, 425, 502, 503, 504)
ERRNO = re.compile(r"^\[Errno -?\d+\] ")
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class ServiceClient:
    """A service under its throttle. Every failure leaves as a typed error, by consequence."""

    def __init__(
        self,
        service: Service,
        http: httpx.Client,
        throttle: Throttle,
        clock: Clock,
        sizes: Sizes,
    ) -> None:
        self.service, self.throttle, self.sizes = service, throttle, sizes
        self._http, self._clock = http, clock
        self.title = NAMES[service.name]

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
        load: Load | None = None,
    ) -> httpx.Response:
        """Send one request when the throttle lets it through; `load` says what rows it carries.

        Returns any answer that says something about the rows in it. Raises RetryLater (not
        processed), AmbiguousAnswer (perhaps processed), TooLarge, AbortRun (no rights, no token).
        """
        with self.throttle.acquire():
            began = self._clock.monotonic()
            try:
                response = self._follow(method, url, content, headers or {})
                self._judge(response)
            except (_TimedOut, TooLarge):
                if load:
                    self.sizes.too_much(load)
                raise
            seconds = self._clock.monotonic() - began
        self.sizes.took(seconds, load)
        self.throttle.succeeded(_hint(response.headers), load.rows if load else 1)
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
            message = f"{self.title} cannot be reached at {where}: {_reason(error)}."
            raise RetryLater(message) from error
        except httpx.RequestError as error:
            if str(error.request.url) == self.service.token_url:
                where = self.service.token_url
                message = (
                    f"The token service of {self.title} ({where}) gave no answer: {_reason(error)}."
                )
                raise RetryLater(message) from error
            message = f"{self.title} ({shown(url)}) gave no answer: {_reason(error)}."
            kind = _TimedOut if isinstance(error, httpx.TimeoutException) else AmbiguousAnswer
            raise kind(message) from error

    def _judge(self, response: httpx.Response) -> None:
        status = response.status_code
        facts: dict[str, Any] = {"http_status": status, "request_id": request_id(response.headers)}
        if status == httpx.codes.TOO_MANY_REQUESTS:
            pause = retry_after(response.headers)
            self.throttle.pause(DEFAULT_PAUSE if pause is None else pause)
            raise RetryLater(f"{self.title} asks to wait (429).", **facts)
        if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise TooLarge(f"{self.title} finds the request too large.", **facts)
        if status == httpx.codes.UNAUTHORIZED and is_refusal(response):
            raise AbortRun(f"{self.title} refuses its own token: {_excerpt(response)}", **facts)
        if status == httpx.codes.UNAUTHORIZED or status in NOT_NOW:
            wait = retry_after(response.headers)
            if wait is not None:
                self.throttle.pause(wait)
            raise AmbiguousAnswer(f"{self.title} is not available ({status}).", **facts)


def connect(
    service: Service,
    throttle: Throttle,
    clock: Clock,
    *,
    timeout: float,
    sizes: Sizes | None = None,
) -> ServiceClient:
    """A client without cookies, so that calls spread over the servers (protocols A10)."""
    auth = BearerAuth(service, clock, throttle)
    http = httpx.Client(
        auth=auth,
        timeout=httpx.Timeout(timeout, connect=min(timeout, 15.0)),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        verify=ssl.create_default_context(cafile=service.ca_file) if service.ca_file else True,
        transport=service.transport,
        trust_env=not is_loopback(service.url),
    )
    auth.through(http)
    return ServiceClient(service, http, throttle, clock, sizes or Sizes(1))


class _TimedOut(AmbiguousAnswer):
    """No answer in the time that is waited for."""


def _hint(headers: Mapping[str, str]) -> int | None:
    value = headers.get("x-ms-dop-hint", "")
    return int(value) if value.isdigit() else None


def _reason(error: Exception) -> str:
    return ERRNO.sub("", str(error) or type(error).__name__).rstrip(".")


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:200] or "no reason given."
