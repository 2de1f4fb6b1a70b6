"""Values to Arrow columns, exactly: Decimal stays Decimal, times are UTC, nothing is guessed.

Columns are converted whole. Only a column the fast way refuses is looked at value by value: for
numbers with more digits than declared (F&O sends reals with 16 significant places, protocols B6)
and for the rarer spellings of dates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .errors import UnexpectedValue
from .tables import ETAG, Column, Table

Row = dict[str, Any]
Values = list[Any]

_EXACT = Context(prec=76, rounding=ROUND_HALF_UP)
REFUSALS = (pa.ArrowException, TypeError, ValueError, OverflowError, DecimalException)

# Where pandas is installed, pyarrow imports it with the first array. Here that happens before dlt's
# threads start: another thread would find it half imported ("pandas has no attribute 'DataFrame'").
pa.array([0])


def to_arrow(rows: Sequence[Row], table: Table) -> pa.Table:
    """One page as an Arrow table of `table.schema`, deleted_at null.

    Raises UnexpectedValue where a value does not fit the declared type, or a key is empty.
    """
    arrays = [
        _array([row.get(column.field) for row in rows], column, table) for column in table.columns
    ]
    etags = pa.array([_text(row.get(ETAG)) for row in rows], pa.string())
    alive = pa.nulls(len(rows), table.schema.field("deleted_at").type)
    return pa.Table.from_arrays([*arrays, etags, alive], schema=table.schema)


def column_of(values: pa.Array, column: Column) -> pa.Array:
    """A column as Arrow's JSON reader made it: times as text, decimals with any number of places.

    Raises one of REFUSALS where a value does not fit the declared type.
    """
    if pa.types.is_timestamp(column.arrow):
        return _parsed(values, column.arrow, _instant)
    if pa.types.is_date(column.arrow):
        return _parsed(values, column.arrow, _day)
    if pa.types.is_decimal(column.arrow) and values.type != column.arrow:
        half_up = "half_towards_infinity"
        rounded = pc.round(values, ndigits=column.arrow.scale, round_mode=half_up)
        return rounded.cast(column.arrow)
    return values


def latest(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """One row for each key: the one sent last.

    Pages are not a snapshot: a row can be sent again when others are inserted before it, or when
    it is changed meanwhile (protocols A4, B3).
    """
    numbered = rows.append_column("_sent", pa.array(range(rows.num_rows), pa.int64()))
    last = numbered.group_by(list(key), use_threads=False).aggregate([("_sent", "max")])
    if last.num_rows == rows.num_rows:
        return rows
    sent = last["_sent_max"]
    return rows.take(sent.take(pc.sort_indices(sent)))


def with_load_id(rows: pa.Table, load_id: str) -> pa.Table:
    """The rows with dlt's `_dlt_load_id` column, which dlt itself does not give to Arrow tables."""
    ids = pa.repeat(pa.scalar(load_id, pa.string()), rows.num_rows)
    return rows.append_column(pa.field("_dlt_load_id", pa.string(), nullable=False), ids)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _array(values: Values, column: Column, table: Table) -> pa.Array:
    try:
        array = _convert(values, column.arrow)
    except REFUSALS:
        raise _unexpected(values, column, table) from None
    if array.null_count and column.name in table.key:
        raise UnexpectedValue(table.system, table.name, column.name, "key", None)
    return array


def _convert(values: Values, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return _parsed(pa.array(values, pa.string()), kind, _instant)
    if pa.types.is_date(kind):
        return _parsed(pa.array(values, pa.string()), kind, _day)
    if pa.types.is_decimal(kind):
        return _decimals(values, kind)
    if pa.types.is_integer(kind) and any(isinstance(value, Decimal | bool) for value in values):
        raise ValueError("a whole number was declared")  # Arrow would cut off the fraction
    return pa.array(values, kind)


def _parsed(texts: pa.Array, kind: pa.DataType, parse: Callable[[str], object]) -> pa.Array:
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        values = [None if text is None else parse(text) for text in texts.to_pylist()]
        return pa.array(values, kind)


def _instant(text: str) -> datetime:
    """A time without offset is UTC; a date is its midnight (protocols A12)."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _day(text: str) -> date:
    """The date part as sent, never shifted by a zone (protocols B6)."""
    return datetime.fromisoformat(text).date()


def _decimals(values: Values, kind: pa.Decimal128Type) -> pa.Array:
    if any(isinstance(value, bool) for value in values):
        raise ValueError("a number was declared")
    try:
        return pa.array(values, kind)
    except pa.ArrowInvalid:
        unit = Decimal(1).scaleb(-kind.scale)
        return pa.array(
            [
                None if value is None else Decimal(value).quantize(unit, context=_EXACT)
                for value in values
            ],
            kind,
        )


def _unexpected(values: Values, column: Column, table: Table) -> UnexpectedValue:
    value = next(value for value in values if not _fits(value, column.arrow))
    return UnexpectedValue(table.system, table.name, column.name, column.declared, value)


def _fits(value: object, kind: pa.DataType) -> bool:
    try:
        _convert([value], kind)
    except REFUSALS:
        return False
    return True
