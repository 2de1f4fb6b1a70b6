"""Read requests to both services, for the doctor: the loaders' client, without patience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from time import monotonic
from typing import Any

import httpx

from loaders.clock import Clock
from loaders.errors import RetryLater
from loaders.services.answer import json_object
from loaders.services.http import ServiceClient, connect
from loaders.services.responses import finops_error, sales_error
from loaders.services.throttle import Throttle
from p2c.checks.doctor import Refused, System
from p2c.config.context import Context
from p2c.config.services import service
from p2c.errors import P2CError

SECONDS = 15.0  # for one answer
ALTOGETHER = 40.0  # after that nothing more is asked: a slow tenant takes less than a minute
WORKERS = 4


class ServiceProbe:
    """Asks both services, each over one client that all threads share."""

    def __init__(self, context: Context, closing: ExitStack) -> None:
        self._context, self._closing = context, closing
        self._clients: dict[System, ServiceClient] = {}
        self._ahead: dict[System, tuple[float, float]] = {}
        self._lock, self._began = Lock(), monotonic()
        self.requests = 0

    def __call__(self, system: System, path: str) -> Mapping[str, Any]:
        """As `p2c.checks.doctor.Probe` has it."""
        client = self._client(system)
        if monotonic() - self._began > ALTOGETHER:
            raise RetryLater(f"{client.title} is slow: not all was asked in {ALTOGETHER:.0f} s.")
        sent = datetime.now(UTC)
        response = client.request("GET", f"{_root(self._context, system)}/{path}")
        self._note(system, sent, response)
        return _body(client, response)

    def ahead(self, system: System) -> float | None:
        """As `p2c.checks.doctor.Probe` has it."""
        return self._ahead[system][1] if system in self._ahead else None

    def _client(self, system: System) -> ServiceClient:
        with self._lock:
            if system not in self._clients:
                self._clients[system] = _connect(self._context, system)
                self._closing.callback(self._clients[system].close)
            self.requests += 1
            return self._clients[system]

    def _note(self, system: System, sent: datetime, response: httpx.Response) -> None:
        """The answer's time beside the middle of the request; the quickest answer says it best."""
        try:
            date = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        took = datetime.now(UTC) - sent
        found = (took.total_seconds(), (date - (sent + took / 2)).total_seconds())
        with self._lock:
            self._ahead[system] = min(found, self._ahead.get(system, found))


class _Impatient(Throttle):
    """Does not wait where a service asks to: the check says so."""

    def pause(self, seconds: float) -> None:
        """Nothing: the answer that asked for it is an error already."""


@contextmanager
def probing(context: Context) -> Iterator[ServiceProbe]:
    """A probe for the length of the block; the connections close at its end."""
    with ExitStack() as closing:
        yield ServiceProbe(context, closing)


def _connect(context: Context, system: System) -> ServiceClient:
    clock = Clock()
    throttle = _Impatient(WORKERS, clock, Event())
    return connect(service(context, system), throttle, clock, timeout=SECONDS)


def _root(context: Context, system: System) -> str:
    url = context.connection(system).url
    version = context.settings.sources.sales.api_version
    return f"{url}/api/data/{version}" if system == "sales" else f"{url}/data"


def _body(client: ServiceClient, response: httpx.Response) -> Mapping[str, Any]:
    body = json_object(response)
    if not response.is_success:
        words = sales_error if client.service.name == "sales" else finops_error
        message = words(response.content)[1] or response.reason_phrase
        raise Refused(response.status_code, message, f"{client.title} says at {response.url}:")
    if not body:
        raise P2CError(
            f"What answers at {response.url} is not {client.title} (no JSON): check "
            f"sources.{client.service.name}.url."
        )
    return body
