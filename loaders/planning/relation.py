"""The rows of a plan as a table of DuckDB: read from the changes models, in writing order.

Parents before children; deletions after everything else, children before parents; a new document
with its lines (`WriteTarget.parts`), as one unit. No row passes through Python.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from loaders.models import OPERATIONS, WriteTarget

CHANGE_COLUMNS = (
    "change_id", "operation", "source_key", "record_key", "record_id", "key_values", "etag",
    "changed_columns", "before", "after", "parents", "agreement",
)  # fmt: skip
ROWS = "planned_rows"
# What is the same for the same intended write; a null is spelled out, as the ledger always did.
INTENDED = ("system", "entity_set", "operation", "key_values", "after")
ORDER = "place, unit, part, operation_rank, record_id, record_key, change_id"
# DuckDB's: what a text's parts are, the number of a row in a table that only grew, digests.
WHOLE = "coalesce(unit, cast(number as varchar))"
UNIT_DIGESTS = f"""
update {ROWS} set idempotency_key =
    left(sha256({ROWS}.idempotency_key || chr(31) || units.digest), 32)
from (
    select unit, left(sha256(string_agg(idempotency_key, chr(31) order by number)), 32) as digest
    from {ROWS} where unit is not null group by unit
) as units
where {ROWS}.unit = units.unit
"""


def make_rows(connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]) -> None:
    """Create the temporary table ROWS: the columns of a plan's file, all of them `planned`.

    A unit's rows have keys that depend on all of it: the same unit of other values is another one.
    """
    connection.execute("set preserve_insertion_order = true")
    connection.execute(f"drop table if exists {ROWS}")
    pieces = [piece for target in targets for piece in _pieces(target, targets)]
    pieces += [_rows(target, "operation = 'delete'") for target in reversed(targets)]
    selects = " union all ".join(
        f"select {place} as place, * from ({piece})" for place, piece in enumerate(pieces)
    )
    connection.execute(
        f"create temp table {ROWS} as select rows.* exclude (place, part, operation_rank), "
        "cast('planned' as varchar) as status, cast(null as varchar) as error_message, "
        f"row_number() over (order by {ORDER}) as number from ({selects}) as rows order by number"
    )
    if any(target.parts for target in targets):
        connection.execute(UNIT_DIGESTS)


def _pieces(target: WriteTarget, targets: Sequence[WriteTarget]) -> list[str]:
    alone = _rows(target, _alone(target, targets))
    return [*_units(target), alone]


def _rows(target: WriteTarget, condition: str) -> str:
    """SQL: rows of one changes model by operation and id (which helps the server's index)."""
    ranks = " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(OPERATIONS))
    rank = f"case operation {ranks} end"
    return _select(target, "cast(null as varchar)", 0, rank, f"{target.relation} where {condition}")


def _units(target: WriteTarget) -> list[str]:
    """SQL: new documents of a target, and their lines."""
    if not target.parts:
        return []
    unit = f"'{target.model}/' || record_key"
    selects = [_select(target, unit, 0, "0", f"{target.relation} where operation = 'create'")]
    for number, part in enumerate(target.parts, start=1):
        selects.append(_select(part, "unit", number, "0", f"({_lines(target, part)})"))
    return [" union all ".join(selects)]


def _select(target: WriteTarget, unit: str, part: int, rank: str, relation: str) -> str:
    own = {
        "model": target.model,
        "flow": target.flow,
        "system": target.system,
        "entity_set": target.entity_set,
    }
    values = {**own, **dict.fromkeys(CHANGE_COLUMNS)}
    columns = ", ".join(f'cast({_value(n, v)} as varchar) as "{n}"' for n, v in values.items())
    texts = (_text(own[name]) if name in own else f'"{name}"' for name in INTENDED)
    key = " || chr(31) || ".join(f"coalesce(cast({text} as varchar), 'None')" for text in texts)
    return (
        f"select {columns}, {unit} as unit, {part} as part, {rank} as operation_rank, "
        f"left(sha256({key}), 32) as idempotency_key from {relation}"
    )


def _value(name: str, value: str | None) -> str:
    return f'"{name}"' if value is None else _text(value)


def _text(value: str) -> str:
    return f"'{value}'"


def _lines(target: WriteTarget, part: WriteTarget) -> str:
    """SQL: rows to create that are lines of documents to create, with their `unit`."""
    return (
        f"select '{target.model}/' || document.record_key as unit, line.* from "
        f"(select *, unnest(from_json(parents, '[\"varchar\"]')) as parent from {part.relation}) "
        f"as line inner join {target.relation} as document "
        f"on line.parent = '{target.name}/' || document.record_key "
        "where line.operation = 'create' and document.operation = 'create'"
    )


def _alone(target: WriteTarget, documents: Sequence[WriteTarget]) -> str:
    """SQL: not a row of a unit."""
    if target.parts:
        return "operation not in ('create', 'delete')"
    units = [_lines(document, target) for document in documents if target in document.parts]
    within = "".join(f" and record_key not in (select record_key from ({sql}))" for sql in units)
    return f"operation <> 'delete'{within}"


def keep_first(connection: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Leave the first rows; no unit is cut: the one in which the limit falls is whole."""
    connection.execute(
        f"delete from {ROWS} where number > (select coalesce(max(number), 0) from {ROWS} where "
        f"{WHOLE} = (select {WHOLE} from {ROWS} where number = ?))"
        f" and number > ?",
        [limit, limit],
    )


def keep_only(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Leave the rows of which a condition is true, numbered anew."""
    connection.execute(
        f"create temp table kept_rows as select * exclude (number), "
        f"row_number() over (order by number) as number from {ROWS} where {condition} "
        "order by number"
    )
    connection.execute(f"drop table {ROWS}")
    connection.execute(f"alter table kept_rows rename to {ROWS}")
