"""The Web API of Sales as `p2c setup` asks it: reads, and the few writes that make a role."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any
from urllib.parse import quote

import httpx

from loaders.clock import Clock
from loaders.errors import LoaderError
from loaders.services.answer import json_object
from loaders.services.http import ServiceClient, connect
from loaders.services.responses import sales_error
from loaders.services.throttle import Throttle
from p2c.config.context import Context
from p2c.config.services import service
from p2c.errors import P2CError

SECONDS = 60.0
HEADERS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0", "Accept": "application/json"}
RIGHTS = (
    " Reading and making roles takes System Administrator: assign it to the application user that"
    " asks, run this again, and take it away afterwards."
)

Json = Mapping[str, Any]


class SetupRefused(P2CError):
    """Sales did not do what setup asked of it; the message has its words."""


class Dataverse:
    """One environment. Every refusal is a SetupRefused that says what was asked."""

    def __init__(self, client: ServiceClient, root: str) -> None:
        self._client, self.root = client, root

    def rows(self, what: str, path: str) -> list[Json]:
        """The rows of a collection; `what` says in words what is read."""
        return list(self.one(what, path).get("value", []))

    def one(self, what: str, path: str) -> Json:
        """The JSON that an address answers with."""
        return json_object(self._ask("GET", f"read {what}", path))

    def post(self, what: str, path: str, body: Json) -> str:
        """Send a body; the id of the row that came of it, '' when there is none."""
        answer = self._ask("POST", what, path, json.dumps(body).encode())
        url: str = answer.headers.get("OData-EntityId", "")
        return url.rpartition("(")[2].rstrip(")")

    def _ask(
        self, method: str, what: str, path: str, content: bytes | None = None
    ) -> httpx.Response:
        headers = {**HEADERS, "Content-Type": "application/json"} if content else HEADERS
        try:
            url = f"{self.root}/{path}"
            answer = self._client.request(method, url, content=content, headers=headers)
        except LoaderError as error:
            raise SetupRefused(f"Could not {what}: {error}") from error
        if answer.is_success:
            return answer
        message = sales_error(answer.content)[1] or answer.reason_phrase
        todo = RIGHTS if answer.status_code == httpx.codes.FORBIDDEN else ""
        raise SetupRefused(f"Sales refused to {what} ({answer.status_code}): {message}{todo}")


@contextmanager
def dataverse(context: Context) -> Iterator[Dataverse]:
    """The environment of the settings, open for the length of the block.

    Raises SettingsError for the first value missing.
    """
    sales, clock = service(context, "sales"), Clock()
    client = connect(sales, Throttle(1, clock, Event()), clock, timeout=SECONDS)
    try:
        yield Dataverse(client, f"{sales.url}/api/data/{sales.api_version}")
    finally:
        client.close()


def any_of(column: str, values: Sequence[str]) -> str:
    """`$filter=…` for rows whose text column is one of these."""
    parts = (f"{column} eq {literal(value)}" for value in values)
    return f"$filter={quote(' or '.join(parts))}"


def literal(text: str) -> str:
    """An OData string."""
    return "'" + text.replace("'", "''") + "'"
