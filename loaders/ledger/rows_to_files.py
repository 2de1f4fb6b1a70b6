"""From version 1 of the ledger to 2: rows of plans move from SQLite into a file for each plan.

The files come first, so that a process that is killed meanwhile, whose transaction is undone, only
leaves files that the next one writes again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.ledger import outcome_tables, parts, plan_file, schema
from loaders.ledger.outcome_tables import PLACES
from loaders.models import Change

PAGE = 20_000
SENT_AS = "case when unit is null then model else substr(unit, 1, instr(unit, '/') - 1) end"
PLACE = "cast(substr(w.write_id, length(w.plan_id) + 2) as integer)"
DECIDED = "(w.status <> 'planned' or w.attempts > 0)"
# A plan that only its rows know.
UNKNOWN_PLANS = """
insert into plans (touched, plan_id, kind, status, created_at, mapping_version, snapshots,
    fingerprints, flows, changes)
select max(touched), plan_id, 'changes', 'applied', min(planned_at), '', '[]', '{}', '[]', count(*)
from writes where plan_id not in (select plan_id from plans) group by plan_id
"""


def _microseconds(column: str) -> str:
    seconds = f"cast(strftime('%s', w.{column}) as integer) * 1000000"
    return f"{seconds} + cast(substr(w.{column}, 21, 6) as integer)"


MOVED = (
    "insert or ignore into kinds (model, flow, system, entity_set, operation, sent_as) "
    f"select distinct model, flow, system, entity_set, operation, {SENT_AS} from old_writes",
    "insert or ignore into errors (code, message) "
    "select distinct coalesce(error_code, ''), coalesce(error_message, '') from old_writes "
    "where error_code is not null or error_message is not null",
    "insert into requests (request_id) "
    "select distinct request_id from old_writes where request_id is not null",
    "create temp table known_requests (request_id text primary key, id integer)",
    "insert into known_requests select request_id, min(id) from requests group by request_id",
    "insert into outcomes (n, touched, kind, record_key, source_key, key_values, record_id, intent,"
    " status, attempts, http_status, error, not_persisted, request, sent_at, finished_at) "
    f"select p.n * {PLACES} + {PLACE}, w.touched, k.id, coalesce(w.record_key, ''), w.source_key, "
    "w.key_values, w.record_id, from_hex(w.idempotency_key), w.status, coalesce(w.attempts, 0), "
    f"w.http_status, e.id, w.not_persisted, r.id, {_microseconds('sent_at')}, "
    f"{_microseconds('finished_at')} from old_writes as w join plans as p on p.plan_id = w.plan_id "
    "join kinds as k on k.model = w.model and k.flow = w.flow and k.system = w.system "
    "and k.entity_set = w.entity_set and k.operation = w.operation "
    f"and k.sent_as = {SENT_AS.replace('unit', 'w.unit').replace('model', 'w.model')} "
    "left join errors as e on e.code = coalesce(w.error_code, '') "
    "and e.message = coalesce(w.error_message, '') "
    "left join known_requests as r on r.request_id = w.request_id "
    f"where {DECIDED} order by 1",
    "drop table known_requests",
)


def old_columns(db: sqlite3.Connection) -> set[str]:
    """Columns of the table of version 1, made complete; none where there is no such table."""
    found = "select 1 from sqlite_master where type = 'table' and name = 'writes'"
    if db.execute(found).fetchone() is None:
        return set()
    present = {row["name"] for row in db.execute("pragma table_info(writes)")}
    for statement in schema.missing_columns("writes", present):
        db.execute(statement)
    return present


def move(db: sqlite3.Connection, path: Path) -> None:
    """Within a transaction. Raises StorageError."""
    db.execute(UNKNOWN_PLANS)
    with duckdb.connect() as connection:
        for plan in db.execute("select distinct plan_id from writes").fetchall():
            found = _write_file(db, connection, path.parent, plan["plan_id"])
            db.execute("update plans set parts = ? where plan_id = ?", [found, plan["plan_id"]])
    for index in db.execute("pragma index_list(writes)").fetchall():
        if index["origin"] == "c":
            db.execute(f'drop index "{index["name"]}"')
    db.execute("alter table writes rename to old_writes")
    for statement in outcome_tables.statements():
        db.execute(statement)
    db.create_function("from_hex", 1, lambda text: bytes.fromhex(text or ""), deterministic=True)
    for statement in MOVED:
        db.execute(statement)
    db.executemany("insert into in_flight values (?, ?)", list(_in_flight(db)))
    db.execute("drop table old_writes")


def _write_file(
    db: sqlite3.Connection, connection: duckdb.DuckDBPyConnection, folder: Path, plan_id: str
) -> str:
    """The plan's rows as they were planned; returns what it consists of."""
    connection.register("page", plan_file.SCHEMA.empty_table())
    connection.execute("create or replace temp table old_rows as select * from page")
    names = ", ".join(f'w."{name}"' for name in plan_file.TEXTS[:-2])
    cursor = db.execute(
        f"select {PLACE} as number, {names}, 'planned' as status, null as error_message "
        "from writes as w where w.plan_id = ? order by number",
        [plan_id],
    )
    while rows := cursor.fetchmany(PAGE):
        columns = zip(*(tuple(row) for row in rows), strict=True)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, plan_file.SCHEMA, strict=True)]
        connection.register("page", pa.table(arrays, schema=plan_file.SCHEMA))
        connection.execute("insert into old_rows select * from page")
    plan_file.write(plan_file.path_of(folder, plan_id), connection, "old_rows")
    plan_file.finish(plan_file.path_of(folder, plan_id))
    return parts.to_json(parts.count(connection, "old_rows"))


def _in_flight(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    names = list(Change.__dataclass_fields__)
    columns = ", ".join(f'w."{name}"' for name in names)
    rows = db.execute(
        f"select p.n * {PLACES} + {PLACE}, {columns} from old_writes as w "
        "join plans as p on p.plan_id = w.plan_id where w.status in ('sent', 'unresolved')"
    )
    for n, *values in rows:
        yield n, json.dumps(values, ensure_ascii=False)
