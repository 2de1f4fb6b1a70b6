"""Takes plans' rows back from the warehouse: their files, and what became of the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb

from loaders.ledger import outcomes, parts, plan_file, schema, store
from loaders.ledger.ledger import Ledger
from loaders.models import Change

NUMBER = "cast(split_part(write_id, '-', -1) as bigint)"
# As they were planned: what became of them is told by SQLite, from the first transaction on.
PLANNED = {"number": NUMBER, "status": "'planned'", "error_message": "cast(null as varchar)"}
QUOTED, COLUMNS = '"{}"', plan_file.COLUMNS
DECIDED = "(status <> 'planned' or attempts > 0)"
FACTS = (
    "write_id", "status", "attempts", "http_status", "error_code", "error_message",
    "not_persisted", "request_id", "sent_at", "finished_at", *plan_file.TEXTS[:18],
)  # fmt: skip
REPLACE = (
    "insert or replace into outcomes (n, touched, kind, record_key, source_key, key_values, "
    "record_id, intent, status, error, sent_at, attempts, http_status, not_persisted, request, "
    "finished_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def restore_files(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, *, pruned: bool = False
) -> int:
    """Write the files of plans that have none, from the rows the warehouse has; how many.

    pruned: those too of which little or nothing was left.
    """
    folder = ledger.path.parent / plan_file.FOLDER
    there = {path.name for path in folder.glob(f"*{plan_file.SUFFIX}")}
    plans = ledger.connection.execute(
        "select plan_id, parts from plans where changes > 0 and (? or pruned_at is null)", [pruned]
    ).fetchall()
    lost = [row for row in plans if f"{row['plan_id']}{plan_file.SUFFIX}" not in there]
    return sum(_restore_file(ledger, connection, *row) for row in lost)


def _restore_file(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, plan_id: str, known: str | None
) -> bool:
    columns = ", ".join(
        f'{PLANNED.get(n, chr(34) + n + chr(34))} as "{n}"' for n in plan_file.COLUMNS
    )
    connection.execute(
        f"create or replace temp table taken_back as select {columns} from ledger.writes "
        "where plan_id = ? order by number",
        [plan_id],
    )
    found = parts.count(connection, "taken_back")
    if not found:
        return False
    plan_file.write(ledger.file(plan_id), connection, "taken_back")
    plan_file.finish(ledger.file(plan_id))
    if not known:
        with store.changing(ledger.connection) as touched:
            ledger.connection.execute(
                "update plans set parts = ?, touched = ? where plan_id = ?",
                [parts.to_json(found), touched, plan_id],
            )
    return True


def take_writes(ledger: Ledger, connection: duckdb.DuckDBPyConnection) -> int:
    """After the plans: rows of `ledger.writes` into the ledger; returns how many there are."""
    for statement in schema.duckdb_statements("writes"):
        connection.execute(statement)
    restore_files(ledger, connection, pruned=True)
    cursor = connection.execute(
        f"select {plan_file.listed(FACTS)} from ledger.writes where write_id is not null "
        f"and {DECIDED} order by planned_at, write_id"
    )
    while page := cursor.fetchmany(store.PAGE):
        _take(ledger, [dict(zip(FACTS, row, strict=True)) for row in page])
    [(rows,)] = connection.execute("select count(*) from ledger.writes").fetchall()
    return int(rows)


def _take(ledger: Ledger, rows: Sequence[dict[str, Any]]) -> None:
    db = ledger.connection
    with store.changing(db) as touched:
        requests, values, in_flight, answered = outcomes.Requests(db), [], [], []
        for row in rows:
            n, kind = ledger.place(row["write_id"]), _kind(ledger, row)
            error = outcomes.error_id(db, row["error_code"], row["error_message"])
            facts = [row[name] for name in outcomes.ROW]
            new = outcomes.new_values(n, touched, kind, facts, row["status"], error)
            http, kept = row["http_status"], row["not_persisted"]
            request = requests.of(row["request_id"])
            more = (_time(row["sent_at"]), row["attempts"] or 0, http, kept, request)
            values.append((*new, *more, _time(row["finished_at"])))
            if row["status"] in ("sent", "unresolved"):
                in_flight.append((n, json.dumps(_image(row), ensure_ascii=False)))
            else:
                answered.append((n,))
        db.executemany(REPLACE, values)
        db.executemany("insert or replace into in_flight values (?, ?)", in_flight)
        db.executemany("delete from in_flight where n = ?", answered)


def _kind(ledger: Ledger, row: dict[str, Any]) -> int:
    unit = row["unit"]
    sent_as = unit.partition("/")[0] if unit else row["model"]
    return ledger.kind(row["write_id"], row["model"], row["operation"], sent_as)


def _image(row: dict[str, Any]) -> list[Any]:
    return [row.get(name) for name in Change.__dataclass_fields__]


def _time(moment: datetime | None) -> int | None:
    return outcomes.microseconds(moment) if moment else None
