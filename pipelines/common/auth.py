"""OAuth 2.0 client credentials, as both services take them (protocols A1, B1)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from requests import PreparedRequest, RequestException, Response, Session

from .address_errors import ForeignAddress
from .errors import AuthenticationFailed, ServiceUnavailable
from .http import BUSY, cause, is_page
from .origin import same_origin
from .settings import Connection

MARGIN = 60  # seconds before its end at which a token is renewed; dlt has none
MAX_REASON = 200


class ClientCredentials(OAuth2ClientCredentials):
    """dlt's client credentials with a margin, safe among threads, renewed once on a 401."""

    def __init__(self, connection: Connection, session: Session) -> None:
        super().__init__(
            access_token_url=connection.token_url,
            client_id=connection.client_id,
            client_secret=connection.client_secret,
            access_token_request_data={"scope": f"{connection.url.rstrip('/')}/.default"},
            session=session,
        )
        self.connection = connection
        self.lock = Lock()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._sign(request)
        request.register_hook("response", self._renew_once)  # type: ignore[no-untyped-call]
        return request

    def obtain_token(self) -> None:
        """Ask for a token; AuthenticationFailed or ServiceUnavailable instead of HTTP errors."""
        system = self.connection.system
        try:
            super().obtain_token()
        except RequestException as error:
            url, answer = self.connection.token_url, error.response
            if answer is None or answer.status_code in BUSY:
                reason = cause(error) if answer is None else f"HTTP {answer.status_code}"
                raise ServiceUnavailable(system, url, reason, "token_url") from None
            if is_page(answer):
                reason = f"HTTP {answer.status_code} and a page that is not a token service's"
                raise ServiceUnavailable(system, url, reason, "token_url") from None
            raise AuthenticationFailed(system, url, _reason(answer)) from None

    def parse_access_token(self, response_json: object) -> str:
        """The token; AuthenticationFailed where an answer holds none."""
        token = response_json.get("access_token") if isinstance(response_json, dict) else None
        if isinstance(token, str) and token:
            return token
        reason = "its answer holds no access_token"
        raise AuthenticationFailed(self.connection.system, self.connection.token_url, reason)

    def parse_expiration_in_seconds(self, response_json: dict[str, Any]) -> int:
        """Life of the token, less the margin; a very short one is used for half its life."""
        try:
            seconds = int(float(response_json.get("expires_in", self.default_token_expiration)))
        except (TypeError, ValueError, OverflowError):
            seconds = self.default_token_expiration
        return int(max(seconds - MARGIN, seconds // 2))

    def __repr__(self) -> str:
        """Without secret and token, which dlt's own would show."""
        return f"ClientCredentials({self.connection!r})"

    def _sign(self, request: PreparedRequest) -> None:
        system, url = self.connection.system, self.connection.url
        if not same_origin(str(request.url), url):
            raise ForeignAddress(system, url, str(request.url), "a request")
        with self.lock:
            super().__call__(request)

    def _renew_once(self, response: Response, **options: object) -> Response:
        """A token can be revoked before its end: ask for a new one and send again, once."""
        if response.status_code != 401:
            return response
        response.close()
        with self.lock:
            if f"Bearer {self.access_token}" == response.request.headers.get("Authorization"):
                self.access_token = None
        again = response.request.copy()
        self._sign(again)
        send: Callable[..., Response] = response.connection.send
        answer = send(again, **options)
        answer.history.append(response)
        answer.request = again
        return answer


def _reason(answer: Response) -> str:
    """First line of what the identity provider says, such as `AADSTS7000215: Invalid …`."""
    try:
        said = answer.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    words = str(said.get("error_description") or said.get("error") or "").strip()
    return words.splitlines()[0][:MAX_REASON] if words else f"HTTP {answer.status_code}"
