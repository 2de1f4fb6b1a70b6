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
COMPARED = ("changed_columns", "parents", "is_first_contact")
# Kinds of quality.drift in words; a difference that it does not list is a change at the source.
KINDS: Mapping[str, str] = {
    "drift": "drift: only the target changed",
    "conflict": "conflict: both changed since they last agreed",
    "first_contact": "first contact: nothing was agreed before",
    "kept": "kept at first contact, as the target had it",
    "not_persisted": "not persisted: it was written, and the target kept another value",
}
UNCOMPARED = ("filtered", "deactivate")
CHANGE = "changed at the source"
DRIFT = """
select column_name, kind, policy, action, since from quality.drift
where flow = $1 and target = $2 and source_key = $3
"""


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
    return {name: rows[0][name] for name in COMPARED if name in rows[0]} if rows else {}


def differences(
    warehouse: Reader, place: Compared | None, fate: Row, compared: Row
) -> list[dict[str, Any]]:
    """Columns in which both differ: both values, the agreed one, is_written, why, kind, since.

    `kind`, `policy`, `action` and `since` are those of quality.drift; null for a plain change at
    the source. Nothing where the record is in one system only or out of scope, or dbt's manifest is
    missing.
    """
    if place is None or place.held is None or not compared or fate["fate"] in UNCOMPARED:
        return []
    images = _images(warehouse, place, place.held, fate)
    if not all(images[:2]):
        return []
    names = set(json.loads(compared.get("changed_columns") or "[]"))
    written = names if fate["fate"] == "update" else set()
    kinds = _kinds(warehouse, fate)
    return [
        _difference(column, images, kinds.get(column.name, {}), column.name in written, fate)
        for column in place.compared
        if _differs(column, images)
    ]


def _difference(
    column: ColumnRule, images: Images, kind: Row, is_written: bool, fate: Row
) -> dict[str, Any]:
    source, target, agreed = _values(column, images)
    why = _why(kind, is_written)
    if not is_written and fate["fate"] not in ("identical", "conflict", "update"):
        why = f"the record is {fate['fate']}"
    return {
        "column": column.name,
        "source": source,
        "target": target,
        "agreed": agreed,
        "is_written": is_written,
        "why": why,
        **{name: kind.get(name) for name in ("kind", "policy", "action", "since")},
    }


def _why(kind: Row, is_written: bool) -> str:
    """The kind of difference and the policy that decides about it."""
    if kind:
        policy = f" (on_{_policy(kind)}: {kind['policy']})" if kind["policy"] else ""
        return KINDS[kind["kind"]] + policy
    return CHANGE if is_written else f"{CHANGE}; the record is held for another column"


def _policy(kind: Row) -> str:
    return "first_contact" if kind["kind"] == "kept" else str(kind["kind"])


def _kinds(warehouse: Reader, fate: Row) -> dict[str, Row]:
    """Column → its row of quality.drift."""
    values = [fate["flow"], fate["target"], fate["source_key"]]
    return {row["column_name"]: row for row in warehouse.rows(DRIFT, values)}


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


def _differs(column: ColumnRule, images: Images) -> bool:
    source, target, _ = _values(column, images)
    if source is None and column.null_means == "keep":
        return False
    return _plain(source, column) != _plain(target, column)


def _plain(value: object, column: ColumnRule) -> object:
    return value.lower() if column.compare == "lower" and isinstance(value, str) else value
