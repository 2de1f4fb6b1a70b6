"""GET of collections and rows: paging, counts, ETags (protocols A3)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from p2c_sandbox.odata.errors import BadRequest, NotOffered
from p2c_sandbox.odata.filters import Dialect, Sql
from p2c_sandbox.odata.http import Json, Request, Response, json_response, query_pairs
from p2c_sandbox.odata.model import Child, Column, Table
from p2c_sandbox.odata.options import Expand, Options, parse_options
from p2c_sandbox.odata.reading import TRUE, Field, Query, Reader
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.annotations import Annotator
from p2c_sandbox.sales.elsewhere import ELSEWHERE
from p2c_sandbox.sales.settings import SalesSettings

DIALECT = Dialect(
    sql_wildcards=True,
    query_functions="Microsoft.Dynamics.CRM",
    known_functions=ELSEWHERE.query_functions,
)
SUPPORTED = frozenset(
    ("$select", "$expand", "$filter", "$top", "$orderby", "$count", "$skiptoken", "$deltatoken")
)
COUNT_CAP = 5000
_COOKIE = re.compile(r'<cookie pagenumber="(\d+)" pagingcookie="([\w=-]*)" istracking="False" />')
_MAX_EXPANDS = 15
# Other languages of queries: ignored they would give every row.
_OTHER_QUERIES = ("fetchxml", "savedquery", "userquery", "sql")


class SalesReader(Reader):
    """Rows as Dataverse sends them."""

    def __init__(self, store: Store, settings: SalesSettings) -> None:
        accents = settings.text_comparison == "with_accents"
        kept = settings.not_in_null == "kept"
        super().__init__(store, replace(DIALECT, accents=accents, null_is_not_in=kept))

    def implied(self, table: Table, columns: list[Column]) -> list[Column]:
        """The key always comes, and a money column brings its currency (A3)."""
        extra = [table.columns[table.key_column]]
        if any(c.type == "money" for c in columns) and "transactioncurrencyid" in table.columns:
            extra.append(table.columns["transactioncurrencyid"])
        return extra

    def etag(self, table: Table) -> Field | None:
        if table.system:
            return None
        return Field("@odata.etag", "'W/\"' || t._version || '\"'")


def read_options(query: str) -> Options:
    """Options of a request. Raises BadRequest with the service's texts."""
    pairs = query_pairs(query)
    names = {name for name, _ in pairs}
    if "$skip" in names:
        raise BadRequest("Skip Clause is not supported in CRM")
    if "$apply" in names:
        raise NotOffered("$apply is not offered by the sandbox.")
    if other := [name for name in names if name.lower() in _OTHER_QUERIES]:
        raise NotOffered(f"Queries by '{other[0]}' are not offered by the sandbox.")
    options = parse_options(pairs, SUPPORTED)
    if _expands(options) > _MAX_EXPANDS:
        raise BadRequest(f"The $expand has more than {_MAX_EXPANDS} levels or properties.")
    _refuse_nested(options, nested=False)
    return options


def _expands(options: Options) -> int:
    return sum(1 + _expands(e.options) for e in options.expand)


def _refuse_nested(options: Options, *, nested: bool) -> None:
    """Nested collection expansion refuses `$top` and `$orderby` inside (A3)."""
    for expand in options.expand:
        inner = bool(expand.options.expand)
        if (nested or inner) and expand.options.names & {"$top", "$orderby"}:
            raise BadRequest("$top and $orderby are not supported in a nested $expand.")
        _refuse_nested(expand.options, nested=True)


@dataclass(frozen=True)
class Readings:
    """Answers GET requests of one store."""

    store: Store
    settings: SalesSettings
    reader: SalesReader

    def collection(self, request: Request, table: Table, within: Sql = TRUE) -> Response:
        """A page of rows; `within` limits it to the rows of a navigation property."""
        options, prefer = read_options(request.query), request.preferences
        size = self.page_size(request)
        limit = size
        if options.top is not None and "odata.maxpagesize" not in prefer:
            limit = min(size, options.top)
        number, after = _cookie(options.skiptoken)
        query = Query(table, options, within, limit=limit, after=after)
        page = self.reader.read(query)
        answer: Json = {"@odata.context": context(request.root, table, options)}
        annotator = Annotator.of(self.store, table, prefer)
        total = self.reader.count(query, COUNT_CAP + 1) if options.count else None
        if total is not None:
            answer["@odata.count"] = min(total, COUNT_CAP)
        if annotator is not None:
            answer |= annotator.counts(total, COUNT_CAP)
            annotator.annotate(page.rows)
        answer["value"] = page.rows
        if page.last is not None and limit == size:
            answer["@odata.nextLink"] = _next_link(request, number + 1, page.last)
        return json_response(answer, headers=applied(prefer))

    def page_size(self, request: Request) -> int:
        """`Prefer: odata.maxpagesize`, at most the ceiling of 5,000."""
        asked = request.preferences.get("odata.maxpagesize", "")
        ceiling = self.settings.page_ceiling
        return min(int(asked), ceiling) if asked.isdigit() and int(asked) > 0 else ceiling

    def one(self, request: Request, table: Table, row_id: str, status: int = 200) -> Response:
        """A single row; 304 when `If-None-Match` holds its ETag (A2)."""
        options, prefer = read_options(request.query), request.preferences
        options = replace(options, filter=None, orderby=())
        where = Sql(f't."{table.key_column}" = ?', (row_id,))
        row = self.reader.read(Query(table, options, where)).rows[0]
        annotator = Annotator.of(self.store, table, prefer)
        etag = row.get("@odata.etag")
        plain = annotator is None and not options.expand
        if etag and plain and request.headers.get("if-none-match") == etag:
            return Response(304, {"ETag": etag})
        if annotator is not None:
            annotator.annotate([row])
        head = {"@odata.context": f"{context(request.root, table, options)}/$entity"}
        headers = applied(prefer) | ({"ETag": etag} if etag else {})
        return json_response(head | row, status, headers)

    def count(self, request: Request, table: Table, within: Sql = TRUE) -> Response:
        """`/$count`: a number as text."""
        options = read_options(request.query)
        number = self.reader.count(Query(table, options, within), COUNT_CAP)
        return plain_text(str(number))

    def property(self, request: Request, table: Table, row_id: str, column: Column) -> Json:
        """One column of a row with its context."""
        where = Sql(f't."{table.key_column}" = ?', (row_id,))
        options = Options(select=(column.wire,))
        row = self.reader.read(Query(table, options, where)).rows[0]
        path = f"{request.root}/$metadata#{table.set}({row_id})/{column.wire}"
        return {"@odata.context": path, "value": row[column.wire]}


def children_of(child: Child, row_id: str) -> Sql:
    """Condition for the rows of a collection-valued navigation property."""
    return Sql(f't."{child.column}" = ?', (row_id,))


def plain_text(text: str) -> Response:
    """A bare value."""
    return Response(200, {"Content-Type": "text/plain", "OData-Version": "4.0"}, text.encode())


def applied(prefer: object) -> dict[str, str]:
    """`Preference-Applied` for the preferences that were honoured."""
    known = ("odata.maxpagesize", "odata.include-annotations", "odata.track-changes", "return")
    values = prefer if isinstance(prefer, dict) else {}
    parts = [f"{n}={_quoted(n, values[n])}" if values[n] else n for n in known if n in values]
    return {"Preference-Applied": ", ".join(parts)} if parts else {}


def _quoted(name: str, value: str) -> str:
    return f'"{value}"' if name == "odata.include-annotations" else value


def context(root: str, table: Table, options: Options) -> str:
    """`@odata.context` without its `/$entity` or `/$delta` end."""
    return f"{root}/$metadata#{table.set}{_listed(options)}"


def _listed(options: Options) -> str:
    names = [*(options.select or ()), *(_expanded(expand) for expand in options.expand)]
    return f"({','.join(names)})" if names else ""


def _expanded(expand: Expand) -> str:
    return expand.navigation + (_listed(expand.options) or "()")


def _next_link(request: Request, number: int, last: tuple[Any, ...]) -> str:
    packed = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
    cookie = f'<cookie pagenumber="{number}" pagingcookie="{packed}" istracking="False" />'
    return with_token(request, "$skiptoken", cookie)


def with_token(request: Request, name: str, token: str) -> str:
    """The request's own URL with another token; its other options stay as they were sent."""
    kept = [p for p in request.query.split("&") if p and not p.startswith((name, "%24" + name[1:]))]
    query = "&".join([*kept, f"{name}={quote(token, safe='')}"])
    return f"{request.root}/{request.path}?{query}"


def _cookie(token: str | None) -> tuple[int, tuple[Any, ...] | None]:
    """Page number and order values of the last row read."""
    if token is None:
        return 1, None
    match = _COOKIE.fullmatch(token)
    try:
        if match is None:
            raise ValueError(token)
        return int(match[1]), tuple(json.loads(base64.urlsafe_b64decode(match[2])))
    except (ValueError, binascii.Error) as error:
        raise BadRequest("Malformed XML in the Paging Cookie", code="0x80041129") from error
