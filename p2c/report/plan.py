"""The last plan with changes, and what became of each of its records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from p2c.warehouse import Reader, Row

PLANS = """
select plan_id, run_id, kind, status, created_at, apply_started_at, finished_at, changes
from ledger.plans order by created_at desc, plan_id desc limit 1
"""
WITH_CHANGES = PLANS.replace("order by", "where changes > 0 order by")
COUNTS = """
select flow, system || '.' || entity_set as target, operation, status, count(*) as records
from ledger.writes where plan_id = $1 group by all order by all
"""
# What did not go as planned first, then what changed, then what is new.
ROWS = """
with companies as (
    select distinct lower(data_area_id) as name from quality.reconciliation
    where data_area_id is not null
),
shown as (
    select w.*, w.system || '.' || w.entity_set as target from ledger.writes as w
    where w.plan_id = $1
    order by
        case when w.status in ('acknowledged', 'verified') and w.error_code is null then 2
            when w.status = 'planned' then 1 else 0 end,
        case w.operation when 'create' then 1 else 0 end, w.write_id
    limit $2
),
names as (
    select flow, target, source_key, any_value(name) as name from quality.record_names
    where source_key is not null group by all
)
select s.write_id as id, s.flow, s.target, s.operation, s.status, s.record_key as key,
    s.source_key, s.record_id, n.name, f.fate, f.detail, f.is_drift,
    coalesce(
        lower(s.key_values ->> '$.dataAreaId'),
        (select name from companies where name = lower(split_part(s.record_key, '/', 1))),
        (select name from companies where name = lower(split_part(s.source_key, '/', 1)))
    ) as company,
    s."before", s."after", s.agreement, s.not_persisted, s.attempts, s.http_status, s.error_code,
    s.error_message, s.request_id, s.sent_at, s.finished_at
from shown as s
left join names as n on s.flow = n.flow and s.target = n.target and s.source_key = n.source_key
left join quality.record_fates as f
    on s.flow = f.flow and s.target = f.target and s.source_key = f.source_key
order by s.write_id
"""


def plan(warehouse: Reader, limit: int) -> dict[str, Any] | None:
    """`plan` (its row of ledger.plans), `newer`, `counts` and `rows`; None when there is none.

    The last plan that has changes; `newer` is the id of one after it that has none. `counts` are of
    all its records by flow, target, operation and status, `rows` at most `limit` (0: all) of them:
    what did not go well first, new records last. Each has `columns`: name → [before, after], `kept`
    and `held_instead`: what the target kept, or holds in place of what was sent.
    """
    newest = warehouse.rows(PLANS)
    chosen = warehouse.rows(WITH_CHANGES) or newest
    if not chosen:
        return None
    found = chosen[0]
    newer = newest[0]["plan_id"] if newest[0]["plan_id"] != found["plan_id"] else None
    rows = [_row(row) for row in warehouse.rows(ROWS, [found["plan_id"], limit or None])]
    counts = warehouse.rows(COUNTS, [found["plan_id"]])
    total = sum(row["records"] for row in counts)
    return {"plan": found, "newer": newer, "counts": counts, "total": total, "rows": rows}


def _row(row: Row) -> Row:
    before, after = _parsed(row.pop("before")), _parsed(row.pop("after"))
    agreement = _parsed(row.pop("agreement"))
    columns = {name: [before.get(name), after.get(name)] for name in {**after, **before}}
    return row | {
        "columns": columns,
        "kept": agreement.get("kept") or {},
        "first_contact": bool(agreement.get("first_contact")),
        "held_instead": _parsed(row.pop("not_persisted")),
    }


def _parsed(text: str | None) -> Mapping[str, Any]:
    """An object of JSON, its numbers as they are written, so that money keeps its digits."""
    found = json.loads(text, parse_float=str) if text else {}
    return found if isinstance(found, Mapping) else {}
