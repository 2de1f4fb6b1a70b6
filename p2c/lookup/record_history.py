"""What was tried with a record, what the services said, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.lookup import quality
from p2c.lookup.record_targets import target_key
from p2c.warehouse import Reader, Row

LISTED = 20
SHOWN = """
flow, system || '.' || entity_set as target, operation, source_key, record_key, status, attempts,
    http_status, error_code, error_message, request_id, planned_at, finished_at, run_id, plan_id
"""
# By its keys: one that was renumbered has writes under its former number too. Of rows that were
# planned and never sent only the newest counts, and only where nothing came after it.
WRITES = f"""
select {SHOWN} from ledger.writes
where (list_contains($keys, record_key) or list_contains($sources, source_key))
    and list_contains($targets, flow || ' ' || system || '.' || entity_set)
qualify status <> 'planned' or row_number() over (
    partition by flow, system, entity_set, record_key order by planned_at desc, write_id desc) = 1
order by planned_at desc, write_id limit {LISTED}
"""
NAMED = f"""
select {SHOWN} from ledger.writes
where status <> 'planned' and (len($flows) = 0 or list_contains($flows, flow))
    and (contains('/' || lower(record_key) || '/', '/' || lower($asked) || '/')
        or contains('/' || lower(source_key) || '/', '/' || lower($asked) || '/'))
order by planned_at desc, write_id limit {LISTED}
"""
REASONS = """
select * from quality.rejected_records where list_contains($1, source_key)
order by flow, target, code
"""


def writes(warehouse: Reader, fates: Sequence[Row]) -> list[Row]:
    """The last 20 rows of the ledger about the record of these fates, the newest first."""
    values = {
        "keys": [fate["record_key"] for fate in fates if fate["record_key"]],
        "sources": [fate["source_key"] for fate in fates if fate["source_key"]],
        "targets": [f"{fate['flow']} {fate['target']}" for fate in fates],
    }
    rows = warehouse.rows(WRITES, values) if "writes" in warehouse.tables("ledger") else []
    return [row for row in rows if any(is_of(row, fate) for fate in fates)]


def writes_named(warehouse: Reader, record: str, flows: Sequence[str]) -> list[Row]:
    """The last 20 rows about a record that no model has any more."""
    if "writes" not in warehouse.tables("ledger"):
        return []
    return warehouse.rows(NAMED, {"asked": record, "flows": list(flows)})


def reasons(warehouse: Reader, fates: Sequence[Row]) -> list[Row]:
    """Why the record is rejected, in each of its flows."""
    rows = warehouse.rows(REASONS, [[fate["source_key"] for fate in fates if fate["source_key"]]])
    return [row for row in rows if any(is_of(row, fate) for fate in fates)]


def is_of(row: Row, fate: Row) -> bool:
    """Whether a reason or a write is about the record whose fate this is.

    By the source's key: records of two legal entities may have asked for one number.
    """
    if target_key(row) != target_key(fate):
        return False
    if row["source_key"] and fate["source_key"]:
        return bool(row["source_key"] == fate["source_key"])
    return bool(row["record_key"] and row["record_key"] == fate["record_key"])


def last(rows: Sequence[Row], fate: Row) -> tuple[Row | None, Row | None]:
    """(the newest write that was sent or left out, a newer one that is planned and was not sent).

    Either may be null.
    """
    theirs = [row for row in rows if is_of(row, fate)]
    tried = next((row for row in theirs if row["status"] != "planned"), None)
    newest = theirs[0] if theirs and theirs[0]["status"] == "planned" else None
    return tried, newest


def causes(warehouse: Reader, fate: Row, compared: Row, tried: Row | None) -> list[str]:
    """What a blocked record waits for, with the reason of that one."""
    held = []
    if fate["fate"] == "blocked" and fate["detail"]:
        parents = str(compared.get("parents") or "[]")
        held.append({**fate, "message": fate["detail"], "code": "blocked", "parents": parents})
    elif tried and tried["status"] == "blocked":
        held.append({**tried, "message": tried["error_message"], "code": "blocked"})
    if not held:
        return []
    rows = [row for row in quality.listed(warehouse) if is_of(row, fate)]
    messages = [str(row["message"]) for row in rows if row["code"] == "blocked"]
    return messages or [str(row["message"]) for row in held if row["message"]]
