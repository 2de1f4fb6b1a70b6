"""Records that only one system has, of the tables that the flows write: nothing belongs to them.

No flow touches them, so that no flow's counts hold them; they are counted beside those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from p2c.config.context import Context
from p2c.warehouse import Reader, Row, reading

UNMATCHED = """
select target, record_key, record_name from quality.unmatched_records
where len($1) = 0 or list_has_any(string_split(flows, ', '), $1)
order by target, record_key
"""
BY_ENTITY = """
with records as (
    select entity, 'finops' as system,
        concat_ws('/', nullif(data_area_id, ''), record_key) as record_key, min(name) as name
    from match.match_finops_records group by all
    union
    select entity, 'sales', record_key, min(name) from match.match_sales_records group by all
)
select r.entity, u.target, u.record_key, coalesce(u.record_name, r.name) as record_name,
    count(*) over () as found
from quality.unmatched_records as u
join records as r
    on r.system = split_part(u.target, '.', 1)
    and r.record_key in (u.record_key, array_to_string(string_split(u.record_key, '/')[1:2], '/'))
where $1 in ('', r.entity) and list_contains($2, r.entity || ' ' || r.system)
order by r.entity, u.target, u.record_key
"""


def unmatched(context: Context, flows: Sequence[str]) -> dict[str, Any]:
    """`targets`: records by target; `records`: each with target, record_key, record_name.

    As the last build found them; without `flows` those of every target.
    """
    with reading(context.warehouse) as warehouse:
        rows = warehouse.rows(UNMATCHED, [list(flows)])
    return {"targets": dict(Counter(row["target"] for row in rows)), "records": rows}


def unmatched_entities(
    warehouse: Reader, entity: str, created_in: Mapping[str, str], limit: int | None
) -> list[Row]:
    """Records of the entities that are matched, in the system they are created in, without a pair.

    `found` counts without `limit`.
    """
    kinds = [f"{name} {system}" for name, system in created_in.items()]
    cut = f"limit {limit}" if limit else ""
    return warehouse.rows(f"{BY_ENTITY} {cut}", [entity, kinds])
