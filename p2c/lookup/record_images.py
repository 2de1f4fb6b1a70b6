"""What differs between both systems, column by column, and why it is written or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from p2c.errors import NothingStaged
from p2c.lookup.record_targets import ColumnRule, Compared
from p2c.warehouse import Reader, Row
from pipelines.common.tables import snake_case

Images = tuple[Row, Row, Row]
# Of the comparison, where the model has them.
WRITTEN = ("changed_columns", "parents", "is_first_contact")


def comparison(warehouse: Reader, place: Compared | None, fate: Row) -> Row:
    """The row of the compare model: changed_columns, parents, …; {} when it is not there.

    A model that the manifest has may not be built yet.
    """
    if place is None or fate["source_key"] is None:
        return {}
    sql = f"select * from {place.compare} where source_key = $1 limit 1"
    try:
        rows = warehouse.rows(sql, [fate["source_key"]])
    except NothingStaged:
        return {}
    return {name: rows[0][name] for name in WRITTEN if name in rows[0]} if rows else {}


def differences(
    warehouse: Reader, place: Compared | None, fate: Row, compared: Row
) -> list[dict[str, Any]]:
    """Columns in which both differ: column, source, target, agreed, is_written and why (or null).

    Nothing where the record is in one system only, or where dbt's manifest is missing.
    """
    if place is None or place.held is None or not compared:
        return []
    images = _images(warehouse, place, place.held, fate)
    if not all(images[:2]):
        return []
    written = set(json.loads(compared.get("changed_columns") or "[]"))
    written = written if fate["fate"] == "update" else set()
    found = []
    for column in place.compared:
        source, target, agreed = _values(column, images)
        if _plain(source, column) != _plain(target, column):
            why = None if column.name in written else _why_not(column, images, place, fate)
            found.append(
                {
                    "column": column.name,
                    "source": source,
                    "target": target,
                    "agreed": agreed,
                    "is_written": column.name in written,
                    "why": why,
                }
            )
    return found


def _images(warehouse: Reader, place: Compared, held: str, fate: Row) -> Images:
    """What the target should hold, what it holds, and what both agreed on; {} when not there."""
    same = " and ".join(f'desired."{key}" = held.{snake_case(key)}' for key in place.writes["key"])
    desired = f"select * from {place.desired} as desired where p2c_source_key = $1 limit 1"
    there = (
        f"select held.* from {held} as held join {place.desired} as desired on {same} "
        "where desired.p2c_source_key = $1 and held.deleted_at is null limit 1"
    )
    rows = [warehouse.rows(sql, [fate["source_key"]]) for sql in (desired, there)]
    known = place.agreed in warehouse.tables("ledger")
    agreed = f'select * from ledger."{place.agreed}" where record_key = $1 limit 1'
    rows.append(warehouse.rows(agreed, [fate["record_key"]]) if known else [])
    wanted, holds, memory = (found[0] if found else {} for found in rows)
    return wanted, holds, memory


def _values(column: ColumnRule, images: Images) -> tuple[Any, Any, Any]:
    wanted, holds, memory = images
    return wanted.get(column.name), holds.get(snake_case(column.name)), memory.get(column.name)


def _plain(value: object, column: ColumnRule) -> object:
    return value.lower() if column.compare == "lower" and isinstance(value, str) else value


def _why_not(column: ColumnRule, images: Images, place: Compared, fate: Row) -> str:
    """Why a difference is not written, as macros/compare/compare_columns.sql judges it."""
    source, target, agreed = (_plain(value, column) for value in _values(column, images))
    memory = images[2]
    if source is None and column.null_means == "keep":
        return "no value at the source: the target keeps its own"
    if column.name in json.loads(memory.get("p2c_not_persisted") or "{}"):
        return "not persisted: written, and the target kept another value"
    if fate["fate"] not in ("identical", "conflict"):
        return f"the record is {fate['fate']}"
    if not place.writes["operations"] or "update" not in place.writes["operations"]:
        return "this flow only creates"
    if memory.get("agreed_at") is None or f'"{column.name}"' in (memory.get("p2c_unknown") or ""):
        return "first contact: nothing was agreed before"
    return _moved(source == agreed, target == agreed, place.writes)


def _moved(source_stayed: bool, target_stayed: bool, writes: Mapping[str, Any]) -> str:
    if source_stayed:
        return f"drift: only the target changed (on_drift: {writes.get('on_drift', 'overwrite')})"
    if target_stayed:
        return "changed at the source; the record is held for another column"
    return f"conflict: both changed (on_conflict: {writes.get('on_conflict', 'hold')})"
