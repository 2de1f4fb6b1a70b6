"""`ledger.writes` in the warehouse: the rows of plans' files, with what became of them."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from loaders.ledger import plan_file, schema, store
from loaders.ledger.ledger import Ledger
from loaders.ledger.outcome_tables import PLACES

# What SQLite tells of rows that changed, in the types of Arrow.
NEWS = {
    "plan": pa.int64(),
    "number": pa.int64(),
    "status": pa.string(),
    "attempts": pa.int64(),
    "http_status": pa.int64(),
    "error_code": pa.string(),
    "error_message": pa.string(),
    "not_persisted": pa.string(),
    "request_id": pa.string(),
    "record_id": pa.string(),
    "sent_at": pa.timestamp("us", "UTC"),
    "finished_at": pa.timestamp("us", "UTC"),
}
CHANGED = f"""
select o.n / {PLACES}, o.n % {PLACES}, o.status, o.attempts, o.http_status, nullif(e.code, ''),
    nullif(e.message, ''), o.not_persisted, r.request_id, o.record_id, o.sent_at, o.finished_at
from outcomes as o
left join errors as e on e.id = o.error left join requests as r on r.id = o.request
where o.touched > ?
"""
PLANS = "select n, plan_id, run_id, created_at from plans where touched > ? and changes > 0"
NEWER = tuple(name for name in NEWS if name not in ("plan", "number"))
# Rows of a plan that the warehouse does not have yet.
ADD = """
insert into ledger.writes by name
select ? || '-' || printf('%06d', f.number) as write_id, ? as run_id, ? as plan_id,
    cast(? as timestamptz) as planned_at, {same},
    coalesce(o.status, f.status) as status, coalesce(o.attempts, 0) as attempts,
    coalesce(o.record_id, f.record_id) as record_id,
    case when o.number is null then f.error_message else o.error_message end as error_message,
    {newer}
from {file} as f
left join (select * from news where plan = ?) as o on f.number = o.number
"""
SETS = ", ".join(f'"{name}" = o."{name}"' for name in NEWER if name != "record_id")
UPDATE = f"""
update ledger.writes as w set record_id = coalesce(o.record_id, w.record_id), {SETS}
from (
    select news.*, known_plans.plan_id || '-' || printf('%06d', news.number) as write_id
    from news inner join known_plans on news.plan = known_plans.n
) as o
where w.write_id = o.write_id
"""
# What SQLite knows of rows whose file is gone before the warehouse had them.
SHORT = """
select write_id, run_id, plan_id, model, flow, system, entity_set, operation, record_key, record_id,
    source_key, key_values, idempotency_key, status, attempts, http_status, error_code,
    error_message, not_persisted, request_id, planned_at, sent_at, finished_at
from writes where n > ? and n < ?
"""


def latest(ledger: Ledger) -> int:
    """The newest change of a plan or of a row."""
    row = ledger.connection.execute(
        "select max(coalesce((select max(touched) from outcomes), 0), "
        "coalesce((select max(touched) from plans), 0)) as latest"
    ).fetchone()
    return int(row["latest"]) if row else 0


def bring(ledger: Ledger, connection: duckdb.DuckDBPyConnection, after: int) -> int:
    """Copy what changed in transactions numbered above `after`; returns the rows."""
    _take_news(ledger, connection, after)
    added = sum(_add(ledger, connection, *plan) for plan in _new_plans(ledger, connection, after))
    [(left,)] = connection.execute("select count(*) from news").fetchall()
    if left:
        connection.execute(UPDATE)
    return added + int(left)


def _take_news(ledger: Ledger, connection: duckdb.DuckDBPyConnection, after: int) -> None:
    """The temporary tables `news` and `known_plans`."""
    fields = pa.schema(list(NEWS.items()))
    connection.register("page", fields.empty_table())
    connection.execute("create or replace temp table news as select * from page")
    cursor = ledger.connection.execute(CHANGED, [after])
    while rows := cursor.fetchmany(10 * store.PAGE):
        columns = zip(*(tuple(row) for row in rows), strict=True)
        arrays = [pa.array(c, kind) for c, kind in zip(columns, NEWS.values(), strict=True)]
        connection.register("page", pa.table(arrays, schema=fields))
        connection.execute("insert into news select * from page")
    plans = ledger.connection.execute("select n, plan_id from plans").fetchall()
    numbers, names = [row["n"] for row in plans], [row["plan_id"] for row in plans]
    connection.register(
        "page",
        pa.table({"n": pa.array(numbers, pa.int64()), "plan_id": pa.array(names, pa.string())}),
    )
    connection.execute("create or replace temp table known_plans as select * from page")
    connection.unregister("page")


def _new_plans(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, after: int
) -> list[tuple[int, str, str | None, str]]:
    plans = [tuple(row) for row in ledger.connection.execute(PLANS, [after])]
    there = "select 1 from ledger.writes where plan_id = ? limit 1"
    return [plan for plan in plans if not connection.execute(there, [plan[1]]).fetchall()]


def _add(
    ledger: Ledger,
    connection: duckdb.DuckDBPyConnection,
    number: int,
    plan_id: str,
    run_id: str | None,
    planned_at: str,
) -> int:
    path = ledger.file(plan_id)
    if not path.is_file():
        return _add_short(ledger, connection, number)
    own = {*NEWER, "error_message", "number"}
    same = ", ".join(f'f."{name}"' for name in plan_file.COLUMNS if name not in own)
    apart = ("status", "attempts", "record_id", "error_message")
    newer = ", ".join(f'o."{name}"' for name in NEWER if name not in apart)
    sql = ADD.format(same=same, newer=newer, file=plan_file.relation(path))
    values = [plan_id, run_id, plan_id, planned_at, number]
    [(rows,)] = connection.execute(sql, values).fetchall()
    connection.execute("delete from news where plan = ?", [number])
    return int(rows)


def _add_short(ledger: Ledger, connection: duckdb.DuckDBPyConnection, number: int) -> int:
    """Pairs and outcomes outlive a plan's file that is lost, its images do not."""
    cursor = ledger.connection.execute(SHORT, [number * PLACES, (number + 1) * PLACES])
    names, added = [column[0] for column in cursor.description], 0
    while rows := cursor.fetchmany(10 * store.PAGE):
        columns = zip(*(tuple(row) for row in rows), strict=True)
        kinds = [schema.WRITES[name] for name in names]
        types = [pa.int64() if kind == schema.INTEGER else pa.string() for kind in kinds]
        arrays = [pa.array(c, kind) for c, kind in zip(columns, types, strict=True)]
        connection.register("page", pa.table(arrays, names=names))
        connection.execute("insert into ledger.writes by name select * from page")
        connection.unregister("page")
        added += len(rows)
    connection.execute("delete from news where plan = ?", [number])
    return added
