"""Values between JSON and the store: F&O has no null, so empty has a form in each type
(protocols B6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from p2c_sandbox.finops.errors import FinopsError, field_invalid
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.media import number_in
from p2c_sandbox.odata.model import Column, Service, Table, Value

EMPTY_DATE = "1900-01-01T12:00:00Z"
EMPTY_MOMENT = "1900-01-01T00:00:00Z"
EDM = {
    "string": "Edm.String",
    "decimal": "Edm.Decimal",
    "int": "Edm.Int32",
    "bigint": "Edm.Int64",
    "datetime": "Edm.DateTimeOffset",
}
_INT_RANGE = {"int": 2**31, "bigint": 2**63}


def empty(column: Column, service: Service) -> Value:
    """How "nothing" looks in this column."""
    if column.default is not None:
        return column.default
    if column.type == "enum":
        return next(iter(service.enums[str(column.enum)]))
    if column.type == "datetime":
        return EMPTY_DATE if column.date_only else EMPTY_MOMENT
    if column.type == "decimal":
        return Decimal(0)
    return 0 if column.type in ("int", "bigint") else ""


def empty_row(table: Table, service: Service) -> dict[str, Value]:
    """A row of a table with nothing in it."""
    return {column.name: empty(column, service) for column in table.columns.values()}


def key_form(column: Column, value: Value) -> Value:
    """A value of a key in a URL as the store holds it. Raises ValueError when it is no date."""
    if column.name == "dataAreaId":
        return str(value).lower()
    return _moment(column, str(value)) if column.type == "datetime" else value


def _moment(column: Column, text: str) -> str:
    """A date is kept at noon, so that no time zone moves it to another day (protocols B6)."""
    moment = datetime.fromisoformat(text)
    if column.date_only:
        return f"{moment:%Y-%m-%d}T12:00:00Z"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Reader:
    """Turns a JSON body into column values; raises FinopsError where a value is not one."""

    def __init__(self, service: Service, settings: FinopsSettings) -> None:
        self.service = service
        self.settings = settings
        self.readers: Mapping[str, Callable[[Column, object], Value]] = {
            "string": self._string,
            "decimal": self._decimal,
            "int": self._integer,
            "bigint": self._integer,
            "datetime": self._datetime,
            "enum": self._enum,
        }

    def row(self, table: Table, body: object) -> dict[str, Value]:
        """The columns a body gives; annotations (`@odata.type` and others) are left out."""
        if not isinstance(body, dict):
            raise FinopsError("The request body is not a JSON object.")
        columns, sent = table.by_wire, {}
        for name, value in body.items():
            if "@" in name:
                continue
            if (column := columns.get(name)) is None:
                raise _unknown(table, name, self.service.namespace)
            if value is None and self._null_is_ignored(column):
                continue
            sent[name] = self.value(table, column, value)
        return sent

    def value(self, table: Table, column: Column, value: object) -> Value:
        """One value, checked and in its stored form."""
        if value is None:
            return empty(column, self.service)
        if column.type in ("decimal", "bigint"):
            value = number_in(value)
        read = self.readers[column.type](column, value)
        if column.length is not None and isinstance(read, str) and len(read) > column.length:
            return self._too_long(table, column, read)
        return read

    def _null_is_ignored(self, column: Column) -> bool:
        if column.type in ("string", "enum"):
            return self.settings.null_value == "ignored"
        if self.settings.other_null == "clears":
            return False
        raise FinopsError(
            f"A null value was found for the property named '{column.name}', which has the "
            f"expected type '{EDM[column.type]}[Nullable=False]'. The expected type "
            f"'{EDM[column.type]}[Nullable=False]' does not allow null values."
        )

    def _too_long(self, table: Table, column: Column, text: str) -> str:
        if self.settings.long_text == "cut":
            return text[: column.length]
        line = f"Field '{column.label or column.name}' takes {column.length} characters at most."
        raise field_invalid(table.label or table.entity, [column.name], [line])

    def _string(self, column: Column, value: object) -> str:
        if not isinstance(value, str):
            raise _unreadable(column, value)
        # A company is compared without case and always sent in lower case (protocols B2).
        return value.lower() if column.name == "dataAreaId" else value

    def _decimal(self, column: Column, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _unreadable(column, value)
        number = Decimal(value)
        scaled = number.quantize(Decimal(1).scaleb(-column.scale), ROUND_HALF_UP)
        if abs(scaled) * 10**column.scale >= 2**63:
            raise _unreadable(column, value)
        return scaled

    def _integer(self, column: Column, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _unreadable(column, value)
        if not -_INT_RANGE[column.type] <= value < _INT_RANGE[column.type]:
            raise _unreadable(column, value)
        return value

    def _datetime(self, column: Column, value: object) -> str:
        try:
            return _moment(column, str(value))
        except ValueError:
            raise _unreadable(column, value) from None

    def _enum(self, column: Column, value: object) -> str:
        if value not in self.service.enums[str(column.enum)]:
            raise FinopsError(
                f"Requested value '{value}' was not found: the members of {column.enum} are "
                f"{', '.join(self.service.enums[str(column.enum)])}."
            )
        return str(value)


def _unknown(table: Table, name: str, namespace: str) -> FinopsError:
    return FinopsError(
        f"The property '{name}' does not exist on type '{namespace}.{table.entity}'. "
        "Make sure to only use property names that are defined by the type."
    )


def _unreadable(column: Column, value: object) -> FinopsError:
    return FinopsError(
        f"Cannot convert the literal '{value}' to the expected type '{EDM[column.type]}' "
        f"of the property '{column.name}'."
    )
