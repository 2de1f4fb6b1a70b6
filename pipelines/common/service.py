"""HTTP to an OData service through dlt's RESTClient: pages, counts, and errors as sentences."""

from __future__ import annotations

import functools
import json
import re
import weakref
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
from requests import HTTPError, RequestException, Response, Session
from requests.cookies import RequestsCookieJar

from .arrow import Row
from .auth import ClientCredentials
from .errors import (
    AccessDenied,
    AuthenticationFailed,
    ExtractError,
    ServiceRefused,
    ServiceUnavailable,
    UnknownColumn,
    UnknownTable,
)
from .origin import is_loopback
from .settings import Connection
from .tables import Table

HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
# Bracket form: with a plain path dlt reads one page and stays silent (style P4).
NEXT_LINK = "['@odata.nextLink']"
UNKNOWN_PROPERTY = re.compile(r"Could not find a property named '([^']+)'")
MAX_MESSAGE = 300
_T = TypeVar("_T")


@dataclass(frozen=True)
class Page:
    """Rows of one page, the whole answer, and the service's clock when it answered."""

    rows: list[Row]
    document: Mapping[str, Any]
    date: str | None


class Service:
    """One of the two services. Safe to use from several threads.

    patient=False gives up at once when nobody answers, for the first look before a run; a service
    that answers "busy" is waited for in any case, as long as its Retry-After says (A10, B9).
    """

    def __init__(self, connection: Connection, *, patient: bool = True) -> None:
        self.connection = connection
        self.system = connection.system
        self._config = resolve_configuration(RuntimeConfiguration())
        unreachable: dict[str, Any] = {} if patient else {"exceptions": ()}
        http = Client(
            raise_for_status=False, session_attrs=_session_attributes(connection), **unreachable
        )
        http.update_from_config(self._config)
        self._session: Session = http.session
        self._auth = ClientCredentials(connection, self._session)
        weakref.finalize(self, self._session.close)

    def pages(
        self, table: Table, path: str, query: Mapping[str, str], prefer: str = ""
    ) -> Iterator[Page]:
        """Pages of a collection or of a delta link, the next one fetched while one is used."""
        headers = {"Prefer": prefer} if prefer else {}
        client = self._client(JSONLinkPaginator(NEXT_LINK))
        found = client.paginate(
            _address(path, query), headers=headers, data_selector="value", hooks=_hooks()
        )
        pages = (
            Page(page, page.response.json(), page.response.headers.get("Date")) for page in found
        )
        return _ahead(self._translated(table, pages))

    def get(self, table: Table, path: str, query: Mapping[str, str]) -> Response:
        """One answer; typed errors as everywhere."""
        try:
            return self._client().get(_address(path, query), hooks=_hooks())
        except RequestException as error:
            raise self._error(table, error) from None

    def count(self, table: Table, query: Mapping[str, str]) -> int | None:
        """Rows by the service's own count (`/$count`), or None where it will not count."""
        try:
            answer = self.get(table, f"{table.entity_set}/$count", query)
        except (ServiceRefused, UnknownTable):
            return None
        text = answer.content.decode("utf-8-sig").strip()
        return int(text) if text.isdigit() else None

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

    def _client(self, paginator: JSONLinkPaginator | None = None) -> RESTClient:
        return RESTClient(
            base_url=self.connection.root,
            headers=HEADERS,
            auth=self._auth,
            paginator=paginator,
            session=self._session,
            config=self._config,
        )

    def _translated(self, table: Table, pages: Iterator[Page]) -> Iterator[Page]:
        try:
            yield from pages
        except RequestException as error:
            raise self._error(table, error) from None
        except json.JSONDecodeError:
            url, reason = self.connection.root, "its answer is not JSON"
            raise ServiceUnavailable(self.system, url, reason) from None

    def _error(self, table: Table, error: RequestException) -> ExtractError:
        answer = error.response
        if answer is None or not isinstance(error, HTTPError):
            return ServiceUnavailable(self.system, self.connection.url, _cause(error))
        return self._refusal(table, answer.status_code, *explain(answer))

    def _refusal(self, table: Table, status: int, code: str, message: str) -> ExtractError:
        said = f"HTTP {status}: {message[:MAX_MESSAGE]}" if message else f"HTTP {status}"
        unknown = UNKNOWN_PROPERTY.search(message)
        if unknown and status < 500:
            return UnknownColumn(self.system, table.name, [unknown[1]])
        if status == 401:
            return AuthenticationFailed(self.system, self.connection.url, said)
        if status == 403:
            return AccessDenied(self.system, table.name, said)
        if status == 404:
            return UnknownTable(self.system, table.entity_set, said)
        if status == 429 or status >= 500:
            return ServiceUnavailable(self.system, self.connection.url, said)
        return ServiceRefused(self.system, table.name, status, code, message[:MAX_MESSAGE])


def explain(answer: Response) -> tuple[str, str]:
    """Code and message of an error body; F&O hides the cause in the innermost error (B5)."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return "", ""  # a gateway answered with HTML
    if not isinstance(body, dict):
        return "", ""
    error = body.get("error") or {"message": body.get("Message", "")}
    code = str(error.get("code") or "")
    message = str(error.get("message") or "")
    while error := error.get("innererror") or error.get("internalexception"):
        message = str(error.get("message") or message)
    return code, " ".join(message.split())


def _address(path: str, query: Mapping[str, str]) -> str:
    """Path and query with a space as %20: not every OData parser takes a plus sign for one."""
    return f"{path}?{urlencode(query, quote_via=quote, safe='$,:')}" if query else path


def _session_attributes(connection: Connection) -> dict[str, Any]:
    """A private certificate authority; no proxy between this machine and itself; no cookies,
    which would pin every request to one web server (protocols A10)."""
    attributes: dict[str, Any] = {
        "cookies": RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    }
    if connection.ca_file:
        # The environment's REQUESTS_CA_BUNDLE would win over the setting.
        attributes |= {"verify": str(connection.ca_file), "trust_env": False}
    if is_loopback(connection.url):
        attributes["trust_env"] = False
    return attributes


def _hooks() -> dict[str, Any]:
    return {"response": [_exact_json, _raise_for_status]}


def _exact_json(response: Response, *_: object, **__: object) -> None:
    """Parse an answer once, numbers as Decimal: floats lose digits of money (style P7)."""
    content = response.content  # not the response, which would keep itself and its rows alive

    @functools.cache
    def document() -> object:
        return json.loads(content, parse_float=Decimal)

    setattr(response, "json", lambda **_: document())  # noqa: B010 (a method, to mypy)


def _raise_for_status(response: Response, *_: object, **__: object) -> None:
    """As HTTPError, the only form in which dlt's retries see the answer's Retry-After."""
    if response.status_code >= 400:
        len(response.content)  # read to its end, so that the connection can be used again
    response.raise_for_status()


def _ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items, the next one fetched in a thread while the last one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def _cause(error: BaseException) -> str:
    """The innermost reason of a connection failure, such as `Connection refused`."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return getattr(error, "strerror", None) or type(error).__name__
