"""The rows of a plan: read from the changes models, in the order in which they are written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import count
from typing import Any

import duckdb

from loaders.clock import stamp
from loaders.models import OPERATIONS, Plan, WriteTarget

CHANGE_COLUMNS = (
    "change_id", "operation", "source_key", "record_key", "record_id", "key_values", "etag",
    "changed_columns", "before", "after", "parents",
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
    """Parents before children; deletions after everything else, children before parents."""
    for target in targets:
        yield from _rows(connection, target, "operation <> 'delete'")
    for target in reversed(targets):
        yield from _rows(connection, target, "operation = 'delete'")


def _rows(
    connection: duckdb.DuckDBPyConnection, target: WriteTarget, condition: str
) -> Iterator[Row]:
    """Rows of one changes model by wave, operation and id (which helps the server's index)."""
    ranks = " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(OPERATIONS))
    quoted = ", ".join(f'"{column}"' for column in CHANGE_COLUMNS)
    waves = _waves(connection, target)
    cursor = connection.cursor().execute(
        f"select {quoted} from {target.relation} where {condition} "
        f"order by case operation {ranks} end, record_id, record_key, change_id"
    )
    rows = (_row(target, values, waves) for page in _pages(cursor) for values in page)
    yield from sorted(rows, key=lambda row: int(row["wave"])) if waves else rows


def _pages(cursor: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while page := cursor.fetchmany(10_000):
        yield page


def _row(target: WriteTarget, values: tuple[Any, ...], waves: Mapping[str, int]) -> Row:
    row = dict(zip(CHANGE_COLUMNS, values, strict=True))
    return {
        **row,
        "model": target.model,
        "flow": target.flow,
        "system": target.system,
        "entity_set": target.entity_set,
        "wave": waves.get(row["record_key"], 0),
    }


def _waves(connection: duckdb.DuckDBPyConnection, target: WriteTarget) -> dict[str, int]:
    """How many records of the same target must be there first (a record's parent record).

    A circle of references gets no order: its members go out together, and the service decides.
    """
    prefix = f"{target.name}/"
    sorter: TopologicalSorter[str] = TopologicalSorter()
    rows = connection.execute(
        f"select record_key, parents from {target.relation} where contains(parents, ?)", [prefix]
    ).fetchall()
    for record_key, parents in rows:
        mine = (parent for parent in json.loads(parents) if parent.startswith(prefix))
        sorter.add(record_key, *(parent.removeprefix(prefix) for parent in mine))
    try:
        sorter.prepare()
    except CycleError:
        return {}
    waves: dict[str, int] = {}
    for wave in count():
        if not sorter.is_active():
            return waves
        ready = sorter.get_ready()
        waves.update(dict.fromkeys(ready, wave))
        sorter.done(*ready)
    return waves


def writes(
    plan: Plan,
    rows: Iterator[Row],
    absent: frozenset[str] = frozenset(),
    given_up: Mapping[str, str] | None = None,
) -> Iterator[Row]:
    """Rows of the ledger for a plan.

    A row that needs one of the `absent` records is planned as blocked; one whose idempotency key is
    among the `given_up` (key: what was said last) as set aside, so that it counts but is not sent.
    """
    planned_at = stamp(plan.created_at)
    for number, row in enumerate(rows, start=1):
        key = idempotency_key(row)
        status, message = _standing(row, key, absent, given_up or {})
        yield {
            "status": status,
            "error_message": message,
            **row,
            "write_id": f"{plan.plan_id}-{number:06}",
            "run_id": plan.run_id,
            "plan_id": plan.plan_id,
            "idempotency_key": key,
            "attempts": 0,
            "planned_at": planned_at,
        }


def _standing(
    row: Row, key: str, absent: frozenset[str], given_up: Mapping[str, str]
) -> tuple[str, str | None]:
    if key in given_up:
        return "set_aside", given_up[key]
    if missing := missing_parent(row, absent):
        return "blocked", f"{missing} does not exist, and this plan does not create it."
    return "planned", None


def missing_parent(row: Row, absent: frozenset[str]) -> str | None:
    """The first record this one refers to that is not there, as `<system>.<set>/<record key>`."""
    if not absent or not row["parents"]:
        return None
    return next((parent for parent in json.loads(row["parents"]) if parent in absent), None)


def idempotency_key(row: Mapping[str, Any]) -> str:
    """The same for the same intended write, in whichever plan it stands."""
    names = ("system", "entity_set", "operation", "key_values", "after")
    return hashlib.sha256("\x1f".join(str(row[name]) for name in names).encode()).hexdigest()[:32]
