"""Brings one chunk of rows to a service and comes back with an outcome for every row.

The order is the same for both services: send; take what was answered; send again what was surely
not processed; read back what may have been, before anything of it is sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import stamina

from loaders.applying.judging import is_unpinned, is_unversioned, judged_row, unreadable, whole
from loaders.applying.refusals import one_fate, too_large, too_long
from loaders.errors import (
    AmbiguousAnswer,
    RetryLater,
    ServiceError,
    Stopped,
    TooLarge,
)
from loaders.models import Change, Outcome, WriteTarget
from loaders.services.records import Record, Unreadable
from loaders.services.writer import WAIT_INITIAL, WAIT_MAX, Writer
from loaders.units import in_chunks

UNREAD = "No answer, and the record could not be read back."


@dataclass(frozen=True)
class Delivered:
    """Outcomes of a chunk's rows, and the error that ends the run, if there is one."""

    outcomes: Sequence[Outcome]
    error: ServiceError | None = None


class Delivery:
    """One chunk on its way. `deliver` is the entry."""

    def __init__(
        self, writer: Writer, target: WriteTarget, attempts: int, stop: threading.Event
    ) -> None:
        self._writer, self._target = writer, target
        self._attempts, self._stop = attempts, stop
        self._open: dict[str, Change] = {}
        self._doubtful: dict[str, Outcome | None] = {}
        self._maybe: set[str] = set()  # rows that may be written already
        self._moving: set[str | None] = set()  # units whose deletes move each other's versions
        self._last: dict[str, Outcome] = {}
        self._outcomes: list[Outcome] = []
        self._sent = 0
        self._size = max(1, writer.rows_per_request)

    def deliver(self, rows: Sequence[Change]) -> Delivered:
        """Send until every row has an outcome, the attempts are used up, or the run stops."""
        self._open = {row.write_id: row for row in rows}
        looked_at = _is_conditional if self._writer.read_before_update else is_unversioned
        units = {row.unit for row in rows if row.unit and looked_at(row)}
        self._moving = {row.unit for row in rows if row.unit and is_unpinned(row)}
        self._doubtful = {r.write_id: None for r in rows if looked_at(r) or r.unit in units}
        return self._finish(self._try())

    def recover(
        self, rows: Sequence[Change], answers: Mapping[str, Outcome] | None = None
    ) -> Delivered:
        """Only find out what became of rows whose answer never came; send nothing.

        `answers` is what the service says of them by now, each judged by what is there.
        """
        self._open = {row.write_id: row for row in rows}
        self._doubtful = {write_id: (answers or {}).get(write_id) for write_id in self._open}
        self._maybe = set(self._open)
        return self._finish(self._try(sending=False))

    def _try(self, *, sending: bool = True) -> ServiceError | None:
        try:
            for attempt in stamina.retry_context(
                on=self._backoff,
                attempts=self._attempts,
                timeout=None,
                wait_initial=WAIT_INITIAL,
                wait_max=WAIT_MAX,
            ):
                with attempt:
                    self._once(sending=sending)
        except (_RowsLeft, Stopped):
            return None
        except (RetryLater, AmbiguousAnswer) as error:
            return None if self._stop.is_set() else error
        except ServiceError as error:
            return error
        return None

    def _backoff(self, error: Exception) -> bool:
        """Retry what may work later; a 429 waits at the throttle, together with everybody else."""
        passing = isinstance(error, (RetryLater, AmbiguousAnswer, TooLarge))
        return passing and not self._stop.is_set()

    def _once(self, *, sending: bool) -> None:
        for row in self._open.values() if self._moving else ():
            if row.unit in self._moving:
                self._doubtful.setdefault(row.write_id, None)
        if self._doubtful:
            self._read_back()
        if not sending:
            return
        for part in list(in_chunks(self._open.values(), self._size)):
            self._send(part)
        if self._doubtful:
            self._read_back()
        if self._open:
            raise _RowsLeft("Some rows were not processed.")

    def _send(self, rows: list[Change]) -> None:
        if len(rows) > self._writer.most_rows:
            self._take_all(rows, too_long(rows, self._writer.most_rows))
            return
        try:
            self._sent += 1
            outcomes = self._writer.send(self._target, self._versioned(rows))
        except AmbiguousAnswer:
            self._doubt({row.write_id: None for row in rows})
            self._shrink(rows)
            raise
        except TooLarge as error:
            if len(rows) == 1 or rows[0].unit == rows[-1].unit is not None:
                self._take_all(rows, too_large(rows, error))
                return
            self._shrink(rows)
            raise
        self._take_all(rows, outcomes)

    def _versioned(self, rows: list[Change]) -> list[Change]:
        """Rows as they are sent: without a version that their own unit moves before it is met.

        A document's totals and the flags of its lines follow each line that is deleted. Such a unit
        is looked at before each try, and goes only when all of it is as it was.
        """
        if not self._moving:
            return rows
        return [replace(row, etag=None) if row.unit in self._moving else row for row in rows]

    def _take_all(self, rows: Sequence[Change], outcomes: Iterable[Outcome]) -> None:
        for outcome in one_fate(rows, map(self._advised, outcomes)):
            self._take(outcome)

    def _advised(self, outcome: Outcome) -> Outcome:
        if outcome.status != "rejected" or not outcome.error_message:
            return outcome
        return replace(outcome, error_message=self._target.advised(outcome.error_message))

    def _shrink(self, rows: list[Change]) -> None:
        """A request too slow or too large goes out in halves the next time (protocols A9)."""
        self._size = max(1, min(self._size, (len(rows) + 1) // 2))

    def _take(self, outcome: Outcome) -> None:
        self._last[outcome.write_id] = outcome
        if outcome.status in ("exists", "doubtful"):
            self._doubt({outcome.write_id: outcome if outcome.status == "exists" else None})
        elif outcome.status != "retry":
            self._close(outcome)

    def _doubt(self, rows: Mapping[str, Outcome | None]) -> None:
        self._doubtful.update(rows)
        self._maybe.update(rows)

    def _close(self, outcome: Outcome) -> None:
        if self._open.pop(outcome.write_id, None):
            self._outcomes.append(outcome.final(max(1, self._sent)))

    def _read_back(self) -> None:
        """Judge rows whose answer is missing or says "already there" by what the service holds."""
        rows = [self._open[write_id] for write_id in self._doubtful]
        records = self._writer.read_back(self._target, rows)
        unread = unreadable(rows, records)
        read = {name: one for name, one in records.items() if not isinstance(one, Unreadable)}
        known = [row for row in rows if row.write_id not in unread]
        judged = whole(known, {r.write_id: self._judge(r, read.get(r.write_id)) for r in known})
        for row in rows:
            if row.write_id in unread:
                self._not_read(row, unread[row.write_id])
                continue
            del self._doubtful[row.write_id]
            if not judged[row.write_id] and (record := read.get(row.write_id)):
                self._open[row.write_id] = replace(row, etag=record.etag)
        outcomes = {write_id: outcome for write_id, outcome in judged.items() if outcome}
        self._take_all([row for row in rows if row.write_id in outcomes], outcomes.values())
        if any(write_id in self._open for write_id in self._doubtful):
            raise _RowsLeft("Some rows could not be read back.")

    def _judge(self, row: Change, record: Record | None) -> Outcome | None:
        return judged_row(self._target.of(row), row, record, self._doubtful)

    def _not_read(self, row: Change, found: Unreadable) -> None:
        """One record that cannot be read is asked for again, or left alone; no other waits."""
        self._last[row.write_id] = Outcome(row.write_id, "retry", error_message=found.message)
        if not found.again:
            del self._doubtful[row.write_id]
            del self._open[row.write_id]
            self._outcomes.append(self._unread(row.write_id, found.message))

    def _unread(self, write_id: str, message: str) -> Outcome:
        """In doubt when it may be written, else failed: nothing of it was sent."""
        if write_id in self._maybe:
            message += " Whether it was written is not known; the next run asks again."
            return Outcome(write_id, "unresolved", error_message=message, attempts=self._sent)
        return Outcome(write_id, "failed", error_message=message, attempts=self._sent)

    def _finish(self, error: ServiceError | None) -> Delivered:
        for write_id in list(self._open):
            self._outcomes.append(self._left_over(write_id, error))
        return Delivered(self._outcomes, error)

    def _left_over(self, write_id: str, error: ServiceError | None) -> Outcome:
        """Rows without an outcome: in doubt, refused once too often, or never processed."""
        last = self._last.get(write_id)
        if write_id in self._doubtful and write_id in self._maybe:
            reason = last.error_message if last and last.error_message else UNREAD
            return self._unread(write_id, reason)
        if last and not error and not self._stop.is_set():
            return last.final(self._sent)
        return Outcome(write_id, "planned", attempts=self._sent)


def _is_conditional(row: Change) -> bool:
    return is_unversioned(row) or (row.operation != "create" and row.etag is not None)


class _RowsLeft(RetryLater):
    """Some rows of the chunk were not processed."""
