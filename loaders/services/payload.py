"""From a change's JSON to the body each service takes, by the declared type of every column.

Sales takes null for "empty" (protocols A12), F&O has no null: an empty string, 0 or 1900-01-01
stands for it; on create an empty property is left out so that its default logic runs
(protocols B4, B6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from loaders.models import Column, WriteTarget

Json = Mapping[str, Any]
NO_DATE = "1900-01-01T00:00:00Z"
FAMILIES = {
    **dict.fromkeys(("varchar", "text", "string", "char", "uuid"), "text"),
    **dict.fromkeys(("integer", "int", "bigint", "smallint", "tinyint", "hugeint"), "int"),
    **dict.fromkeys(("decimal", "numeric", "double", "float", "real"), "decimal"),
    **dict.fromkeys(("boolean", "bool"), "bool"),
    **dict.fromkeys(("timestamp", "timestamptz", "datetime"), "timestamp"),
    "date": "date",
    "json": "json",
}
FINOPS_EMPTY: Mapping[str, Any] = {
    "text": "",
    "int": 0,
    "decimal": 0,
    "bool": False,
    "timestamp": NO_DATE,
    "date": NO_DATE,
    "json": "",
}


class EncodeError(ValueError):
    """A value that does not fit its column's declared type: the row is rejected before sending."""

    def __init__(self, column: str, value: object, expected: str) -> None:
        self.column, self.value = column, value
        super().__init__(
            f"Column {column} has {value!r}, which is no {expected}. "
            "The target model declares the type: change the value there or the declaration."
        )


def family(data_type: str) -> str:
    """The kind of a dbt data_type, length and precision aside; text when it is unknown."""
    return FAMILIES.get(data_type.split("(", maxsplit=1)[0].split(maxsplit=1)[0], "text")


def wire_value(column: Column, value: object, system: str) -> object:
    """One value as the service's JSON has it, null left as None. Raises EncodeError."""
    if value is None:
        return None
    kind = family(column.data_type)
    try:
        return _ENCODERS[kind](value, system)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise EncodeError(column.name, value, kind) from error


def column_of(target: WriteTarget, name: str) -> Column:
    """The declared column; the value of one that is not declared goes out as its JSON has it."""
    return target.columns.get(name) or Column(name, "json")


def sales_key(key_values: Json) -> str:
    """`(<guid>)`: rows in Sales are addressed by primary key, the id is assigned before writing."""
    return f"({next(iter(key_values.values()))})"


def finops_key(target: WriteTarget, key_values: Json) -> str:
    """`(dataAreaId='usmf',Number='1')`: every key field, quoted, typed and URL-encoded
    (protocols B2)."""
    pairs = (f"{name}={key_literal(target, name, key_values[name])}" for name in target.key)
    return f"({','.join(pairs)})"


def key_literal(target: WriteTarget, name: str, value: object) -> str:
    """An OData literal, safe in a URL: text quoted with `'` doubled, all else bare."""
    encoded = wire_value(column_of(target, name), value, "finops")
    if isinstance(encoded, str) and family(column_of(target, name).data_type) in ("text", "json"):
        return "'" + quote(encoded.replace("'", "''"), safe="") + "'"
    return quote(str(encoded), safe="")


def finops_empty(column: Column) -> object:
    """What null is in F&O (protocols B6)."""
    return FINOPS_EMPTY[family(column.data_type)] if column.empty is None else column.empty


def _json(value: object, _: str) -> object:
    return value


def _text(value: object, _: str) -> str:
    if isinstance(value, (dict, list, bool)):
        raise ValueError(value)
    return str(value)


def _int(value: object, _: str) -> int:
    number = Decimal(str(value))
    if number != number.to_integral_value() or isinstance(value, bool):
        raise ValueError(value)
    return int(number)


def _decimal(value: object, _: str) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def _bool(value: object, _: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _timestamp(value: object, _: str) -> str:
    moment = datetime.fromisoformat(str(value))
    moment = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return f"{moment.isoformat()}Z"


def _date(value: object, system: str) -> str:
    day = date.fromisoformat(str(value)[:10]).isoformat()
    return f"{day}T12:00:00Z" if system == "finops" else day


_ENCODERS: Mapping[str, Callable[[object, str], object]] = {
    "text": _text,
    "int": _int,
    "decimal": _decimal,
    "bool": _bool,
    "timestamp": _timestamp,
    "date": _date,
    "json": _json,
}
