"""Many records of F&O by their keys at once: pages of a company's keys, or filters of keys.

Pages are the cheaper way while the company has not many more records than are asked for. A filter
names dozens of keys, and filters go in batches. A range of keys would be cheaper, but how the
service orders text is its own affair: one cut otherwise would show a record as missing that is
there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from loaders.errors import AmbiguousAnswer, RetryLater
from loaders.exact_json import loads
from loaders.models import Change, WriteTarget
from loaders.services.answer import json_object
from loaders.services.batch import ODATA, BatchClient
from loaders.services.multipart import Part, PartAnswer
from loaders.services.package_file import COMPANY
from loaders.services.payload import key_literal
from loaders.services.records import Found, Record
from pipelines.common.origin import same_origin

KEYS = 40  # in one filter: addresses stay under 8 KB
FILTERS = 100  # in one batch
ROWS_FOR_A_PAGE = 1_000  # so many keys in filters cost as much as a page of 10,000
Page = list[Mapping[str, Any]]
Key = tuple[str, ...]


class Lookups:
    """Reads of one environment; `root` is the address that `/data` hangs on, with it."""

    def __init__(self, batches: BatchClient) -> None:
        self._batches = batches

    def keys(self, target: WriteTarget, rows: Sequence[Change]) -> dict[str, Found]:
        """As `find`, with the keys alone in each record, and no ETag."""
        found: dict[str, Found] = {}
        for _, members in groupby(sorted(rows, key=company_of), key=company_of):
            listed = list(members)
            page = self._all_keys(target, listed)
            if page is None:
                found |= self.find(target, listed, keys_only=True)
            else:
                found |= _matched(target, listed, page)
        return found

    def _all_keys(self, target: WriteTarget, rows: Sequence[Change]) -> Page | None:
        """The keys of all records of the rows' company; None where filters are cheaper, or pages
        cannot be had."""
        company = _quoted(f"{COMPANY} eq {_literal(target, rows[0], COMPANY)}")
        keys = ",".join(target.key)
        query = f"cross-company=true&$filter={company}&$select={keys}&$orderby={keys}"
        url = f"{self._batches.root}/{target.entity_set}?{query}"
        found: Page = []
        for _ in range(len(rows) // ROWS_FOR_A_PAGE):
            document = self._document(url)
            found += document.get("value", [])
            url = str(document.get("@odata.nextLink", ""))
            if not url:
                return found if "value" in document else None
            if not same_origin(url, self._batches.root):
                return None
        return None

    def _document(self, url: str) -> Mapping[str, Any]:
        """A page; empty when the answer is none."""
        try:
            response = self._batches.client.request("GET", url, headers=ODATA)
        except AmbiguousAnswer as error:
            raise RetryLater(str(error), http_status=error.http_status) from error
        document = json_object(response) if response.is_success else {}
        return document if isinstance(document.get("value"), list) else {}

    def find(
        self, target: WriteTarget, rows: Sequence[Change], *, keys_only: bool = False
    ) -> dict[str, Found]:
        """The records by write id, None where there is none; no entry where it could not be told.

        Raises RetryLater when a whole batch cannot be read.
        """
        groups = {str(n): rows_ for n, rows_ in enumerate(_groups(rows))}
        parts = [self._part(target, name, g, keys_only) for name, g in groups.items()]
        found: dict[str, Found] = {}
        for start in range(0, len(parts), FILTERS):
            for name, answer in self._answers(parts[start : start + FILTERS]).items():
                if (page := _page(answer)) is not None:
                    found |= _matched(target, groups[name], page)
        return found

    def _answers(self, parts: Sequence[Part]) -> Mapping[str, PartAnswer | None]:
        try:
            return self._batches.send(parts)
        except AmbiguousAnswer as error:
            raise RetryLater(str(error), http_status=error.http_status) from error

    def _part(
        self, target: WriteTarget, name: str, rows: Sequence[Change], keys_only: bool
    ) -> Part:
        wanted = " or ".join(_condition(target, row) for row in rows)
        company = f"{COMPANY} eq {_literal(target, rows[0], COMPANY)} and "
        query = f"cross-company=true&$filter={_quoted(f'{company}({wanted})')}"
        if keys_only:
            query = f"{query}&$select={','.join(target.key)}"
        return Part(name, "GET", f"{self._batches.root}/{target.entity_set}?{query}", ODATA)


def _groups(rows: Sequence[Change]) -> Iterator[list[Change]]:
    """Rows of one company, as many as one filter takes."""
    for _, members in groupby(sorted(rows, key=company_of), key=company_of):
        listed = list(members)
        yield from (listed[start : start + KEYS] for start in range(0, len(listed), KEYS))


def company_of(row: Change) -> str:
    """The legal entity in a row's key, in lower case; '' where its key has an empty part."""
    key = loads(row.key_values)
    complete = all(value not in (None, "") for value in key.values())
    return str(key.get(COMPANY) or "").lower() if complete else ""


def _condition(target: WriteTarget, row: Change) -> str:
    own = [name for name in target.key if name != COMPANY]
    pairs = " and ".join(f"{name} eq {_literal(target, row, name)}" for name in own)
    return f"({pairs})"


def _literal(target: WriteTarget, row: Change, name: str) -> str:
    """As in a key, already fit for an address."""
    return key_literal(target, name, loads(row.key_values)[name])


def _quoted(text: str) -> str:
    return quote(text, safe="%()'=,")


def _page(answer: PartAnswer | None) -> Page | None:
    """The rows of a complete answer; None for any other."""
    if answer is None or not 200 <= answer.status < 300:
        return None
    try:
        document = loads(answer.body)
    except (ValueError, TypeError):
        return None
    rows = document.get("value") if "@odata.nextLink" not in document else None
    return rows if isinstance(rows, list) else None


def _matched(target: WriteTarget, rows: Sequence[Change], page: Page) -> dict[str, Found]:
    by_key = {_key(target, values): values for values in page}
    found: dict[str, Found] = {}
    for row in rows:
        values = by_key.get(_key(target, loads(row.key_values)))
        etag = None if values is None else values.get("@odata.etag")
        found[row.write_id] = (
            None if values is None else Record(None if etag is None else str(etag), values)
        )
    return found


def _key(target: WriteTarget, values: Mapping[str, Any]) -> Key:
    """Text of F&O is the same in upper and lower case, and with spaces at its end."""
    return tuple(str(values.get(name)).rstrip().lower() for name in target.key)
