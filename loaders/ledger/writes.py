"""The rows of plans: from their files, and from SQLite what became of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.clock import Clock, stamp
from loaders.errors import UnknownPlan
from loaders.ledger import outcomes, parts, plan_file, store
from loaders.ledger.outcomes import number_of, span
from loaders.ledger.parts import Part
from loaders.ledger.rows import NOT_PERSISTED, change_of, verification_values
from loaders.models import Change, Operation, Outcome, Verification

Counts = dict[tuple[str, str], dict[str, int]]
NOT_CREATED = "status not in ('planned', 'sent', 'acknowledged', 'verified')"


@dataclass(frozen=True)
class Segment:
    """Rows of a plan that may be sent in any order: one operation of one model, or new documents
    with their lines, under the documents' model."""

    model: str
    operation: Operation
    rows: int


class Writes:
    """The part of `Ledger` that is about rows. A missing plan's file is a StorageError."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        self.connection, self.path, self.clock = connection, path, clock
        self._bases: dict[str, int] = {}
        self._kinds: dict[str, outcomes.Kinds] = {}

    # reading

    def parts(self, plan_id: str) -> list[Part]:
        """What a plan consists of, as it was saved. Raises UnknownPlan."""
        row = self._one("select parts from plans where plan_id = ?", plan_id)
        if row is None:
            raise UnknownPlan(plan_id)
        return parts.from_json(row["parts"])

    def number(self, plan_id: str) -> int:
        """The number of a plan, by which `outcomes` knows it. Raises UnknownPlan."""
        row = self._one("select n from plans where plan_id = ?", plan_id)
        if row is None:
            raise UnknownPlan(plan_id)
        return int(row["n"])

    def file(self, plan_id: str) -> Path:
        """Where the rows of a plan are."""
        return plan_file.path_of(self.path.parent, plan_id)

    def changes(self, plan_id: str, limit: int | None = None) -> Iterator[Change]:
        """The rows of a plan in writing order, a page at a time."""
        if limit != 0:
            for page in self.pages(plan_id, 1, limit):
                yield from page

    def segments(self, plan_id: str) -> list[Segment]:
        """The parts of a plan that still have rows to send, in order."""
        left: dict[tuple[str, Operation], int] = {}
        for part in self.parts(plan_id):
            key = (part.sent_as, part.operation)
            left[key] = left.get(key, 0) + part.rows
        for row in outcomes.statuses(self.connection, self.number(plan_id)):
            if row["status"] != "planned":
                left[row["sent_as"], row["operation"]] -= row["rows"]
        return [Segment(*key, rows) for key, rows in left.items() if rows]

    def planned(self, plan_id: str, segment: Segment) -> Iterator[Change]:
        """Rows of a segment not yet sent, a page at a time: the ledger can be written meanwhile."""
        wanted = (segment.model, segment.operation)
        mine = [p for p in self.parts(plan_id) if (p.sent_as, p.operation) == wanted]
        if not mine:
            return
        first, last = min(part.first for part in mine), max(part.last for part in mine)
        for page in self.pages(plan_id, first, last):
            yield from (
                row
                for row in page
                if row.status == "planned" and (row.sent_as, row.operation) == wanted
            )

    def pages(
        self, plan_id: str, first: int = 1, last: int | None = None
    ) -> Iterator[list[Change]]:
        """Rows of a plan from one number to another, in lists of a few thousand."""
        if not self.parts(plan_id) or self._is_empty(plan_id):
            return
        base, _ = span(self.number(plan_id))
        names = plan_file.COLUMNS
        for page in plan_file.read(self.file(plan_id), names, first=first, last=last):
            known = self._known(base + page[0][0], base + page[-1][0])
            yield [change_of(plan_id, row, known.get(base + row[0])) for row in page]

    def _is_empty(self, plan_id: str) -> bool:
        """Whether all rows of it were pruned, and its file with them."""
        row = self._one("select pruned_at from plans where plan_id = ?", plan_id)
        pruned = row is not None and row["pruned_at"] is not None
        return pruned and not self.file(plan_id).is_file()

    def _known(self, first: int, last: int) -> Mapping[int, sqlite3.Row]:
        """What SQLite has of rows, by their number there."""
        rows = self.connection.execute(
            "select o.n, o.status, o.attempts, o.not_persisted, o.record_id, e.message "
            "from outcomes as o left join errors as e on e.id = o.error "
            "where o.n between ? and ?",
            [first, last],
        )
        return {row["n"]: row for row in rows}

    def unanswered(self) -> list[tuple[str, Change]]:
        """Rows of any plan that were sent and never answered, with their plan id."""
        return list(outcomes.unanswered(self.connection))

    def has_unanswered(self) -> bool:
        """Whether any row was sent and never answered."""
        found = self._one("select 1 from outcomes where status in ('sent', 'unresolved')")
        return found is not None

    def missing_records(self, plan_id: str) -> set[str]:
        """Records a plan should have created and did not: `<system>.<entity set>/<record key>`."""
        rows = self.connection.execute(
            "select system || '.' || entity_set || '/' || record_key as record from writes "
            f"where n > ? and n < ? and operation = 'create' and {NOT_CREATED}",
            span(self.number(plan_id)),
        )
        return {row["record"] for row in rows}

    def unsent_records(self, plan_id: str, models: Iterable[str]) -> set[str]:
        """The same of records that some models have yet to create, because they stopped."""
        found: set[str] = set()
        for model in models:
            for segment in self.segments(plan_id):
                if (segment.model, segment.operation) == (model, "create"):
                    targets = {part.model: part.target for part in self.parts(plan_id)}
                    rows = self.planned(plan_id, segment)
                    found.update(f"{targets[row.model]}/{row.record_key}" for row in rows)
        return found

    def statuses(self, plan_id: str) -> Counts:
        """{(flow, target): {status: rows}} of a plan; pruned rows are among the planned ones."""
        counts: Counts = {}
        targets = {}
        for part in self.parts(plan_id):
            key = targets[part.model] = (part.flow, part.target)
            by = counts.setdefault(key, {})
            by["planned"] = by.get("planned", 0) + part.rows
        for row in outcomes.statuses(self.connection, self.number(plan_id)):
            by = counts[targets[row["model"]]]
            by["planned"] -= row["rows"]
            by[row["status"]] = by.get(row["status"], 0) + row["rows"]
        return {key: {s: rows for s, rows in by.items() if rows} for key, by in counts.items()}

    def not_persisted(self, plan_id: str) -> dict[tuple[str, str], int]:
        """{(flow, target): rows} that were written, accepted, and read back different."""
        targets = {part.model: (part.flow, part.target) for part in self.parts(plan_id)}
        found: dict[tuple[str, str], int] = {}
        for row in outcomes.statuses(self.connection, self.number(plan_id)):
            if row["code"] == NOT_PERSISTED:
                key = targets[row["model"]]
                found[key] = found.get(key, 0) + row["rows"]
        return found

    # writing

    def mark_sent(self, rows: Iterable[Change | str], request_id: str | None = None) -> None:
        """Before a request leaves: these rows may from now on be in the target.

        Their images are kept beside them until an answer came. A write id stands for its row.
        `request_id` is what the service is to know the request by, where it can be chosen.
        """
        at = outcomes.microseconds(self.clock.now())
        with store.changing(self.connection) as touched:
            found = [(self.place(row.write_id), row) for row in self._whole(rows)]
            request = outcomes.Requests(self.connection).of(request_id)
            values = [
                (*outcomes.sent(n, touched, self._kind(row), row), at, request) for n, row in found
            ]
            self.connection.executemany(outcomes.SEND, values)
            self.connection.executemany(
                "insert or replace into in_flight values (?, ?)",
                ((n, outcomes.image(row)) for n, row in found),
            )

    def _whole(self, rows: Iterable[Change | str]) -> Iterator[Change]:
        """Changes, those that are only named from the plans' files."""
        named: dict[str, list[int]] = {}
        for row in rows:
            if isinstance(row, Change):
                yield row
            else:
                plan_id, number = number_of(row)
                named.setdefault(plan_id, []).append(number)
        for plan_id, numbers in named.items():
            path, names = self.file(plan_id), plan_file.TEXTS
            for values in plan_file.rows_numbered(path, names, sorted(numbers)):
                yield change_of(plan_id, values, None)

    def place(self, write_id: str) -> int:
        """The number of a row in SQLite."""
        plan_id, number = number_of(write_id)
        if plan_id not in self._bases:
            self._bases[plan_id] = span(self.number(plan_id))[0]
        return self._bases[plan_id] + number

    def kind(self, write_id: str, model: str, operation: str, sent_as: str) -> int:
        """What a row is, as `kinds` has it."""
        plan_id, _ = number_of(write_id)
        return self._kinds_of(plan_id)[model, operation, sent_as]

    def _kind(self, row: Change) -> int:
        return self.kind(row.write_id, row.model, row.operation, row.sent_as)

    def _kinds_of(self, plan_id: str) -> outcomes.Kinds:
        if plan_id not in self._kinds:
            self._kinds[plan_id] = outcomes.kinds(self.connection, self.parts(plan_id))
        return self._kinds[plan_id]

    def record(self, found: Iterable[Outcome]) -> None:
        """After the answer: what became of each row. `planned` means that it may be sent again."""
        now = outcomes.microseconds(self.clock.now())
        with store.changing(self.connection) as touched:
            numbered = [(self.place(outcome.write_id), outcome) for outcome in found]
            known = outcomes.known(self.connection, [n for n, _ in numbered])
            self._add([outcome.write_id for n, outcome in numbered if n not in known], touched)
            outcomes.record(self.connection, touched, now, numbered)

    def _add(self, write_ids: Sequence[str], touched: int) -> None:
        """Rows that were decided before any request carried them."""
        values: list[tuple[Any, ...]] = []
        for row in self._whole(write_ids):
            facts = [getattr(row, name) for name in outcomes.ROW]
            n = self.place(row.write_id)
            kind = self._kind(row)
            values.append((*outcomes.new_values(n, touched, kind, facts, "planned"), None, None))
        self.connection.executemany(outcomes.ADD, values)

    def record_verified(self, findings: Mapping[str, Verification]) -> None:
        """What the records hold that were read back, by write id."""
        with store.changing(self.connection) as touched:
            values = []
            for write_id, finding in findings.items():
                status, code, message, kept = verification_values(finding)
                error = outcomes.error_id(self.connection, code, message)
                values.append((status, error, kept, touched, self.place(write_id)))
            self.connection.executemany(
                "update outcomes set status = ?, error = ?, not_persisted = ?, touched = ? "
                "where n = ?",
                values,
            )

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def _now(self) -> str:
        return stamp(self.clock.now())
