"""How the records of both systems stand, as the last build found them, and as the last runs did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.warehouse import Reader, Row, reading

# Records that only a target has are of all flows that write it.
MINE = "(len($1) = 0 or list_has_any(string_split(flow, ', '), $1))"
RECORDS = f"""
select flow, target, data_area_id, status, reason, records, source_records, target_records,
    oldest_since
from quality.reconciliation where {MINE}
order by flow, target, data_area_id nulls first, status, records desc, reason
"""
COLUMNS = f"""
select flow, target, data_area_id, column_name, agree, differ
from quality.reconciliation_columns where {MINE} and differ > 0
order by flow, target, data_area_id nulls first, differ desc, column_name
"""
BREACHES = f"""
select flow, target, data_area_id, status, records, of_all, at_most, message
from quality.reconciliation_breaches where {MINE} order by all
"""
HISTORY = f"""
select run_id, min(noted_at) as noted_at,
    coalesce(sum(records) filter (status = 'agree'), 0)::bigint as agree,
    coalesce(sum(records) filter (status = 'differ'), 0)::bigint as differ,
    coalesce(sum(records) filter (status = 'only_source'), 0)::bigint as only_source,
    coalesce(sum(records) filter (status = 'only_target'), 0)::bigint as only_target
from ledger.reconciliation where {MINE}
group by run_id order by min(noted_at) desc limit $2
"""
BUILT = "select noted_at from ledger.marks where name = 'built'"
REJECTS, PLAN = "p2c rejects --select {flow}", "p2c plan --select {flow}"
# Reason → the same in words, and what to do next: a command, a table or a setting.
REASONS = {
    "to_be_written": ("to be written", PLAN),
    "to_be_removed": ("to be deactivated or deleted", PLAN),
    "refused": ("refused by the service", REJECTS),
    "rejected": ("rejected", REJECTS),
    "waiting": ("waiting for another record", REJECTS),
    "conflict": ("changed on both sides", REJECTS),
    "to_review": ("waiting for your decision on a candidate", "p2c keys list"),
    "kept": ("kept as the target has them", "look at quality.drift"),
    "not_persisted": ("not persisted by the service", "look at quality.not_persisted_values"),
    "unmatched": ("belonging to no record", "p2c unmatched --select {flow}"),
    "source_gone": ("gone at the source", "see the setting on_delete_{flow}"),
}


def read(context: Context, flows: Sequence[str], runs: int) -> dict[str, Any]:
    """`built_at`, `records`, `columns` that differ, broken limits as `breaches`, and `history`.

    `history`: totals of the last `runs` runs, newest first. Without `flows` all of them. Raises
    NothingStaged when nothing was built.
    """
    with reading(context.warehouse) as warehouse:
        return found(warehouse, flows, runs)


def found(warehouse: Reader, flows: Sequence[str], runs: int) -> dict[str, Any]:
    """The same, of a warehouse that is open already."""
    chosen = list(flows)
    return {
        "built_at": _built_at(warehouse),
        "records": [_advised(row) for row in warehouse.rows(RECORDS, [chosen])],
        "columns": warehouse.rows(COLUMNS, [chosen]),
        "breaches": warehouse.rows(BREACHES, [chosen]),
        "history": _history(warehouse, chosen, runs),
    }


def _advised(row: Row) -> Row:
    """With `why`, the reason in words, and what to do `next`; null where nothing is to be done."""
    why, next_step = REASONS.get(row["reason"], (None, ""))
    flow = str(row["flow"]).rpartition(", ")[2]
    return {**row, "why": why, "next": next_step.format(flow=flow) or None}


def _built_at(warehouse: Reader) -> object:
    """When the last complete build began; null after one in part."""
    marks = warehouse.rows(BUILT)
    return marks[0]["noted_at"] if marks else None


def _history(warehouse: Reader, flows: list[str], runs: int) -> list[Row]:
    if not runs:
        return []
    try:
        return warehouse.rows(HISTORY, [flows, runs])
    except NothingStaged:  # no run has ended since there is such a table
        return []
