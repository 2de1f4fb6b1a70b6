"""Since when a record cannot be written, and in how many runs it could not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from p2c.warehouse import Reader, Row

# What a build rejects or holds: since a build found it so first, and the runs that ended since.
BY_BUILD = """
select s.flow, s.target, s.source_key, min(s.since) as since,
    count(distinct r.run_id) filter (where r.finished_at >= s.since) as runs
from quality.record_standings as s
left join ledger.runs as r on r.command = 'run'
where s.since is not null and s.source_key is not null
group by s.flow, s.target, s.source_key
"""
# What a service refuses: the plans since the last one that came through.
BY_SERVICE = """
with tries as (
    select flow, system || '.' || entity_set as target, record_key, plan_id, status, planned_at
    from ledger.writes where status not in ('planned', 'sent')
),
good as (
    select flow, target, record_key, max(planned_at) as good_at
    from tries where status in ('acknowledged', 'verified') group by all
)
select t.flow, t.target, t.record_key, min(t.planned_at) as since,
    count(distinct t.plan_id) as runs
from tries as t left join good using (flow, target, record_key)
where t.status not in ('acknowledged', 'verified')
    and (good_at is null or t.planned_at > good_at)
group by all
"""


def dated(warehouse: Reader, rows: Iterable[Row]) -> list[Row]:
    """The rows of `quality.listed` with `since` (UTC) and `runs`; null where nobody noted it."""
    listed = list(rows)
    build = _by(warehouse, BY_BUILD, "source_key") if listed else {}
    refused = any(row["by"] == "service" for row in listed)
    service = _by(warehouse, BY_SERVICE, "record_key") if refused else {}
    return [row | _noted(row, build, service) for row in listed]


def _by(warehouse: Reader, sql: str, key: str) -> dict[tuple[Any, ...], Row]:
    return {(row["flow"], row["target"], row[key]): row for row in warehouse.rows(sql)}


def _noted(row: Row, build: dict[tuple[Any, ...], Row], service: dict[tuple[Any, ...], Row]) -> Row:
    place = (row["flow"], row["target"])
    found = (
        service.get((*place, row["record_key"]))
        if row["by"] == "service"
        else build.get((*place, row["source_key"]))
    )
    return {"since": found["since"] if found else None, "runs": found["runs"] if found else None}
