"""Which planned rows are not to be sent, and why: in doubt, quarantined, or without their parent.

What keeps one row of a unit back keeps all of it: first a doubt, then what failed too often, then
a parent that is missing; of several rows the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from loaders.models import WriteTarget
from loaders.planning.relation import ROWS, WHOLE

ABSENT = "absent_records"
DOUBT = f"""
select number, {WHOLE} as whole, 1 as rank, 0 as place, 'blocked' as status, reason as message
from {ROWS} inner join doubts using (model, record_key)
"""
QUARANTINE = f"""
select number, {WHOLE}, 2, 0, 'quarantined',
    case when sizes.members > 1 then record_key || ': ' else '' end || reason
from {ROWS} inner join quarantine using (idempotency_key)
left join (select unit, count(*) as members from {ROWS} where unit is not null group by unit)
    as sizes using (unit)
"""
# DuckDB's: a JSON array as rows, with their places.
PARENTS = f"""
select number, whole, 3, place, 'blocked',
    parent || ' does not exist, and this plan does not create it.'
from (
    select number, {WHOLE} as whole, unnest(names) as parent, unnest(range(len(names))) as place
    from (
        select number, unit, from_json(parents, '["varchar"]') as names
        from {ROWS} where parents is not null and parents <> '[]'
    )
) where parent in (select record from {ABSENT})
"""
MARK = f"""
update {ROWS} set status = reasons.status, error_message = reasons.message
from (
    select whole, status, message, row_number() over (
        partition by whole order by rank, number, place) as strength
    from ({{reasons}})
) as reasons
where reasons.strength = 1 and {WHOLE} = reasons.whole
"""


def keep_back(
    connection: duckdb.DuckDBPyConnection,
    doubts: Mapping[tuple[str, str], str],
    quarantine: Mapping[str, str],
) -> None:
    """Mark rows of ROWS as blocked or quarantined.

    `doubts` is {(model, record key): why}, `quarantine` {idempotency key: why}; rows that refer to
    one of ABSENT wait for it.
    """
    reasons = []
    if doubts:
        rows = [(*key, why) for key, why in doubts.items()]
        give(connection, "doubts", ("model", "record_key", "reason"), rows)
        reasons.append(DOUBT)
    if quarantine:
        give(connection, "quarantine", ("idempotency_key", "reason"), quarantine.items())
        reasons.append(QUARANTINE)
    [(absent,)] = connection.execute(f"select count(*) from {ABSENT}").fetchall()
    if absent:
        reasons.append(PARENTS)
    if reasons:
        named = "select null::bigint as number, null::varchar as whole, 0 as rank, 0 as place, "
        named += "null::varchar as status, null::varchar as message where false"
        connection.execute(MARK.format(reasons=" union all ".join([named, *reasons])))


def absent_elsewhere(connection: duckdb.DuckDBPyConnection, targets: Sequence[WriteTarget]) -> None:
    """Fill ABSENT with records that do not exist yet and that these targets would create."""
    selects = ["select cast(null as varchar) as record where false"] + [
        f"select '{target.name}/' || record_key from {target.relation} where operation = 'create'"
        for target in targets
    ]
    connection.execute(f"create or replace temp table {ABSENT} as {' union all '.join(selects)}")


def give(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """A temporary table of texts."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(column, pa.string()) for column in values]
    connection.register("given", pa.table(arrays, names=list(columns)))
    connection.execute(f"create or replace temp table {name} as select * from given")
    connection.unregister("given")
