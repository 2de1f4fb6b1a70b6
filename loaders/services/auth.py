"""Tokens on the requests that write: an Auth for httpx."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from loaders.clock import Clock
from loaders.errors import AbortRun, RetryLater
from loaders.models import Service
from loaders.services.answer import is_refusal, retry_after
from loaders.services.throttle import Throttle
from pipelines.common.errors import NAMES
from pipelines.common.token import (
    Token,
    TokenProvider,
    TokenRefused,
    TokenUnavailable,
    secret_form,
    token_of,
)


class BearerAuth(httpx.Auth):
    """One token for all threads of a client, as `pipelines.common.token` keeps it.

    A service that answers 401 all the same gets another one, once. A gateway's 401 may stand for a
    write that went through: such a request is not sent again here. Raises AbortRun when the
    identity service refuses the credentials, RetryLater when it is busy.
    """

    def __init__(self, service: Service, clock: Clock, throttle: Throttle) -> None:
        self._service, self._throttle = service, throttle
        self._provider = TokenProvider(service.token_source or self._ask, clock.monotonic)
        self._http: httpx.Client | None = None

    def through(self, http: httpx.Client) -> None:
        """Ask for tokens with this client, which has the service's certificates and transport."""
        self._http = http

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            response.read()
            if not is_refusal(response):
                self._provider.discard(token)  # the next request gets a new one
                return
            request.headers["Authorization"] = f"Bearer {self._token(refused=token)}"
            yield request

    def _token(self, refused: str | None = None) -> str:
        service = self._service
        title = NAMES[service.name]
        try:
            return self._provider.token(refused)
        except TokenUnavailable as error:
            raise RetryLater(
                f"The token service of {title} is not available ({error.reason}).",
                http_status=error.status,
            ) from None
        except TokenRefused as error:
            raise AbortRun(
                f"{title} gives no token to client {service.client_id} at {service.token_url}: "
                f"{error.reason}. Check the credentials in [sources.{service.name}].",
                http_status=error.status,
            ) from None

    def _ask(self) -> Token:
        """By client secret; a busy identity service holds back every request of this client."""
        service = self._service
        assert self._http is not None, "connect() gives the client"
        form = secret_form(service.url, service.client_id, service.client_secret)
        request = self._http.build_request("POST", service.token_url, data=form)
        response = self._http.send(request, auth=None)
        try:
            content_type = response.headers.get("Content-Type", "")
            return token_of(response.status_code, content_type, response.content)
        except TokenUnavailable:
            if wait := retry_after(response.headers):
                self._throttle.pause(wait)
            raise
