"""The rows of each layer that hold a record, as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2c.warehouse import Reader, Row

LAYERS = ("raw_sales", "raw_finops", "keys", "common", "target")


def layers(warehouse: Reader, names: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Rows of each layer that hold one of the names in a text column, without their nulls.

    Upper and lower case, and braces around an id, do not matter. `limit` caps the rows of each
    table (0: all).
    """
    called = list(dict.fromkeys(name.strip("{}").lower() for name in names))
    found = []
    for schema in LAYERS:
        for table, columns in warehouse.columns(schema).items():
            rows = _matching(warehouse, f'"{schema}"."{table}"', columns, called, limit)
            if rows:
                found.append({"schema": schema, "table": table, "rows": rows})
    return found


def _matching(
    warehouse: Reader, relation: str, columns: Sequence[str], names: Sequence[str], limit: int
) -> list[Row]:
    tests = " or ".join(f'list_contains($1, lower("{column}"))' for column in columns)
    cut = f"limit {limit}" if limit else ""
    rows = warehouse.rows(f"select * from {relation} where {tests} {cut}", [list(names)])
    return [
        {name: value for name, value in row.items() if value is not None and name[:5] != "_dlt_"}
        for row in rows
    ]
