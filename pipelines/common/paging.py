"""Page by page through an answer, as far as it is one: rows, and links on the same origin.

A service, or a gateway before it, can send anything. What is not a list of rows is never taken for
an empty table: all of its records would count as deleted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import pyarrow as pa
from dlt.sources.helpers.rest_client.paginators import BaseNextUrlPaginator
from requests import Request, Response

from .address_errors import ForeignAddress
from .arrow import Row
from .errors import EndlessPages, UnusableAnswer
from .origin import same_origin

NEXT_LINK = "@odata.nextLink"
DELTA_LINK = "@odata.deltaLink"
IDLE_PAGES = 10  # in a row without a new row; rows that shift repeat a small page once or twice
MAX_PAGES = 20_000  # full ones hold 100 million rows
_LINK = re.compile(rb'"@odata\.nextLink"\s*:\s*("(?:[^"\\]|\\.)*")')


class NextLinks(BaseNextUrlPaginator):
    """dlt's paginator for `@odata.nextLink`: links as sent, on the address in the settings only.

    Raises ForeignAddress where a link leads elsewhere, EndlessPages where links do not end.
    """

    def __init__(self, system: str, name: str, root: str) -> None:
        super().__init__()
        self.system, self.name, self.root = system, name, root
        self._asked: set[str] = set()

    def init_request(self, request: Request) -> None:
        """The first address counts as asked for, too."""
        self._asked.add(str(request.url))

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:  # noqa: ARG002
        """Take the next link of an answer, if it has one."""
        link = next_link(response.content)
        if link is not None:
            link = urljoin(response.url, link)
            if not same_origin(link, self.root):
                raise ForeignAddress(self.system, self.root, link, f"the next page of {self.name}")
            self._check(link)
        self._next_reference = link

    def _check(self, link: str) -> None:
        if link in self._asked:
            raise EndlessPages(self.system, self.name, "the same link comes twice")
        self._asked.add(link)
        if len(self._asked) > MAX_PAGES:
            raise EndlessPages(self.system, self.name, f"there are more than {MAX_PAGES:,}")


class Progress:
    """Whether pages still bring something new."""

    def __init__(self, system: str, name: str) -> None:
        self.system, self.name = system, name
        self._pages: set[int] = set()
        self._idle = 0

    def check(self, entries: int, rows: pa.Table) -> None:
        """Raise EndlessPages at the tenth page in a row that is empty or was there before."""
        ends = (rows.slice(0, 1), rows.slice(max(0, rows.num_rows - 1)))
        page = hash((entries, *(repr(end.to_pylist()) for end in ends)))
        self._idle = self._idle + 1 if not entries or page in self._pages else 0
        self._pages.add(page)
        if self._idle >= IDLE_PAGES:
            raise EndlessPages(self.system, self.name, f"{self._idle} pages brought no new row")


def next_link(body: bytes) -> str | None:
    """The link to the next page, found without reading the rest: it is asked for meanwhile.

    None where there is none, or nothing that can be one.
    """
    at = body.rfind(f'"{NEXT_LINK}"'.encode())
    found = _LINK.match(body, at) if at >= 0 else None
    try:
        return (json.loads(found[1]) or None) if found else None
    except ValueError:
        return None


def document_of(document: object, system: str, name: str) -> Mapping[str, Any]:
    """An answer as the object it has to be."""
    if not isinstance(document, dict):
        raise UnusableAnswer(system, name, f"a JSON object is expected, not {_kind(document)}")
    return document


def rows_of(document: Mapping[str, Any], system: str, name: str) -> list[Row]:
    """The rows of a page. UnusableAnswer unless `value` is there and a list of objects."""
    if "value" not in document:
        raise UnusableAnswer(system, name, _without_rows(document))
    rows = document["value"]
    if not isinstance(rows, list):
        raise UnusableAnswer(system, name, f'"value" is {_kind(rows)}, not a list of rows')
    for row in rows:
        if not isinstance(row, dict):
            raise UnusableAnswer(system, name, f'"value" holds {_kind(row)} among its rows')
    return rows


def link_of(document: Mapping[str, Any], key: str, system: str, name: str) -> str | None:
    """A link of a page; None without one, which an empty text means, too."""
    link = document.get(key)
    if link is not None and not isinstance(link, str):
        raise UnusableAnswer(system, name, f'"{key}" is {_kind(link)}, not an address')
    return link or None


def below_root(link: str, root: str) -> str | None:
    """What of a delta link may be kept: path below the service's root, and query, as sent.

    None for a link to another address, or one that does not hang from that root.
    """
    if not urlsplit(link).scheme:
        return link
    path = urlsplit(root).path.rstrip("/") + "/"
    at = link.lower().find(path.lower())  # a path of these services has no case
    below = link[at + len(path) :]
    return below if at >= 0 and below and same_origin(link, root) else None


def kept_link(link: str | None, root: str, system: str, name: str) -> str | None:
    """Where the next delta starts, below the service's root: it holds when the service moves."""
    below = below_root(link, root) if link else None
    if link and below is None:
        raise ForeignAddress(system, root, link, f"the next changes of {name}")
    return below


def _without_rows(document: Mapping[str, Any]) -> str:
    error = document.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return f'there is no list "value" in it{f", but the error {message!r}" if message else ""}'


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else names.get(type(value), "a number")
