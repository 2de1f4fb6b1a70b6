"""Writes and finds what became of rows, in SQLite; the calls of `Ledger` in plain functions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from loaders.ledger import store
from loaders.ledger.outcome_tables import PLACES
from loaders.ledger.parts import Part
from loaders.models import Change, Outcome

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a row that is met for the first time; as `Ledger` finds them in a change or in the plan's file.
ROW = ("record_key", "source_key", "key_values", "record_id", "idempotency_key")
ADD = (
    "insert into outcomes (n, touched, kind, record_key, source_key, key_values, record_id, intent,"
    " status, error, sent_at, request) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SEND = (
    f"{ADD} on conflict (n) do update set status = 'sent', sent_at = excluded.sent_at, "
    "request = excluded.request, touched = excluded.touched"
)
RECORD = (
    "update outcomes set status = ?, attempts = attempts + ?, http_status = ?, error = ?, "
    "request = coalesce(?, request), record_id = coalesce(?, record_id), finished_at = ?, "
    "touched = ? where n between ? and ?"
)
KINDS = "(model, flow, system, entity_set, operation, sent_as)"
Kinds = Mapping[tuple[str, str, str], int]
_FACTS = attrgetter(
    "status", "attempts", "http_status", "error_code", "error_message", "request_id", "record_id"
)
_known = attrgetter(*ROW)
_values = attrgetter(*Change.__dataclass_fields__)


def number_of(write_id: str) -> tuple[str, int]:
    """A write's plan, and its place in it."""
    plan_id, _, number = write_id.rpartition("-")
    return plan_id, int(number)


def span(plan_number: int) -> tuple[int, int]:
    """Above the first and below the second are the numbers of a plan's rows."""
    return plan_number * PLACES, (plan_number + 1) * PLACES


def microseconds(moment: datetime) -> int:
    """How `outcomes` has a time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def kinds(db: sqlite3.Connection, parts: Iterable[Part]) -> Kinds:
    """{(model, operation, sent as): its row in `kinds`} of a plan; those that lack one get it."""
    found: dict[tuple[str, str, str], int] = {}
    for part in parts:
        db.execute(f"insert or ignore into kinds {KINDS} values (?, ?, ?, ?, ?, ?)", part.kind)
        row = db.execute(
            f"select id from kinds where {KINDS} = (?, ?, ?, ?, ?, ?)", part.kind
        ).fetchone()
        found[part.model, part.operation, part.sent_as] = int(row["id"])
    return found


def error_id(db: sqlite3.Connection, code: object, message: object) -> int | None:
    """The row of an error that may be many rows'."""
    if not code and not message:
        return None
    values = (str(code or ""), str(message or ""))
    db.execute("insert or ignore into errors (code, message) values (?, ?)", values)
    row = db.execute("select id from errors where code = ? and message = ?", values).fetchone()
    return int(row["id"])


class Requests:
    """The rows of request ids, one for each that a call of the ledger brings."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._known = db, dict[str, int]()

    def of(self, request_id: str | None) -> int | None:
        """The row of a request id."""
        if not request_id:
            return None
        if request_id not in self._known:
            cursor = self._db.execute("insert into requests (request_id) values (?)", [request_id])
            self._known[request_id] = int(cursor.lastrowid or 0)
        return self._known[request_id]


def new_values(
    n: int, touched: int, kind: int, row: Sequence[Any], status: str, error: int | None = None
) -> tuple[Any, ...]:
    """Values for ADD but the last two; `row` has what ROW names."""
    record_key, source_key, key_values, record_id, intent = row
    known = (record_key or "", source_key, key_values, record_id, bytes.fromhex(intent))
    return (n, touched, kind, *known, status, error)


def sent(n: int, touched: int, kind: int, row: Change) -> tuple[Any, ...]:
    """Values for SEND, but when it was sent and with which request."""
    return new_values(n, touched, kind, _known(row), "sent")


def image(row: Change) -> str:
    """All of a row, for as long as its answer is not known."""
    return orjson.dumps(_values(row)).decode()


def unanswered(db: sqlite3.Connection) -> Iterator[tuple[str, Change]]:
    """Rows that were sent and never answered, with their plan."""
    rows = db.execute(
        "select p.plan_id, f.change, o.status, o.attempts, e.message from outcomes as o "
        "join plans as p on p.n = o.n / ? join in_flight as f on f.n = o.n "
        "left join errors as e on e.id = o.error "
        "where o.status in ('sent', 'unresolved') order by o.n",
        [PLACES],
    )
    for plan_id, text, status, attempts, message in rows:
        values = dict(zip(Change.__dataclass_fields__, json.loads(text), strict=False))
        now = {"status": status, "attempts": attempts, "error_message": message or None}
        yield plan_id, Change(**{**values, **now})


def record(
    db: sqlite3.Connection, touched: int, now: int, found: Iterable[tuple[int, Outcome]]
) -> None:
    """Bring rows to their outcomes; those that may go out again have no end.

    Rows side by side with the same outcome are one statement: most of a chunk fares alike.
    """
    requests, values, closed = Requests(db), [], []
    for first, last, outcome in _runs(found):
        error = error_id(db, outcome.error_code, outcome.error_message)
        end = None if outcome.status == "planned" else now
        request = requests.of(outcome.request_id)
        facts = (outcome.http_status, error, request, outcome.record_id)
        values.append((outcome.status, outcome.attempts, *facts, end, touched, first, last))
        if outcome.status not in ("sent", "unresolved"):
            closed.append((first, last))
    db.executemany(RECORD, values)
    db.executemany("delete from in_flight where n between ? and ?", closed)


def _runs(found: Iterable[tuple[int, Outcome]]) -> Iterator[tuple[int, int, Outcome]]:
    """First and last number of rows side by side, with the outcome that is theirs."""
    first, last, facts = 0, -1, ()
    same: Outcome | None = None
    for n, outcome in sorted(found, key=itemgetter(0)):
        these = _FACTS(outcome)
        if n == last + 1 and these == facts:
            last = n
            continue
        if same:
            yield first, last, same
        first = last = n
        same, facts = outcome, these
    if same:
        yield first, last, same


def statuses(db: sqlite3.Connection, plan_number: int) -> list[sqlite3.Row]:
    """Rows of a plan that were sent or decided, counted by kind, status and error."""
    return db.execute(
        "select k.model, k.operation, k.sent_as, o.status, e.code, o.rows from "
        "(select kind, status, error, count(*) as rows, min(n) as first from outcomes "
        "where n > ? and n < ? group by 1, 2, 3) as o "
        "join kinds as k on k.id = o.kind left join errors as e on e.id = o.error "
        "order by o.first",
        span(plan_number),
    ).fetchall()


def known(db: sqlite3.Connection, numbers: Sequence[int]) -> set[int]:
    """Which of these rows SQLite has."""
    found: set[int] = set()
    for start in range(0, len(numbers), store.PAGE):
        rows = db.execute(
            "select n from outcomes where n in (select value from json_each(?))",
            [json.dumps(numbers[start : start + store.PAGE])],
        )
        found.update(row["n"] for row in rows)
    return found
