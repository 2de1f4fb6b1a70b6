"""HTTP to an OData service through dlt's RESTClient: pages, counts, and typed errors."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from requests import HTTPError, RequestException, Response

from .auth import BearerAuth
from .errors import (
    AccessDenied,
    AuthenticationFailed,
    ExtractError,
    ServiceRefused,
    ServiceUnavailable,
    UnknownColumn,
    UnknownTable,
    UnusableAnswer,
)
from .http import address, explain, hooks, is_page, new_session
from .pages import Page, PageReader, exact_json
from .paging import NextLinks, Progress, document_of, kept_link, next_link
from .reasons import cause
from .settings import Connection
from .tables import Table
from .token import BUSY

HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
UNKNOWN_PROPERTY = re.compile(r"Could not find a property named '([^']+)'")
MAX_MESSAGE = 300
_T = TypeVar("_T")


class ODataClient:
    """One of the two services. Safe to use from several threads.

    patient=False gives up at once when nobody answers, for the first look before a run; a service
    that answers "busy" is waited for in any case, as long as its Retry-After says
    (protocols A10, B9). folder: where a reader keeps what it has read of a large table.
    """

    def __init__(
        self, connection: Connection, *, patient: bool = True, folder: Path | None = None
    ) -> None:
        self.connection, self.folder = connection, folder
        self.system = connection.system
        self._config = resolve_configuration(RuntimeConfiguration())
        self._session = new_session(connection, self._config, patient=patient)
        self._once = new_session(connection, self._config, patient=patient, again=False)
        self._auth = BearerAuth(connection, self._session)
        weakref.finalize(self, self._session.close)
        weakref.finalize(self, self._once.close)

    def pages(
        self, table: Table, path: str, query: Mapping[str, str], prefer: str = ""
    ) -> Iterator[Page]:
        """Pages of a collection or of a delta link, the next one fetched while one is used."""
        headers = {"Prefer": prefer} if prefer else {}
        links = NextLinks(self.system, table.name, self.connection.root)
        # The whole answer ("$"): what dlt does not find under a name it takes for no rows.
        found = self._client().paginate(
            address(path, query), paginator=links, headers=headers, data_selector="$", hooks=hooks()
        )
        answers = self._translated(table, (page.response for page in found))
        reader, progress = PageReader(table), Progress(self.system, table.name)
        for answer in _ahead(answers):
            page = self._page(reader, answer)
            if page.next_link:
                progress.check(page.entries, page.rows)
            yield page

    def _page(self, reader: PageReader, answer: Response) -> Page:
        try:
            page = reader.read(answer.content)
        except ValueError:
            raise self._no_json() from None
        name = reader.table.name
        if page.next_link != next_link(answer.content):
            raise UnusableAnswer(self.system, name, "it is not clear which page is the next one")
        link = kept_link(page.delta_link, self.connection.root, self.system, name)
        return replace(page, delta_link=link, date=answer.headers.get("Date"))

    def get(self, table: Table, path: str, query: Mapping[str, str]) -> Response:
        """One answer; typed errors as everywhere."""
        try:
            return self._client().get(address(path, query), hooks=hooks())
        except RequestException as error:
            raise self._error(table.name, table.entity_set, error) from None

    def ask(self, function: str) -> Mapping[str, Any]:
        """The answer of a function such as `WhoAmI`; typed errors as everywhere."""
        try:
            answer = self._client().get(function, hooks=hooks())
            return document_of(exact_json(answer.content), self.system, function)
        except RequestException as error:
            raise self._error(function, function, error) from None
        except ValueError:
            raise self._no_json() from None

    def post(self, path: str, body: Mapping[str, object], *, again: bool = True) -> Any:  # noqa: ANN401 - JSON
        """The JSON of an answer to a POST; typed errors as everywhere.

        again=False: sent once, and perhaps done although ServiceUnavailable is raised.
        """
        session = self._session if again else self._once
        try:
            answer = session.post(
                f"{self.connection.root}/{path}",
                json=body, headers=HEADERS, auth=self._auth, hooks=hooks(),
            )  # fmt: skip
            return exact_json(answer.content)
        except RequestException as error:
            raise self._error(path, path, error) from None
        except ValueError:
            raise self._no_json() from None

    def delete(self, path: str) -> None:
        """Delete one row; typed errors as everywhere."""
        try:
            self._once.delete(
                f"{self.connection.root}/{path}", headers=HEADERS, auth=self._auth, hooks=hooks()
            )
        except RequestException as error:
            raise self._error(path, path, error) from None

    def count(self, table: Table, query: Mapping[str, str]) -> int | None:
        """Rows by the service's own count (`/$count`), or None where it will not count."""
        try:
            answer = self.get(table, f"{table.entity_set}/$count", query)
        except (ServiceRefused, UnknownTable):
            return None
        text = answer.content.decode("utf-8-sig", errors="replace").strip()
        return int(text) if text.isascii() and text.isdigit() else None

    def probe(self, table: Table) -> None:
        """One row with every declared column; raises what reading the table would raise."""
        query = {**self.connection.query, "$select": ",".join(table.fields), "$top": "1"}
        self.get(table, table.entity_set, query)

    def missing_columns(self, table: Table) -> tuple[str, ...]:
        """Raw names of all declared columns the service does not know; it names one at a time."""
        names = {column.field: column.name for column in table.columns}
        missing: list[str] = []
        while True:
            try:
                self.probe(table.without(set(missing)))
            except UnknownColumn as error:
                field = error.columns[0]
                if field not in names or field in missing:
                    return tuple(names.get(name, name) for name in [*missing, field])
                missing.append(field)
                continue
            return tuple(names[field] for field in missing)

    def _client(self) -> RESTClient:
        return RESTClient(
            base_url=self.connection.root,
            headers=HEADERS,
            auth=self._auth,
            session=self._session,
            config=self._config,
        )

    def _translated(self, table: Table, answers: Iterator[Response]) -> Iterator[Response]:
        try:
            yield from answers
        except RequestException as error:
            raise self._error(table.name, table.entity_set, error) from None

    def _no_json(self) -> ServiceUnavailable:
        return ServiceUnavailable(self.system, self.connection.root, "its answer is not JSON")

    def _error(self, name: str, entity_set: str, error: RequestException) -> ExtractError:
        answer = error.response
        if answer is None or not isinstance(error, HTTPError):
            return ServiceUnavailable(self.system, self.connection.url, cause(error))
        if is_page(answer) and answer.status_code < 500:
            reason = f"HTTP {answer.status_code} and a page that is not the service's"
            return ServiceUnavailable(self.system, self.connection.root, reason)
        return self._refusal(name, entity_set, answer.status_code, *explain(answer))

    def _refusal(
        self, name: str, entity_set: str, status: int, code: str, message: str
    ) -> ExtractError:
        reason = f"HTTP {status}: {message[:MAX_MESSAGE]}" if message else f"HTTP {status}"
        unknown = UNKNOWN_PROPERTY.search(message)
        if unknown and status < 500:
            return UnknownColumn(self.system, name, [unknown[1]])
        if status == 401:
            return AuthenticationFailed(self.system, self.connection.url, reason)
        if status == 403:
            return AccessDenied(self.system, name, reason)
        if status == 404:
            return UnknownTable(self.system, entity_set, reason)
        if status in BUSY:
            return ServiceUnavailable(self.system, self.connection.url, reason)
        return ServiceRefused(self.system, name, status, code, message[:MAX_MESSAGE])


def _ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items, the next one fetched in a thread while the last one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
