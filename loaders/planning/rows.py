"""The rows of a plan: read from the changes models, in the order in which they are written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import duckdb

from loaders.clock import stamp
from loaders.models import OPERATIONS, Plan, WriteTarget
from loaders.units import together

CHANGE_COLUMNS = (
    "change_id", "operation", "source_key", "record_key", "record_id", "key_values", "etag",
    "changed_columns", "before", "after", "parents", "agreement",
)  # fmt: skip
Row = dict[str, Any]


def to_be_created(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> frozenset[str]:
    """Records that do not exist yet and that targets outside the plan would create."""
    records: set[str] = set()
    for target in targets:
        rows = connection.execute(
            f"select record_key from {target.relation} where operation = 'create'"
        ).fetchall()
        records.update(f"{target.name}/{key}" for (key,) in rows)
    return frozenset(records)


def all_rows(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]
) -> Iterator[Row]:
    """Parents before children; deletions after everything else, children before parents.

    A new document comes with its lines (`WriteTarget.parts`), as one unit.
    """
    for target in targets:
        yield from _units(connection, target)
        yield from _rows(connection, target, _alone(target, targets))
    for target in reversed(targets):
        yield from _rows(connection, target, "operation = 'delete'")


def _rows(
    connection: duckdb.DuckDBPyConnection, target: WriteTarget, condition: str
) -> Iterator[Row]:
    """Rows of one changes model by operation and id (which helps the server's index)."""
    ranks = " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(OPERATIONS))
    cursor = connection.cursor().execute(
        f"select {_columns()}, null as unit from {target.relation} where {condition} "
        f"order by case operation {ranks} end, record_id, record_key, change_id"
    )
    for values in _fetched(cursor):
        row = _row(target, values)
        yield {**row, "idempotency_key": idempotency_key(row)}


def _units(connection: duckdb.DuckDBPyConnection, target: WriteTarget) -> Iterator[Row]:
    """New documents of a target with their lines; the same unit of other values is another one."""
    if not target.parts:
        return
    selects = [
        f"select 0 as part, '{target.model}/' || record_key as unit, {_columns()} "
        f"from {target.relation} where operation = 'create'"
    ]
    for number, part in enumerate(target.parts, start=1):
        selects.append(f"select {number}, unit, {_columns()} from ({_lines(target, part)})")
    cursor = connection.cursor().execute(
        f"select part, {_columns()}, unit from ({' union all '.join(selects)}) "
        "order by unit, part, record_id, record_key, change_id"
    )
    targets = (target, *target.parts)
    rows = (_row(targets[part], values) for part, *values in _fetched(cursor))
    for members in together(rows, lambda row: row["unit"]):
        digest = _digest(idempotency_key(row) for row in members)
        yield from (
            {**r, "idempotency_key": _digest((idempotency_key(r), digest))} for r in members
        )


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


def _columns() -> str:
    return ", ".join(f'"{column}"' for column in CHANGE_COLUMNS)


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while page := cursor.fetchmany(10_000):
        yield from page


def _row(target: WriteTarget, values: Sequence[Any]) -> Row:
    return {
        **dict(zip((*CHANGE_COLUMNS, "unit"), values, strict=True)),
        "model": target.model,
        "flow": target.flow,
        "system": target.system,
        "entity_set": target.entity_set,
    }


def writes(
    plan: Plan,
    rows: Iterator[Row],
    absent: frozenset[str] = frozenset(),
    to_quarantine: Mapping[str, str] | None = None,
    in_doubt: Mapping[tuple[str, str], str] | None = None,
) -> Iterator[Row]:
    """Rows of the ledger for a plan.

    A row that needs one of the `absent` records is planned as blocked, and so is one of a record
    that is `in_doubt` ((model, record key): why); one whose idempotency key is in `to_quarantine`
    ({key: reason}) as quarantined, so that it counts but is not sent. Its unit goes with it.
    """
    planned_at = stamp(plan.created_at)
    numbers = count(1)
    for members in together(rows, lambda row: row.get("unit")):
        standing = _standing(members, absent, to_quarantine or {}, in_doubt or {})
        for row in members:
            yield {
                **standing,
                "idempotency_key": idempotency_key(row),
                **row,
                "write_id": f"{plan.plan_id}-{next(numbers):06}",
                "run_id": plan.run_id,
                "plan_id": plan.plan_id,
                "attempts": 0,
                "planned_at": planned_at,
            }


def _standing(
    members: Sequence[Row],
    absent: frozenset[str],
    to_quarantine: Mapping[str, str],
    in_doubt: Mapping[tuple[str, str], str],
) -> dict[str, str | None]:
    """Status and message of rows that are written all or none: what keeps one back, keeps all."""
    for row in members:
        if doubt := in_doubt.get((row["model"], row["record_key"])):
            return {"status": "blocked", "error_message": doubt}
    for row in members:
        if reason := to_quarantine.get(row.get("idempotency_key") or idempotency_key(row)):
            where = f"{row['record_key']}: " if len(members) > 1 else ""
            return {"status": "quarantined", "error_message": where + reason}
    for row in members:
        if missing := missing_parent(row, absent):
            message = f"{missing} does not exist, and this plan does not create it."
            return {"status": "blocked", "error_message": message}
    return {"status": "planned", "error_message": None}


def missing_parent(row: Row, absent: frozenset[str]) -> str | None:
    """The first record this one refers to that is not there, as `<system>.<set>/<record key>`."""
    if not absent or not row["parents"]:
        return None
    return next((parent for parent in json.loads(row["parents"]) if parent in absent), None)


def idempotency_key(row: Mapping[str, Any]) -> str:
    """The same for the same intended write, in whichever plan it stands."""
    names = ("system", "entity_set", "operation", "key_values", "after")
    return _digest(str(row[name]) for name in names)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:32]
