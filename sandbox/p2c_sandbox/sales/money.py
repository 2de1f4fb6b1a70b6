"""Money: decimals by precision source, exchange rate, `_base` columns (protocols A12)."""

from __future__ import annotations

from decimal import Decimal

from p2c_sandbox.odata.model import Column, Row, Table
from p2c_sandbox.odata.values import rounded
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused

_BASE_SCALE = 4


class MoneyColumns:
    """The money and decimal columns of one table."""

    def __init__(self, table: Table) -> None:
        columns = [c for c in table.columns.values() if c.is_scaled]
        self.entity = table.entity
        self.with_currency = "exchangerate" in table.columns and table.set != _CURRENCIES
        self.money = [c for c in columns if c.type == "money" and not c.name.endswith("_base")]
        self.decimals = [c for c in columns if c.type == "decimal"]
        self.names = {c.name for c in columns}

    def derive(self, call: Call, row: Row, before: Row | None = None) -> None:
        """Round what was sent and compute `exchangerate` and the `_base` columns in `row`."""
        if before is None and self.with_currency:
            self._default_currency(call, row)
        moved = before is None or "transactioncurrencyid" in row
        if not moved and not (row.keys() & self.names):
            return
        for column in self.decimals:
            if isinstance(value := row.get(column.name), Decimal):
                row[column.name] = self._fit(call, column, value, column.scale)
        currency = (row if moved or before is None else before).get("transactioncurrencyid")
        for column in self.money:
            if isinstance(value := row.get(column.name), Decimal):
                row[column.name] = self._fit(call, column, value, _scale(call, column, currency))
        if self.with_currency:
            self._convert(call, row, before, moved=moved)

    def _default_currency(self, call: Call, row: Row) -> None:
        """A row with an amount has a currency: the base currency when none was sent."""
        if row.get("transactioncurrencyid") is None and any(
            row.get(column.name) is not None for column in self.money
        ):
            row["transactioncurrencyid"] = call.organization["basecurrencyid"]

    def _convert(self, call: Call, row: Row, before: Row | None, *, moved: bool) -> None:
        if moved:
            currency = row.get("transactioncurrencyid")
            row["exchangerate"] = call.exchange_rate(currency) if currency else None
        rate = (row if moved or before is None else before).get("exchangerate")
        rate = rate if isinstance(rate, Decimal) and rate else Decimal(1)
        for column in self.money:
            if column.name in row or (moved and before is not None):
                value = row.get(column.name, (before or {}).get(column.name))
                base = rounded(value / rate, _BASE_SCALE) if isinstance(value, Decimal) else None
                row[f"{column.name}_base"] = base

    def _fit(self, call: Call, column: Column, value: Decimal, scale: int) -> Decimal:
        """More decimals than allowed are rounded, or refused by a switch (part E line 3)."""
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent >= -scale:
            return value
        if call.settings.extra_decimals == "refuse" and rounded(value, scale) != value:
            raise refused(
                "0x80044330",
                f"A validation error occurred. The value of '{column.name}' on record of type "
                f"'{self.entity}' has more than {scale} decimals.",
            )
        return rounded(value, scale)


_CURRENCIES = "transactioncurrencies"


def _scale(call: Call, column: Column, currency: object) -> int:
    """0 = the column's own precision, 1 = organisation pricing, 2 = the currency."""
    if column.precision_source == 1:
        return int(call.organization["pricingdecimalprecision"] or 0)
    if column.precision_source == 2:
        return call.currency_precision(str(currency) if currency else None)
    return column.scale
