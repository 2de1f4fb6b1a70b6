"""Whether a record read back holds what was written. Only for answers that got lost, and to verify:
what differs between the systems is computed in SQL, never here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loaders.models import Column, WriteTarget
from loaders.services.payload import column_of, family, wire_value

NO_DATE = "1900-01-01"


@dataclass(frozen=True)
class Record:
    """A record as the service has it now, in its own JSON."""

    etag: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read back: why, and whether another try may help."""

    message: str
    again: bool = False


Found = Record | Unreadable | None  # None: there is no such record


def differences(target: WriteTarget, wanted: Mapping[str, Any], record: Record) -> list[str]:
    """What the record does not hold of what was written: `name is 'B', not 'A'`."""
    return described(wanted, not_held(target, wanted, record))


def not_held(target: WriteTarget, wanted: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """{column: what the record holds} of the columns that do not hold what is wanted.

    What the service computes by itself was only its first value (`compare: never`).
    """
    found = {}
    for name, value in wanted.items():
        column = column_of(target, name)
        if column.compare == "never":
            continue
        actual = record.values.get(column.held_as)
        if not _same(column, value, actual, target.system):
            found[name] = actual
    return found


def _same(column: Column, wanted: object, actual: object, system: str) -> bool:
    """What cannot be compared (text in a number, a date that is none) is not the same."""
    try:
        return _canonical(column, wanted, system) == _canonical(column, actual, system)
    except (ValueError, TypeError, ArithmeticError):
        return False


def described(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """One piece of text for each column."""
    return [f"{name} is {_text(value)}, not {_text(wanted[name])}" for name, value in found.items()]


def _text(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _canonical(column: Column, value: object, system: str) -> object:
    """One form for each value, with all forms of empty as None (protocols B6)."""
    kind = "text" if column.lookup else family(column.data_type)
    if value is None or value in ("", column.empty) or _is_no_date(kind, value):
        return None
    if kind in ("int", "decimal"):
        number = Decimal(str(value))
        return None if system == "finops" and number == 0 else number
    if kind == "timestamp":
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind == "date":
        return str(value)[:10]
    if column.lookup or column.compare == "lower":
        return str(value).lower()
    return wire_value(column, value, system)


def _is_no_date(kind: str, value: object) -> bool:
    return kind in ("timestamp", "date") and str(value).startswith(NO_DATE)
