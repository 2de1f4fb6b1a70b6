"""A page of an answer: its bytes to typed columns, its deletions, and the link to go on with.

Arrow's own JSON reader makes the columns: it keeps a number as text until it is what was declared,
so no digit is lost, and it works outside of Python. What it refuses, or what it would take and the
declaration would not, is read again value by value (`arrow.to_arrow`), which knows the rarer
spellings and says in words what is wrong: that way decides what is acceptable.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.json as pj

from .arrow import REFUSALS, Row, column_of, to_arrow
from .errors import UnusableAnswer
from .paging import DELTA_LINK, NEXT_LINK, document_of, link_of, rows_of
from .tables import ETAG, Column, Table

CONTEXT = "@odata.context"
DELETED = "/$deletedEntity"
# For numbers with more decimal places than declared, before they are rounded.
WIDE = pa.decimal256(76, 38)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COLON = re.compile(rb"\s*:\s*")
_TOP = (CONTEXT, NEXT_LINK, DELTA_LINK)


@dataclass(frozen=True)
class Page:
    """What one answer held.

    rows: of `table.schema`, deleted_at null; entries: rows and deletions as they came; names: of
    all fields that some row had; next_link: as sent.
    """

    rows: pa.Table
    entries: int
    names: frozenset[str]
    deletions: tuple[str, ...] = ()
    next_link: str | None = None
    delta_link: str | None = None
    date: str | None = None


class PageReader:
    """Reads the pages of one table, and remembers what the last ones were like."""

    def __init__(self, table: Table) -> None:
        self.table = table
        decimals = any(pa.types.is_decimal(column.arrow) for column in table.columns)
        widths = (False, True) if decimals else (False,)
        self._schemas = [_schema(table, wide=wide) for wide in widths]
        self._unasked = False

    def read(self, body: bytes) -> Page:
        """A page out of an answer's bytes.

        Raises ValueError where they are no JSON, UnusableAnswer where they are no page of rows,
        UnexpectedValue where a value does not fit its declared type.
        """
        body = body.removeprefix(_BYTE_ORDER_MARK)
        for number, schema in enumerate(self._schemas):
            if page := self._by_columns(body, schema):
                del self._schemas[:number]  # the next ones will have as many digits
                return page
        page = self._by_values(body)
        self._unasked = self._unasked or not page.names <= {*self.table.fields, ETAG}
        return page

    def _by_columns(self, body: bytes, schema: pa.Schema) -> Page | None:
        try:
            found = _parsed(body, schema, "ignore" if self._unasked else "error")
            rows = found["value"]
            if rows.null_count or rows.values.null_count or _quoted(body, self.table):
                return None
            return self._page(body, found, rows.flatten())
        except REFUSALS:
            return None

    def _page(self, body: bytes, found: dict[str, Any], rows: pa.StructArray) -> Page | None:
        fields = dict(zip(rows.type.names, rows.flatten(), strict=True))
        if fields[CONTEXT].null_count < len(rows):
            return None  # a deletion, or something else that is no row
        arrays = [column_of(fields[column.field], column) for column in self.table.columns]
        schema = self.table.schema
        if any(
            array.null_count and not field.nullable
            for array, field in zip(arrays, schema, strict=False)
        ):
            return None
        alive = pa.nulls(len(rows), schema.field("deleted_at").type)
        names = (name for name, array in fields.items() if _named(body, name, array))
        return Page(
            pa.Table.from_arrays([*arrays, fields[ETAG], alive], schema=schema),
            len(rows),
            frozenset(names),
            next_link=found[NEXT_LINK] or None,
            delta_link=found[DELTA_LINK] or None,
        )

    def _by_values(self, body: bytes) -> Page:
        system, name = self.table.system, self.table.name
        document = document_of(exact_json(body), system, name)
        entries = rows_of(document, system, name)
        rows = [row for row in entries if not _is_deletion(row)]
        gone = (self._deleted(row) for row in entries if _is_deletion(row))
        return Page(
            to_arrow(rows, self.table),
            len(entries),
            frozenset().union(*rows),
            tuple(dict.fromkeys(gone)),
            link_of(document, NEXT_LINK, system, name),
            link_of(document, DELTA_LINK, system, name),
        )

    def _deleted(self, row: Row) -> str:
        if isinstance(key := row.get("id"), str):
            return key
        raise UnusableAnswer(self.table.system, self.table.name, "a deletion without an id")


def exact_json(body: bytes) -> object:
    """A document with numbers as Decimal: floats lose digits of money. ValueError if it is none."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _parsed(body: bytes, schema: pa.Schema, unexpected: str) -> dict[str, Any]:
    """The one document in the bytes, by its fields: `value` as an array, links as text.

    Within another one: Arrow would take several documents for rows, and falls over a bare null.
    """
    table = pj.read_json(
        pa.BufferReader(b'{"page":' + body + b"}"),
        pj.ReadOptions(use_threads=False, block_size=len(body) + 16),
        pj.ParseOptions(
            explicit_schema=schema,
            newlines_in_values=b"\n" in body,
            unexpected_field_behavior=unexpected,
        ),
    )
    table.validate(full=True)  # texts are UTF-8, and decimals have no more digits than declared
    page = table["page"].combine_chunks()
    if len(page) != 1 or page.null_count:
        raise pa.ArrowInvalid("one document is expected")
    found = dict(zip(page.type.names, page.flatten(), strict=True))
    return {name: a if name == "value" else a[0].as_py() for name, a in found.items()}


def _schema(table: Table, *, wide: bool) -> pa.Schema:
    fields = [pa.field(column.field, _kind(column, wide=wide)) for column in table.columns]
    row = pa.struct([*fields, (ETAG, pa.string()), (CONTEXT, pa.string())])
    page = [*((name, pa.string()) for name in _TOP), ("value", pa.list_(row))]
    return pa.schema([("page", pa.struct(page))])


def _kind(column: Column, *, wide: bool) -> pa.DataType:
    """As what Arrow reads a column; times come as text and are made of it afterwards."""
    if pa.types.is_temporal(column.arrow):
        return pa.string()
    return WIDE if wide and pa.types.is_decimal(column.arrow) else column.arrow


def _quoted(body: bytes, table: Table) -> bool:
    """Whether a number is sent as a text, which Arrow would take for one."""
    decimals = (c.field for c in table.columns if pa.types.is_decimal(c.arrow))
    return any(_is_text(body, f'"{field}"'.encode()) for field in decimals)


def _is_text(body: bytes, name: bytes) -> bool:
    """Whether a text follows a name somewhere, spaced as it is where the name is first."""
    at = body.find(name)
    colon = _COLON.match(body, at + len(name)) if at >= 0 else None
    return colon is not None and name + colon[0] + b'"' in body


def _named(body: bytes, name: str, array: pa.Array) -> bool:
    """Whether a field was sent at all: Arrow has nulls for one that was not."""
    return array.null_count < len(array) or f'"{name}"'.encode() in body


def _is_deletion(row: Row) -> bool:
    return str(row.get(CONTEXT, "")).endswith(DELETED)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
