"""Values of a package's CSV file, from text to the declared type, as OData would send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from ..common.errors import UnexpectedValue
from ..common.tables import Column, Table

NO_DAY = datetime(1900, 1, 1, tzinfo=UTC)  # what F&O has for no date (protocols B6)
NOON = timedelta(hours=12)
# By language of the source format (protocols B8): en-US is what Microsoft's own packages have.
EN_US = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")
WIDE = pa.decimal256(76, 30)


def column_from_text(texts: pa.ChunkedArray, column: Column, table: Table) -> pa.ChunkedArray:
    """Raises UnexpectedValue with the first value that is none of the declared type."""
    kind = column.arrow
    if pa.types.is_string(kind):
        return texts
    filled = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    try:
        return _converted(filled, column, table)
    except (pa.ArrowInvalid, ValueError):
        value = next(text for text in filled if not _fits(text, column, table))
        raise UnexpectedValue(
            table.system, table.name, column.name, column.declared, value.as_py()
        ) from None


def _converted(filled: pa.ChunkedArray, column: Column, table: Table) -> pa.ChunkedArray:
    kind = column.arrow
    if pa.types.is_timestamp(kind):
        assert table.packaged is not None
        return _moments(filled, kind, is_day=column.field in table.packaged.dates)
    if pa.types.is_date(kind):
        return _moments(filled, pa.timestamp("us", "UTC"), is_day=True).cast(kind)
    if pa.types.is_decimal(kind):
        return pc.fill_null(_decimals(filled, kind), pa.scalar(0, kind))
    if pa.types.is_boolean(kind):
        return pc.fill_null(pc.equal(pc.utf8_lower(filled), "yes"), False)
    return pc.fill_null(filled.cast(kind), pa.scalar(0, kind))


def _decimals(filled: pa.ChunkedArray, kind: pa.Decimal128Type) -> pa.ChunkedArray:
    try:
        return filled.cast(kind)
    except pa.ArrowInvalid:  # more decimal places than declared: half up, as for OData
        return pc.round(filled.cast(WIDE), kind.scale, "half_towards_infinity").cast(kind)


def _moments(filled: pa.ChunkedArray, kind: pa.TimestampType, *, is_day: bool) -> pa.ChunkedArray:
    found = _parsed(filled, kind)
    found = pc.fill_null(found, pa.scalar(NO_DAY, kind))
    if not is_day:
        return found
    noon = pc.add(pc.floor_temporal(found, unit="day"), pa.scalar(NOON, pa.duration("us")))
    return noon.cast(kind)


def _parsed(filled: pa.ChunkedArray, kind: pa.TimestampType) -> pa.ChunkedArray:
    """ISO as in `2026-01-31 00:00:00`, or as en-US writes it; UTC."""
    try:
        return filled.cast(pa.timestamp("us")).cast(kind)
    except pa.ArrowInvalid:
        pass
    for form in EN_US:
        found = pc.strptime(filled, form, "us", error_is_null=True)
        if found.null_count == filled.null_count:
            return found.cast(kind)
    return filled.cast(kind)  # with an offset; or the error


def _fits(text: pa.Scalar, column: Column, table: Table) -> bool:
    try:
        _converted(pa.chunked_array([[text.as_py()]], pa.string()), column, table)
    except (pa.ArrowInvalid, ValueError):
        return False
    return True
