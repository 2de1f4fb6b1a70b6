"""Rows of a table as CSV-Unicode: UTF-16 LE with its mark, CRLF, commas, `"` doubled
(protocols B8)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from p2c_sandbox.finops.company import COMPANY, LISTED
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.filters import Sql
from p2c_sandbox.odata.model import Column, Table
from p2c_sandbox.odata.store import Store

PIECE = 2_000  # rows that are in memory at once


def columns_of(table: Table, settings: FinopsSettings) -> list[Column]:
    """Every field of the entity; whether the company is one of them nobody knows."""
    return [
        column
        for column in table.by_wire.values()
        if column.name != COMPANY or settings.package_company == "included"
    ]


def header(column: Column, settings: FinopsSettings) -> str:
    """The name of a field in the file's first line."""
    return column.wire.upper() if settings.package_header == "upper" else column.wire


def wanted(table: Table, company: str, since: int) -> Sql:
    """Rows of one company, or of all where the entity has none, written after a version."""
    terms, values = ["t._version > ?"], [since]
    if COMPANY in table.columns:
        terms.append(f't."{COMPANY}" = ?')
        values.append(company)  # type: ignore[arg-type]
    if LISTED in table.columns:
        terms.append(f"t.\"{LISTED}\" = 'Yes'")
    return Sql(" AND ".join(terms), tuple(values))


def pieces(store: Store, table: Table, settings: FinopsSettings, where: Sql) -> Iterator[bytes]:
    """The file in pieces, its first line in the first one."""
    columns = columns_of(table, settings)
    yield codecs.BOM_UTF16_LE + _lines([[header(column, settings) for column in columns]])
    listed = ", ".join(_cell(column) for column in columns)
    sql = (
        f'SELECT t._id, {listed} FROM "{table.storage}" t WHERE t._id > ? AND {where.text} '
        f"ORDER BY t._id LIMIT {PIECE}"
    )
    last = 0
    while rows := store.execute(sql, (last, *where.params)):
        yield _lines([row[1:] for row in rows])
        last = rows[-1][0]


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-16-le")


def _cell(column: Column) -> str:
    """A value as text, by SQL; an empty date is an empty field."""
    name = f't."{column.stored}"'
    if column.type == "datetime":
        moment = "'00:00:00'" if column.date_only else f"substr({name}, 12, 8)"
        text = f"substr({name}, 1, 10) || ' ' || {moment}"
        return f"CASE WHEN {name} LIKE '1900-01-01%' THEN '' ELSE {text} END"
    if not column.is_scaled:
        return name
    unit = 10**column.scale
    sign = f"CASE WHEN {name} < 0 THEN '-' ELSE '' END"
    rest = f"printf('%0{column.scale}d', abs({name}) % {unit})"
    return f"{sign} || (abs({name}) / {unit}) || '.' || {rest}"
