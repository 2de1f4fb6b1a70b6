"""JSON values of a body as column values, with the checks and codes of protocols A11 and A12."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from p2c_sandbox.odata.errors import BadRequest, ServiceError
from p2c_sandbox.odata.media import number_in
from p2c_sandbox.odata.model import Column, Value
from p2c_sandbox.odata.values import INT64_MAX
from p2c_sandbox.sales.errors import refused

Reader = Callable[[object], Value]
_MIN_YEAR = 1753  # protocols A12


def reader(entity: str, column: Column) -> Reader:
    """Function from a JSON value (never null) to the column's value. It raises ServiceError."""
    if column.type == "string":
        return _string_reader(entity, column)
    checks: dict[str, Callable[[str, Column, object], Value]] = {
        "money": _decimal,
        "decimal": _decimal,
        "int": _integer,
        "bigint": _integer,
        "bool": _boolean,
        "datetime": _datetime,
        "date": _date,
        "guid": _guid,
        "choice": _option,
        "state": _option,
        "status": _option,
    }
    return partial(checks[column.type], entity, column)


def _string_reader(entity: str, column: Column) -> Reader:
    """A closure, because strings are most of what bulk messages carry. An empty string is
    stored as null (guess for the last line of protocols A12)."""
    longest = column.length or sys.maxsize

    def read(value: object) -> Value:
        if not isinstance(value, str):
            raise _mismatch(column, value)
        if len(value) > longest:
            raise _too_long(entity, column)
        return value or None

    return read


def _too_long(entity: str, column: Column) -> ServiceError:
    return refused(
        "0x80044331",
        f"A validation error occurred. The length of the '{column.name}' attribute of the "
        f"'{entity}' entity exceeded the maximum allowed length of '{column.length}'.",
    )


def _decimal(entity: str, column: Column, sent: object) -> Value:
    value = number_in(sent)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _mismatch(column, value)
    number = Decimal(value)
    if not _in_range(column, number) or abs(number.scaleb(column.scale)) > INT64_MAX:
        raise _out_of_range("0x80044330", entity, column)
    return number


def _integer(entity: str, column: Column, sent: object) -> Value:
    value = number_in(sent) if column.type == "bigint" else sent
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mismatch(column, value)
    limit = 2**31 if column.type == "int" else 2**63
    if not -limit <= value < limit or not _in_range(column, Decimal(value)):
        raise _out_of_range("0x8004432f", entity, column)
    return value


def _in_range(column: Column, number: Decimal) -> bool:
    below = column.minimum is not None and number < column.minimum
    above = column.maximum is not None and number > column.maximum
    return not (below or above)


def _boolean(_entity: str, column: Column, value: object) -> Value:
    if not isinstance(value, bool):
        raise _mismatch(column, value)
    return value


def _datetime(entity: str, column: Column, value: object) -> Value:
    """Whole seconds, UTC; a value without offset is read as UTC (protocols A12)."""
    if not isinstance(value, str):
        raise _mismatch(column, value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _mismatch(column, value) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if moment.year < _MIN_YEAR:
        raise _too_early(entity, column)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(entity: str, column: Column, value: object) -> Value:
    if not isinstance(value, str):
        raise _mismatch(column, value)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise _mismatch(column, value) from error
    if day.year < _MIN_YEAR:
        raise _too_early(entity, column)
    return day.isoformat()


def _guid(_entity: str, column: Column, value: object) -> Value:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as error:
        raise _mismatch(column, value) from error


def _option(entity: str, column: Column, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mismatch(column, value)
    if value not in column.options:
        accepted = ",".join(str(number) for number in column.options)
        raise refused(
            "0x8004431a",
            f"A validation error occurred. The value {value} of '{column.name}' on record of type "
            f"'{entity}' is outside the valid range. Accepted Values: {accepted}",
        )
    return value


def _mismatch(column: Column, value: object) -> BadRequest:
    return BadRequest(
        f"Cannot convert the literal '{value}' of property '{column.name}' to the expected type "
        f"'{column.edm}'."
    )


def _out_of_range(code: str, entity: str, column: Column) -> ServiceError:
    return refused(
        code,
        f"A validation error occurred. The value of '{column.name}' on record of type '{entity}' "
        "is outside the valid range.",
    )


def _too_early(entity: str, column: Column) -> ServiceError:
    return refused(
        "0x80040239",
        f"DateTime is less than minimum value supported by CrmDateTime: '{column.name}' of "
        f"'{entity}' must not be before 1753-01-01.",
    )
