"""The rows of each layer that hold a record, as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from p2c.warehouse import Reader, Row

LAYERS = ("raw_sales", "raw_finops", "keys", "common", "target")


def layers(warehouse: Reader, names: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Rows of each layer that hold one of the names in a text column, without their nulls.

    Upper and lower case, and braces around an id, do not matter. `limit` caps the rows of each
    table (0: all).
    """
    wanted = called(names)
    found = []
    for schema in LAYERS:
        for table, columns in warehouse.columns(schema).items():
            rows = _matching(warehouse, f'"{schema}"."{table}"', columns, wanted, limit)
            if rows:
                found.append({"schema": schema, "table": table, "rows": rows})
    return found


def _matching(
    warehouse: Reader, relation: str, columns: Sequence[str], names: Sequence[str], limit: int
) -> list[Row]:
    tests = " or ".join(f'list_contains($1, lower("{column}"))' for column in columns)
    cut = f"limit {limit}" if limit else ""
    rows = warehouse.rows(f"select * from {relation} where {tests} {cut}", [list(names)])
    return [_plain(row) for row in rows]


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None and name[:5] != "_dlt_"}


def layers_of_many(warehouse: Reader, names: Set[str]) -> Iterator[tuple[str, Set[str], Row]]:
    """(table with its schema, the names it holds, the row) of each row that holds one of them.

    names: in lower case and without braces, as `called` makes them. Each table is read once,
    however many names there are.
    """
    for schema in LAYERS:
        for table, columns in warehouse.columns(schema).items():
            tests = " or ".join(f'lower("{column}") in (select unnest($1))' for column in columns)
            sql = f'select * from "{schema}"."{table}" where {tests}'
            for row in warehouse.rows(sql, [sorted(names)]):
                held = {str(row[column]).lower() for column in columns} & names
                yield f"{schema}.{table}", held, _plain(row)


def called(names: Iterable[str | None]) -> list[str]:
    """Names as they are looked for, each once: lower case, without braces around an id."""
    return list(dict.fromkeys(name.strip("{}").lower() for name in names if name))
