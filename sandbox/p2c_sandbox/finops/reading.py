"""GET: query options, pages of at most 10,000 rows, `$skip` links (protocols B3)."""

from __future__ import annotations

from dataclasses import replace

import orjson

from p2c_sandbox.finops.company import COMPANY, LISTED, Company
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.etags import etag
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.filters import Dialect, Sql
from p2c_sandbox.odata.http import Json, Request, Response, json_response, query_pairs
from p2c_sandbox.odata.media import NUMBERS_AS_TEXT
from p2c_sandbox.odata.model import Column, Table
from p2c_sandbox.odata.options import Options, parse_options
from p2c_sandbox.odata.reading import TRUE, Convert, Field, Query, Reader
from p2c_sandbox.odata.store import Store
from p2c_sandbox.odata.values import decimal_text

SUPPORTED = frozenset(
    ("$filter", "$count", "$orderby", "$skip", "$top", "$expand", "$select", "$format")
)
DIALECT = Dialect(
    arithmetic=True, star_wildcard=True, enum_namespace="Microsoft.Dynamics.DataEntities"
)


class FinopsReader(Reader):
    """Rows as F&O sends them: an ETag each, numbers without trailing zeros, nothing implied."""

    def __init__(self, store: Store, settings: FinopsSettings) -> None:
        accents = settings.text_comparison == "with_accents"
        super().__init__(store, replace(DIALECT, accents=accents))
        self._fields: dict[str, list[Field]] = {}

    def fields(self, table: Table, options: Options) -> list[Field]:
        """Worked out once for whole rows: every POST answers with up to 308 fields."""
        if options.select is not None or NUMBERS_AS_TEXT.get():
            return super().fields(table, options)
        if table.set not in self._fields:
            self._fields[table.set] = super().fields(table, options)
        return self._fields[table.set]

    def etag(self, table: Table) -> Field:
        return Field("@odata.etag", "t._id || ' ' || t._version", _etag)

    def text(self, column: Column) -> Convert | None:
        if NUMBERS_AS_TEXT.get():
            return super().text(column)
        return _number(column.scale) if column.is_scaled else None


class Readings:
    """Answers reads of one service's store."""

    def __init__(self, store: Store, settings: FinopsSettings) -> None:
        self.reader = FinopsReader(store, settings)
        self.settings = settings

    def page(self, table: Table, request: Request, company: Company) -> Response:
        """One page of a set, with the link to the next where there is one."""
        options = read_options(request.query)
        size, skip = self._page_size(request), options.skip or 0
        limit = size if options.top is None else min(size, options.top)
        query = Query(table, options, _seen(table, company), limit=limit, offset=skip)
        page = self.reader.read(query)
        answer: Json = {"@odata.context": context(table, request.root, options)}
        if options.count:
            answer["@odata.count"] = self.reader.count(query)
        answer["value"] = page.rows
        if page.last is not None and (options.top is None or options.top > limit):
            answer["@odata.nextLink"] = next_link(request, options, limit)
        return json_response(answer)

    def count(self, table: Table, request: Request, company: Company) -> Response:
        """`/$count`: a number as text."""
        query = Query(table, read_options(request.query), _seen(table, company))
        text = str(self.reader.count(query))
        return Response(200, {"Content-Type": "text/plain"}, text.encode())

    def one(self, table: Table, request: Request, row_id: int, status: int = 200) -> Response:
        """A single row as an answer."""
        options = read_options(request.query)
        query = Query(table, replace(options, filter=None, orderby=()), Sql("t._id = ?", (row_id,)))
        row = self.reader.read(query).rows[0]
        head = {"@odata.context": f"{context(table, request.root, options)}/$entity"}
        return json_response(head | row, status)

    def _page_size(self, request: Request) -> int:
        """Protocols B3: whether the preference for a page size counts is not known
        (protocols E8)."""
        asked = request.preferences.get("odata.maxpagesize", "")
        ceiling = self.settings.page_ceiling
        if self.settings.page_size_preference == "honoured" and asked.isdigit():
            return min(int(asked) or ceiling, ceiling)
        return ceiling


def read_options(query: str) -> Options:
    """Query string as options. Raises BadRequest, NotOffered."""
    options = parse_options(query_pairs(query), SUPPORTED)
    if options.expand:
        raise NotOffered("The sandbox does not offer $expand in F&O: read the other set.")
    asked = dict(query_pairs(query)).get("$format", "json")
    if asked.partition(";")[0] not in ("json", "application/json"):
        raise FinopsError(f"A supported MIME type could not be found that matches '{asked}'.")
    return options


def context(table: Table, root: str, options: Options) -> str:
    """`@odata.context` of rows of a set."""
    listed = f"({','.join(options.select)})" if options.select else ""
    return f"{root}/$metadata#{table.set}{listed}"


def next_link(request: Request, options: Options, page: int) -> str:
    """The other options as they came, then `$skip` and what is left of `$top`."""
    kept = [item for item in request.query.split("&") if item and not _is_paging(item)]
    kept.append(f"$skip={(options.skip or 0) + page}")
    if options.top is not None:
        kept.append(f"$top={options.top - page}")
    return f"{request.root}/{request.path}?{'&'.join(kept)}"


def _is_paging(item: str) -> bool:
    return item.partition("=")[0].replace("%24", "$") in ("$skip", "$top")


def _seen(table: Table, company: Company) -> Sql:
    """Protocols B2: without cross-company a read sees the caller's default company only. Some
    entities show a part of their rows, which the store marks."""
    terms, values = [], []
    if (limit := company.limit(table)) is not None:
        terms.append(f't."{COMPANY}" = ?')
        values.append(limit)
    if LISTED in table.columns:
        terms.append(f't."{LISTED}" = ?')
        values.append("Yes")
    return Sql(" AND ".join(terms), tuple(values)) if terms else TRUE


def _etag(pair: str) -> str:
    row_id, version = pair.split(" ")
    return etag(int(row_id), int(version))


def _number(scale: int) -> Convert:
    unit = 10**scale

    def write(stored: int) -> object:
        whole, rest = divmod(stored, unit)
        return orjson.Fragment(decimal_text(stored, scale).rstrip("0")) if rest else whole

    return write
