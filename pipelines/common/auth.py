"""Tokens on the requests of an extract: an AuthBase for requests, under dlt's RESTClient."""

from __future__ import annotations

from collections.abc import Callable

from requests import PreparedRequest, RequestException, Response, Session
from requests.auth import AuthBase

from .address_errors import ForeignAddress
from .azure import identity_source
from .errors import AuthenticationFailed, ServiceUnavailable
from .origin import same_origin
from .reasons import cause
from .settings import CLIENT_SECRET, REQUIRED, Connection
from .token import Token, TokenProvider, TokenRefused, TokenUnavailable, secret_form, token_of


class BearerAuth(AuthBase):
    """Signs requests to the service, and to it alone; a token that it refuses is renewed once."""

    def __init__(self, connection: Connection, session: Session) -> None:
        self.connection = connection
        self._session = session
        secret = connection.auth == CLIENT_SECRET
        self._provider = TokenProvider(
            self._ask if secret else identity_source(connection, connection.system)
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._sign(request)
        request.register_hook("response", self._renew_once)  # type: ignore[no-untyped-call]
        return request

    def __repr__(self) -> str:
        """Without secret and token."""
        return f"BearerAuth({self.connection!r})"

    def token(self, refused: str | None = None) -> str:
        """A token; AuthenticationFailed or ServiceUnavailable without one."""
        system, url = self.connection.system, self.connection.token_url or self.connection.url
        try:
            return self._provider.token(refused)
        except TokenUnavailable as error:
            raise ServiceUnavailable(system, url, error.reason, "token_url") from None
        except TokenRefused as error:
            if error.foreign:
                raise ServiceUnavailable(system, url, error.reason, "token_url") from None
            settings = ", ".join(name for name in REQUIRED[self.connection.auth] if name != "url")
            raise AuthenticationFailed(system, url, error.reason, settings or "auth") from None

    def _ask(self) -> Token:
        """By client secret, with the session's own patience."""
        connection = self.connection
        form = secret_form(connection.url, connection.client_id, connection.client_secret)
        try:
            answer = self._session.post(connection.token_url, data=form)
        except RequestException as error:
            if error.response is None:
                raise TokenUnavailable(cause(error)) from None
            answer = error.response
        return token_of(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)

    def _sign(self, request: PreparedRequest, refused: str | None = None) -> None:
        system, url = self.connection.system, self.connection.url
        if not same_origin(str(request.url), url):
            raise ForeignAddress(system, url, str(request.url), "a request")
        request.headers["Authorization"] = f"Bearer {self.token(refused)}"

    def _renew_once(self, response: Response, **options: object) -> Response:
        """A token can be revoked before its end: ask for a new one and send again, once."""
        if response.status_code != 401:
            return response
        response.close()
        again = response.request.copy()
        sent = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
        self._sign(again, refused=sent)
        send: Callable[..., Response] = response.connection.send
        answer = send(again, **options)
        answer.history.append(response)
        answer.request = again
        return answer
