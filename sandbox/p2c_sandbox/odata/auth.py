"""OAuth client credentials: the token endpoint and the check of bearer tokens
(protocols A1, B1)."""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.store import Clock, utc_now


@dataclass(frozen=True)
class Credentials:
    """The one application that may call the service."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class TokenAnswer:
    """Status and body of the token endpoint."""

    status: int
    body: Json


@dataclass
class _Life:
    """How long a token is taken, and for how many requests (None = any number)."""

    until: datetime
    requests: int | None = None


class Auth:
    """Gives tokens and checks them. Tokens live in memory: a restart makes clients ask anew."""

    def __init__(
        self, credentials: Credentials, *, clock: Clock = utc_now, lifetime: int = 3599
    ) -> None:
        self.credentials = credentials
        self.clock = clock
        self.lifetime = lifetime
        self._tokens: dict[str, _Life] = {}

    def token(self, form: Mapping[str, str], *, version: int) -> TokenAnswer:
        """Answer of `POST /<tenant>/oauth2[/v2.0]/token`; v1 takes `resource`, v2 `scope`."""
        if form.get("grant_type") != "client_credentials":
            return self._refused(400, "unsupported_grant_type", 70003, _GRANT)
        if not hmac.compare_digest(form.get("client_id", ""), self.credentials.client_id):
            return self._refused(400, "unauthorized_client", 700016, _CLIENT)
        secret = form.get("client_secret", "").encode()
        if not hmac.compare_digest(secret, self.credentials.client_secret.encode()):
            return self._refused(401, "invalid_client", 7000215, _SECRET)
        if version == 2 and not form.get("scope", "").endswith("/.default"):
            return self._refused(400, "invalid_scope", 1002012, _SCOPE)
        if version == 1 and not form.get("resource", "").startswith("http"):
            return self._refused(400, "invalid_resource", 500011, _RESOURCE)
        return TokenAnswer(200, self._issue())

    def accepts(self, authorization: str) -> bool:
        """True when the `Authorization` header holds a live token of this service."""
        scheme, _, token = authorization.partition(" ")
        life = self._tokens.get(token)
        if scheme.lower() != "bearer" or life is None or self.clock() >= life.until:
            return False
        if life.requests is not None:
            life.requests -= 1
        return life.requests is None or life.requests >= 0

    def expire_all(self) -> None:
        """Make every token given so far invalid."""
        self._tokens.clear()

    def shorten(self, token: str, *, seconds: float, requests: int | None) -> None:
        """End a token earlier than was said: after so many requests, or after so many seconds."""
        life = self._tokens[token]
        life.requests = requests
        if requests is None:
            life.until = self.clock() + timedelta(seconds=seconds)

    def _issue(self) -> Json:
        token = secrets.token_urlsafe(48)
        now = self.clock()
        self._tokens = {t: life for t, life in self._tokens.items() if life.until > now}
        self._tokens[token] = _Life(now + timedelta(seconds=self.lifetime))
        return {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "ext_expires_in": self.lifetime,
            "access_token": token,
        }

    def _refused(self, status: int, error: str, number: int, message: str) -> TokenAnswer:
        trace = str(uuid.uuid4())
        body = {
            "error": error,
            "error_description": f"AADSTS{number}: {message} Trace ID: {trace}",
            "error_codes": [number],
            "timestamp": self.clock().strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": trace,
            "correlation_id": str(uuid.uuid4()),
        }
        return TokenAnswer(status, body)


_GRANT = "The app requested an unsupported grant type."
_CLIENT = "Application with this identifier was not found in the directory."
_SECRET = "Invalid client secret provided."
_SCOPE = "The provided value for the scope is not valid; it must end with '/.default'."
_RESOURCE = "The resource principal was not found in the tenant."
