"""Access tokens (OAuth 2.0): got, kept and renewed, for reading and for writing alike.

How a token is asked for differs (client secret, certificate, managed identity), and so do the HTTP
clients that send it; when one is renewed does not. Nothing but the standard library is imported.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

# Seconds before its end at which a token is renewed; a very short one is used for half its life.
MARGIN = 300.0
LIFETIME = 3600.0  # where the answer says none
# Answers that concern the moment only: the same request is worth another try.
BUSY = (408, 409, 423, 425, 429, *range(500, 600))
MAX_REASON = 200


class TokenUnavailable(Exception):
    """No answer of the identity service, or only that it is busy. `status`: of HTTP, or None."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


class TokenRefused(Exception):
    """The identity service gives no token. `foreign`: what answers is no identity service."""

    def __init__(self, reason: str, status: int | None = None, *, foreign: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.status, self.foreign = reason, status, foreign


@dataclass(frozen=True)
class Token:
    """An access token and how many seconds it is good for."""

    value: str = field(repr=False)
    seconds: float


# Asks for a new token. Raises TokenUnavailable or TokenRefused.
TokenSource = Callable[[], Token]


class TokenProvider:
    """One token for all threads of a client, renewed before its end and when it is refused."""

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._lock = Lock()
        self._value = ""
        self._renew_at = -math.inf

    def token(self, refused: str | None = None) -> str:
        """A token that is good now, and another one than `refused`; raises what the source does."""
        with self._lock:
            if self._clock() >= self._renew_at or self._value == refused:
                token = self._source()
                self._value = token.value
                life = max(token.seconds - MARGIN, token.seconds / 2)
                self._renew_at = self._clock() + life
            return self._value

    def discard(self, value: str) -> None:
        """The next request gets a new token, if this is still the one that is kept."""
        with self._lock:
            if self._value == value:
                self._renew_at = -math.inf

    def __repr__(self) -> str:
        """Without the token."""
        return "TokenProvider()"


def scope(url: str) -> str:
    """What a token is asked for: everything the application may do at the service."""
    return f"{url.rstrip('/')}/.default"


def secret_form(url: str, client_id: str, client_secret: str) -> dict[str, str]:
    """The form of a client credentials request (protocols A1, B1)."""
    return {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope(url),
    }


def token_of(status: int, content_type: str, body: bytes) -> Token:
    """The token in an answer of a token endpoint; TokenUnavailable or TokenRefused without one."""
    if status in BUSY:
        raise TokenUnavailable(f"HTTP {status}", status)
    if status >= 400 and "html" in content_type.lower():
        reason = f"HTTP {status} and a page that is not a token service's"
        raise TokenRefused(reason, status, foreign=True)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        if status >= 400:
            raise TokenRefused(f"HTTP {status}", status) from None
        raise TokenRefused("its answer is not JSON", status, foreign=True) from None
    answer = document if isinstance(document, dict) else {}
    if status >= 300:
        raise TokenRefused(_reason(answer) or f"HTTP {status}", status)
    value = answer.get("access_token")
    if not isinstance(value, str) or not value:
        raise TokenRefused("its answer holds no access_token", status)
    return Token(value, _seconds(answer.get("expires_in")))


def _reason(answer: dict[str, object]) -> str:
    """First line of what the identity service answers, as `AADSTS7000215: Invalid …`."""
    words = str(answer.get("error_description") or answer.get("error") or "").strip()
    return words.splitlines()[0][:MAX_REASON] if words else ""


def _seconds(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        return LIFETIME
    return seconds if math.isfinite(seconds) else LIFETIME
