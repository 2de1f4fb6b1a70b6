"""Records that stand beside a plan's changes: drift, conflicts, what is blocked or rejected.

The first of each flow and target, by the last build's word; flows count them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2c.config.context import Context
from p2c.warehouse import Row, reading

# Of each record its columns: what was agreed or the source has, and what the target has.
DIFFERING = """
with records as (
    select flow, target, kind, coalesce(record_key, source_key) as key,
        list(
            [
                column_name, case when kind = 'conflict' then source_value else agreed_value end,
                target_value, case when fate = 'conflict' then 'hold' else action end
            ] order by column_name
        ) as columns
    from quality.drift
    where list_contains($1, flow) and kind in ('drift', 'conflict')
        and fate in ('identical', 'update', 'conflict')
    group by all
)
select *, count(*) over (partition by flow, target, kind) as records from records
qualify $2 is null or row_number() over (partition by flow, target, kind order by key) <= $2
order by all
"""
BLOCKED = """
select flow, target, coalesce(record_key, source_key) as key, 'blocked' as kind, detail as message,
    count(*) over (partition by flow, target) as records
from quality.record_fates where fate = 'blocked' and list_contains($1, flow)
qualify $2 is null or row_number() over (partition by flow, target order by key) <= $2
order by flow, target, key
"""
# The first of each cause before the second of any.
REJECTED = """
with records as (
    select flow, target, coalesce(record_key, source_key) as key, 'rejected' as kind,
        min(code) as code, string_agg(distinct message, ' ' order by message) as message
    from quality.rejected_records where list_contains($1, flow)
    group by flow, target, key
),
placed as (
    select *, count(*) over (partition by flow, target) as records,
        row_number() over (partition by flow, target, code order by key) as place
    from records
)
select * exclude (code, place) from placed
qualify $2 is null or row_number() over (partition by flow, target order by place, key) <= $2
order by flow, target, place, key
"""


def apart(context: Context, flows: Sequence[str], each: int | None) -> list[Row]:
    """Each with flow, target, kind, key and `records` (all of its flow, target and kind).

    Those that differ (drift, conflict) have `columns`: lists of name, agreed or source's value,
    target's value, action; the others (blocked, rejected) a `message`. At most `each` (None: all)
    of a flow, target and kind. Raises NothingStaged when the last build had no such tables.
    """
    values = [list(flows), each]
    with reading(context.warehouse) as warehouse:
        found = [warehouse.rows(sql, values) for sql in (DIFFERING, BLOCKED, REJECTED)]
    return [row for rows in found for row in rows]
