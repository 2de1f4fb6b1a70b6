"""One read request to a service, for the doctor: the loaders' client, without patience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

from loaders.clock import Clock
from loaders.services.answer import json_object
from loaders.services.http import ServiceClient, connect
from loaders.services.responses import sales_error
from loaders.services.throttle import Throttle
from p2c.checks.doctor import Probe, System
from p2c.config.context import Context
from p2c.config.services import service
from p2c.errors import P2CError

SECONDS = 15.0


@contextmanager
def probing(context: Context) -> Iterator[Probe]:
    """A probe for the length of the block; the connections close at its end."""
    with ExitStack() as closing:
        connections: dict[System, ServiceClient] = {}

        def probe(system: System, path: str) -> Mapping[str, Any]:
            if system not in connections:
                connections[system] = _connect(context, system)
                closing.callback(connections[system].close)
            return _read(connections[system], f"{_root(context, system)}/{path}")

        yield probe


def _connect(context: Context, system: System) -> ServiceClient:
    clock = Clock()
    return connect(service(context, system), Throttle(1, clock, Event()), clock, timeout=SECONDS)


def _root(context: Context, system: System) -> str:
    url = context.connection(system).url
    version = context.settings.sources.sales.api_version
    return f"{url}/api/data/{version}" if system == "sales" else f"{url}/data"


def _read(connection: ServiceClient, url: str) -> Mapping[str, Any]:
    response = connection.request("GET", url)
    body = json_object(response)
    if not response.is_success:
        message = sales_error(response.content)[1] or response.reason_phrase
        raise P2CError(f"{connection.title} answers {response.status_code} to {url}: {message}")
    if not body:
        raise P2CError(
            f"What answers at {url} is not {connection.title} (no JSON): check "
            f"sources.{connection.service.name}.url."
        )
    return body
