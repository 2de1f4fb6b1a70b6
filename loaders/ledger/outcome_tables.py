"""What SQLite keeps of rows that were sent or decided: numbers and short texts, no images.

`outcomes` has one row for each: its number is its plan's number and its own place in the plan, so
that it needs no index of its own and sorts as it was planned. What many rows share (target, error,
request) stands once, in `kinds`, `errors` and `requests`. `in_flight` has the images of rows whose
answer is not known, so that these can be read back whatever becomes of the plan's file. `writes`
is a view of them, for people and for the ledger's own questions.
"""

from __future__ import annotations

PLACES = 1 << 32  # rows that a plan may have
TABLES = (
    "create table if not exists kinds (id integer primary key, model text, flow text, system text, "
    "entity_set text, operation text, sent_as text, "
    "unique (model, flow, system, entity_set, operation, sent_as)) strict",
    "create table if not exists errors (id integer primary key, code text not null, "
    "message text not null, unique (code, message)) strict",
    "create table if not exists requests (id integer primary key, request_id text) strict",
    "create table if not exists outcomes (n integer primary key, touched integer not null, "
    "kind integer not null, record_key text not null, source_key text, key_values text, "
    "record_id text, intent blob not null, status text not null, "
    "attempts integer not null default 0, http_status integer, error integer, "
    "not_persisted text, request integer, sent_at integer, finished_at integer) strict",
    "create table if not exists in_flight (n integer primary key, change text not null) strict",
)
INDEXES = (
    "create index if not exists outcomes_open on outcomes (n) "
    "where status in ('sent', 'unresolved')",
    "create index if not exists outcomes_touched on outcomes (touched)",
    "create index if not exists outcomes_record on outcomes (record_key)",
    "create index if not exists outcomes_failed on outcomes (n) "
    "where status in ('rejected', 'failed', 'blocked', 'quarantined')",
)


def _time(column: str) -> str:
    """SQL: microseconds since 1970 as `loaders.clock.stamp` writes a time."""
    return (
        f"strftime('%Y-%m-%dT%H:%M:%S', o.{column} / 1000000, 'unixepoch') || "
        f"printf('.%06d+00:00', o.{column} % 1000000)"
    )


VIEW = f"""
create view if not exists writes as select
    o.n, o.touched, p.plan_id || '-' || printf('%06d', o.n % {PLACES}) as write_id, p.run_id,
    p.plan_id, k.model, k.flow, k.system, k.entity_set, k.operation, k.sent_as, o.record_key,
    o.record_id, o.source_key, o.key_values, lower(hex(o.intent)) as idempotency_key, o.status,
    o.attempts, o.http_status, nullif(e.code, '') as error_code,
    nullif(e.message, '') as error_message, o.not_persisted, r.request_id,
    p.created_at as planned_at, {_time("sent_at")} as sent_at, {_time("finished_at")} as finished_at
from outcomes as o
join plans as p on p.n = o.n / {PLACES}
join kinds as k on k.id = o.kind
left join errors as e on e.id = o.error
left join requests as r on r.id = o.request
"""


def statements() -> list[str]:
    """What creates all of it, each safe to run again."""
    return [*TABLES, VIEW, *INDEXES]
