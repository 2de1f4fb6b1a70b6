"""What the ledger knows of earlier tries: rows to quarantine, to try again, to take back.

A record is the same in two plans when model and record key are; a write is the same intent when its
idempotency key is (target, operation, key and values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from loaders.errors import UnknownRun
from loaders.ledger import outcomes, plan_file
from loaders.ledger.ledger import Ledger
from loaders.models import Change

QUARANTINE_HOURS = 24.0
# The tries of one intent are found by their record, for which there is an index.
TO_QUARANTINE = """
with failing as (
    select distinct record_key, intent from outcomes indexed by outcomes_failed
    -- twice: the second list is the condition of the index outcomes_failed
    where status in ('rejected', 'failed')
        and status in ('rejected', 'failed', 'blocked', 'quarantined')
),
tries as (
    select o.intent, o.status, coalesce(nullif(e.code, ''), o.http_status, '') as way, e.message,
        o.sent_at, row_number() over (partition by o.intent order by o.n desc) as age
    from failing as f cross join outcomes as o on o.record_key = f.record_key
    left join errors as e on e.id = o.error
    where o.intent = f.intent and o.status not in ('planned', 'sent', 'blocked', 'quarantined')
)
select lower(hex(intent)) as idempotency_key, max(case when age = 1 then message end) as message
from tries where age <= :times
group by intent
having count(*) = :times and count(distinct status || way) = 1
    and min(status) in ('rejected', 'failed') and max(sent_at) > :since
"""
# A plan that nobody applied says nothing about its rows, but it is no later try either.
UNWRITTEN = """
select o.n, o.status, k.system || '.' || k.entity_set as target, k.model, o.record_key,
    k.operation, lower(hex(o.intent)) as idempotency_key
from outcomes as o join kinds as k on k.id = o.kind
where o.status in ('rejected', 'failed', 'blocked', 'quarantined') and not exists (
    select 1 from outcomes as later join kinds as its on its.id = later.kind
    where later.record_key = o.record_key and its.model = k.model and later.n > o.n
        and later.status <> 'planned'
)
order by o.n
"""
# The first later write of each record of a page, by the row's own number.
LATER = """
select o.n, min(later.n) as later
from outcomes as o join kinds as k on k.id = o.kind
join outcomes as later on later.record_key = o.record_key and later.n > o.n
join kinds as its on its.id = later.kind and its.model = k.model
where o.n between ? and ? and later.status in ('acknowledged', 'verified', 'sent', 'unresolved')
group by o.n
"""


def to_quarantine(ledger: Ledger, times: int, hours: float = QUARANTINE_HOURS) -> Mapping[str, str]:
    """{idempotency key: the last message} of writes that failed alike `times` times in a row.

    Alike: same status and same error code (the HTTP status where the service names none). For
    `hours` since the last try: what was mended in the other system shows in none of their values.
    """
    since = outcomes.microseconds(ledger.clock.now() - timedelta(hours=hours))
    rows = ledger.connection.execute(TO_QUARANTINE, {"times": times, "since": since})
    what = f"Quarantined after it failed {times} times the same way"
    return {
        row["idempotency_key"]: f"{what}: {row['message'] or 'no reason given'}" for row in rows
    }


def quarantined_rows(ledger: Ledger, plan_id: str) -> list[str]:
    """A message for each row or unit of a plan that was not sent for that."""
    base, end = outcomes.span(ledger.number(plan_id))
    rows = ledger.connection.execute(
        "select n, record_key, error_message from writes "
        "where n > ? and n < ? and status = 'quarantined' order by n",
        [base, end],
    ).fetchall()
    numbers = [row["n"] - base for row in rows]
    units = dict(plan_file.rows_numbered(ledger.file(plan_id), ["unit"], numbers))
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        whole = units.get(row["n"] - base) or str(row["n"])
        key, record = (whole, row["error_message"]), row["record_key"]
        found[key] = min(found.get(key, record), record)
    return [f"{record}: {message}" for (_, message), record in found.items()]


def in_doubt(ledger: Ledger) -> Mapping[tuple[str, str], str]:
    """{(model, record key): why} of records whose last write may have gone through.

    Nothing more is written to them before that is known.
    """
    rows = ledger.connection.execute(
        "select model, record_key, error_message from writes "
        "where status in ('sent', 'unresolved') order by n"
    )
    what = "Waits until its last write, which got no answer, can be read back"
    return {
        (row["model"], row["record_key"]): f"{what}: {row['error_message'] or 'not tried yet'}"
        for row in rows
    }


def unwritten(ledger: Ledger) -> Iterator[Mapping[str, Any]]:
    """The newest try of every record that did not come through: `target`, `model`, `status`, …"""
    yield from (dict(row) for row in ledger.connection.execute(UNWRITTEN))


def standing(ledger: Ledger, plan_id: str) -> Iterator[tuple[Change, Mapping[str, Any] | None]]:
    """What a plan wrote, in writing order, and the first later write of the same record."""
    base, _ = outcomes.span(ledger.number(plan_id))
    for page in ledger.pages(plan_id):
        numbers = [base + outcomes.number_of(row.write_id)[1] for row in page]
        found = ledger.connection.execute(LATER, [numbers[0], numbers[-1]])
        later = {row["n"]: row["later"] for row in found}
        for n, row in zip(numbers, page, strict=True):
            if row.status in ("acknowledged", "verified"):
                yield row, _run_of(ledger, later.get(n))


def _run_of(ledger: Ledger, n: int | None) -> Mapping[str, Any] | None:
    """Plan and run of a write, and when it was sent."""
    if n is None:
        return None
    row = ledger.connection.execute(
        "select plan_id, run_id, sent_at from writes where n = ?", [n]
    ).fetchone()
    return None if row is None else dict(row)


def plan_of_run(ledger: Ledger, name: str) -> str:
    """The plan that a run applied, or the plan of that id. Raises UnknownRun."""
    row = ledger.connection.execute(
        "select plan_id from plans where plan_id = ? "
        "union all select json_extract(report, '$.plan_id') from runs "
        "where run_id = ? and command <> 'plan' and command <> 'undo' "
        "union all select plan_id from plans where run_id = ?",
        [name, name, name],
    ).fetchall()
    found = next((plan_id for (plan_id,) in row if plan_id), None)
    if found is None:
        raise UnknownRun(name)
    return str(found)


def last_applied(ledger: Ledger) -> str:
    """The plan whose apply began last. Raises UnknownRun when none ever did."""
    row = ledger.connection.execute(
        "select plan_id from plans where apply_started_at is not null "
        "order by apply_started_at desc, n desc limit 1"
    ).fetchone()
    if row is None:
        raise UnknownRun("any run")
    return str(row["plan_id"])
