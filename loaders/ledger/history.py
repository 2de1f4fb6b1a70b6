"""What the ledger knows of earlier tries: rows to quarantine, to try again, to take back.

A record is the same in two plans when model and record key are; a write is the same intent when its
idempotency key is (target, operation, key and values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from loaders.clock import stamp
from loaders.errors import UnknownRun
from loaders.ledger.ledger import CHANGE_SQL, TARGET_SQL, Ledger
from loaders.models import Change

QUARANTINE_HOURS = 24.0
NOTHING_LATER = """not exists (
    select 1 from writes as later
    where later.model = w.model and later.record_key = w.record_key and later.n > w.n
        and later.status {condition}
)"""
TO_QUARANTINE = """
with tries as (
    select idempotency_key, status, coalesce(error_code, http_status, '') as way, error_message,
        sent_at, row_number() over (partition by idempotency_key order by n desc) as age
    from writes
    where status not in ('planned', 'sent', 'blocked', 'quarantined') and idempotency_key in (
        select idempotency_key from writes
        -- twice: the second list is the condition of the index writes_failed
        where status in ('rejected', 'failed')
            and status in ('rejected', 'failed', 'blocked', 'quarantined'))
)
select idempotency_key, max(case when age = 1 then error_message end) as message
from tries where age <= :times
group by idempotency_key
having count(*) = :times and count(distinct status || way) = 1
    and min(status) in ('rejected', 'failed') and max(sent_at) > :since
"""
# A plan that nobody applied says nothing about its rows, but it is no later try either.
UNWRITTEN = f"""
select n, status, {TARGET_SQL} as target, model, record_key, operation, idempotency_key
from writes as w
where status in ('rejected', 'failed', 'blocked', 'quarantined')
    and {NOTHING_LATER.format(condition="<> 'planned'")}
order by n
"""
# Rows whose update sends a value that an earlier write of the record sent already: overwritten by
# somebody since, or never kept by the service.
SENT_BEFORE = f"""
select {CHANGE_SQL} from writes as w
where plan_id = ? and operation = 'update' and status = 'acknowledged' and exists (
    select 1 from writes as p, json_each(w.after) as mine, json_each(p.after) as theirs
    where p.model = w.model and p.record_key = w.record_key and p.n < w.n
        and p.status in ('acknowledged', 'verified')
        and mine.key = theirs.key and mine.value is theirs.value
)
order by n
"""


def to_quarantine(ledger: Ledger, times: int, hours: float = QUARANTINE_HOURS) -> Mapping[str, str]:
    """{idempotency key: the last message} of writes that failed alike `times` times in a row.

    Alike: same status and same error code (the HTTP status where the service names none). For
    `hours` since the last try: what was mended in the other system shows in none of their values.
    """
    since = stamp(ledger.clock.now() - timedelta(hours=hours))
    rows = ledger.connection.execute(TO_QUARANTINE, {"times": times, "since": since})
    what = f"Quarantined after it failed {times} times the same way"
    return {
        row["idempotency_key"]: f"{what}: {row['message'] or 'no reason given'}" for row in rows
    }


def quarantined_rows(ledger: Ledger, plan_id: str) -> list[str]:
    """A message for each row or unit of a plan that was not sent for that."""
    rows = ledger.connection.execute(
        "select coalesce(unit, write_id) as whole, min(record_key) as record, error_message "
        "from writes where plan_id = ? and status = 'quarantined' group by 1, 3 order by min(n)",
        [plan_id],
    )
    return [f"{row['record']}: {row['error_message']}" for row in rows]


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


def unwritten(ledger: Ledger) -> list[Mapping[str, Any]]:
    """The newest try of every record that did not come through: `target`, `model`, `status`, …"""
    return [dict(row) for row in ledger.connection.execute(UNWRITTEN)]


def sent_before(ledger: Ledger, plan_id: str) -> list[Change]:
    """Updates of a plan with a value that an earlier write of the same record had already."""
    return [Change(*row) for row in ledger.connection.execute(SENT_BEFORE, [plan_id])]


def first_contacts(ledger: Ledger, plan_id: str) -> Mapping[str, int]:
    """{`flow to target`: rows} of a plan in which two linked records meet for the first time."""
    rows = ledger.connection.execute(
        f"select flow || ' to ' || {TARGET_SQL} as name, count(*) as rows from writes "
        "where plan_id = ? and json_extract(agreement, '$.first_contact') = 1 "
        "and status <> 'blocked' group by 1 order by min(n)",
        [plan_id],
    )
    return {row["name"]: row["rows"] for row in rows}


def standing(ledger: Ledger, plan_id: str) -> Iterator[tuple[Change, Mapping[str, Any] | None]]:
    """What a plan wrote, in writing order, and the first later write of the same record."""
    sql = (
        f"select {CHANGE_SQL} from writes as w "
        "where plan_id = ? and status in ('acknowledged', 'verified') order by n"
    )
    for row in ledger.connection.execute(sql, [plan_id]).fetchall():
        change = Change(*row)
        yield change, _written_later(ledger, change)


def _written_later(ledger: Ledger, change: Change) -> Mapping[str, Any] | None:
    row = ledger.connection.execute(
        "select plan_id, run_id, sent_at from writes where model = ? and record_key = ? "
        "and n > (select n from writes where write_id = ?) "
        "and status in ('acknowledged', 'verified', 'sent', 'unresolved') order by n limit 1",
        [change.model, change.record_key, change.write_id],
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
