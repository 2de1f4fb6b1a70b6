"""What a person at Sales' desk works with: the Web API, called on that person's behalf.

The application user acts for the person (`MSCRMCallerID`), so every rule for people holds.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import simplejson

from p2c_sandbox.load_client import error_message

SELLER = "00000001-0000-0000-0000-000000000002"
_VERSION = "/api/data/v9.2/"
_ALL = {"ColumnSet": {"AllColumns": True}}
Row = dict[str, Any]


class SalesRefused(Exception):
    """Sales said no, or what was named is not there; the sentence says why."""


@contextmanager
def session(
    url: str, token_url: str, secret: tuple[str, str], ca_file: Path | None = None
) -> Iterator[httpx.Client]:
    """A client that is logged on. Raises httpx.HTTPError."""
    form = {
        "grant_type": "client_credentials",
        "client_id": secret[0],
        "client_secret": secret[1],
        "scope": f"{url}/.default",
    }
    verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
    with httpx.Client(base_url=url, verify=verify) as http:
        token = http.post(token_url, data=form).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


@dataclass(frozen=True)
class SalesDesk:
    """`http` has the address and the token; numbers in answers are exact (Decimal)."""

    http: httpx.Client
    person: str = SELLER

    @classmethod
    @contextmanager
    def open(
        cls, url: str, token_url: str, secret: tuple[str, str], ca_file: Path | None = None
    ) -> Iterator[SalesDesk]:
        """Log on with client id and secret. Raises httpx.HTTPError."""
        with session(url, token_url, secret, ca_file) as http:
            yield cls(http)

    # -- reading ------------------------------------------------------------------------------

    def find(self, entity_set: str, condition: str = "", order: str = "") -> list[Row]:
        """Rows that meet an OData condition."""
        options = {"$filter": condition, "$orderby": order}
        query = {name: text for name, text in options.items() if text}
        return cast(list[Row], self._ask("GET", entity_set, query=query)["value"])

    def one(self, entity_set: str, column: str, value: str, what: str) -> Row:
        """The one row with a value; `what` names it in the refusal, e.g. "product"."""
        rows = self.find(entity_set, f"{column} eq {quoted(value)}")
        if len(rows) != 1:
            reason = "There is no" if not rows else "There is more than one"
            raise SalesRefused(f"{reason} {what} '{value}' in Sales.")
        return rows[0]

    def get(self, entity_set: str, row_id: str) -> Row:
        """A row by its id."""
        return self._ask("GET", f"{entity_set}({row_id})")

    # -- writing ------------------------------------------------------------------------------

    def create(self, entity_set: str, body: Mapping[str, Any]) -> Row:
        """Create a row; what it is then."""
        return self._ask("POST", entity_set, body, prefer="return=representation")

    def change(self, entity_set: str, row_id: str, body: Mapping[str, Any]) -> Row:
        """Change a row; what it is then."""
        path = f"{entity_set}({row_id})"
        head = {"If-Match": "*"}
        return self._ask("PATCH", path, body, prefer="return=representation", headers=head)

    def delete(self, entity_set: str, row_id: str) -> None:
        """Delete a row."""
        self._ask("DELETE", f"{entity_set}({row_id})")

    def act(self, name: str, body: Mapping[str, Any]) -> Row:
        """Call an action of the Web API; the row it answers with, if any."""
        return self._ask("POST", name, {**_ALL, **body} if "QuoteId" in body else body)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        prefer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Row:
        named = {"MSCRMCallerID": self.person, **(headers or {})}
        named |= {"Prefer": prefer} if prefer else {}
        content = None
        if body is not None:
            named["Content-Type"] = "application/json"
            content = simplejson.dumps(body, use_decimal=True)
        answer = self.http.request(
            method, _VERSION + path, params=query, content=content, headers=named
        )
        if answer.status_code >= 400:
            raise SalesRefused(error_message(answer.text))
        return cast(Row, simplejson.loads(answer.text, use_decimal=True)) if answer.text else {}


def quoted(text: str) -> str:
    """A text as an OData literal."""
    return "'" + text.replace("'", "''") + "'"
