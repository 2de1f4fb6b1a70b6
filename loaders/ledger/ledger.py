"""The ledger: what was planned, sent and answered, in a SQLite file beside the warehouse.

The warehouse has one writer and no reader meanwhile; the ledger can be read while a run goes on,
and every transaction survives a killed process. `publish` copies it into the warehouse. One row a
write, changed in place: planned, then sent, then its outcome.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loaders.clock import Clock, stamp
from loaders.errors import UnknownPlan
from loaders.ledger import store
from loaders.ledger.rows import (
    NOT_PERSISTED,
    outcome_values,
    plan_of,
    plan_row,
    verification_values,
)
from loaders.models import Change, Judge, Operation, Outcome, Plan, Verification

FILE_NAME = "ledger.sqlite"
CHANGE_SQL = ", ".join(f'"{column}"' for column in Change.__dataclass_fields__)
TARGET_SQL = "system || '.' || entity_set"
SENT_AS = "case when unit is null then model else substr(unit, 1, instr(unit, '/') - 1) end"
Counts = dict[tuple[str, str], dict[str, int]]


@dataclass(frozen=True)
class Segment:
    """Rows of a plan that may be sent in any order: one operation of one model, or new documents
    with their lines, under the documents' model."""

    model: str
    operation: Operation
    rows: int


class Ledger:
    """Open with `Ledger.open(state_dir)`; use from one thread; close, or use as context manager."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        self.connection, self.path, self.clock = connection, path, clock

    @classmethod
    def open(cls, state_dir: Path, clock: Clock | None = None) -> Self:
        """Open the ledger under `state_dir`, creating both when they are not there."""
        path = state_dir / FILE_NAME
        return cls(store.connect(path), path, clock or Clock())

    def close(self) -> None:
        """Close the file. The rows are on disk since their transaction ended."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # runs

    def start_run(self, command: str) -> str:
        """Note that a run began; returns its id."""
        run_id = self.clock.new_id("run")
        row = {"run_id": run_id, "command": command, "status": "running", "started_at": self._now()}
        with store.changing(self.connection) as touched:
            store.insert(self.connection, "runs", [row], touched)
        return run_id

    def finish_run(self, run_id: str, status: str, report: Mapping[str, Any]) -> None:
        """Note how a run ended, with the report the command line prints as JSON."""
        values = (status, self._now(), report.get("seconds"), report.get("writes"))
        with store.changing(self.connection) as touched:
            self.connection.execute(
                "update runs set status = ?, finished_at = ?, seconds = ?, writes = ?, report = ?, "
                "touched = ? where run_id = ?",
                [*values, json.dumps(report), touched, run_id],
            )

    def last_report(self) -> Mapping[str, Any] | None:
        """The report of the last run that wrote what dbt found to change, and got to its end."""
        row = self._one(
            "select report from runs where status in ('ok', 'partial') "
            "and coalesce(json_extract(report, '$.kind'), 'changes') = 'changes' "
            "and report is not null order by n desc limit 1"
        )
        return None if row is None else dict(json.loads(row["report"]))

    # plans

    def add_plan(
        self, plan: Plan, writes: Iterable[Mapping[str, Any]], judge: Judge | None = None
    ) -> Plan:
        """Save a plan and its rows (keys of `schema.WRITES`) at once; returns it counted.

        Nothing of it is kept when `judge` raises, who is shown it first.
        """
        with store.changing(self.connection) as touched:
            store.insert(self.connection, "writes", writes, touched)
            counted = self._counted(plan)
            if judge:
                judge(counted)
            store.insert(self.connection, "plans", [plan_row(counted)], touched)
        return counted

    def plan(self, plan_id: str) -> Plan:
        """A saved plan. Raises UnknownPlan."""
        row = self._one("select * from plans where plan_id = ?", plan_id)
        if row is None:
            raise UnknownPlan(plan_id)
        return self._counted(plan_of(row))

    def last_started_plan(self) -> Plan | None:
        """The last plan whose apply began: what the guards compare the sources with."""
        row = self._one(
            "select * from plans where apply_started_at is not null "
            "order by apply_started_at desc limit 1"
        )
        return None if row is None else plan_of(row)

    def set_plan_status(self, plan_id: str, status: str) -> None:
        """`applying` stamps the start of the apply, every other status its end."""
        column = "apply_started_at" if status == "applying" else "finished_at"
        with store.changing(self.connection) as touched:
            self.connection.execute(
                f"update plans set status = ?, {column} = ?, touched = ? where plan_id = ?",
                [status, self._now(), touched, plan_id],
            )

    def written_since(self, target: str, moment: datetime, but_plan: str | None = None) -> int:
        """Rows sent to `<system>.<entity set>` after a moment, those of one plan left out."""
        row = self._one(
            f"select count(*) as rows from writes where sent_at > ? and {TARGET_SQL} = ? "
            "and plan_id is not ? and status not in ('planned', 'blocked')",
            stamp(moment),
            target,
            but_plan,
        )
        return int(row["rows"]) if row else 0

    def _counted(self, plan: Plan) -> Plan:
        counts = self._counts("operation", plan.plan_id)
        return Plan(**{**plan.__dict__, "counts": counts})

    # writes

    def changes(self, plan_id: str, limit: int | None = None) -> Iterator[Change]:
        """The rows of a plan in writing order."""
        sql = f"select {CHANGE_SQL} from writes where plan_id = ? order by n limit ?"
        values = [plan_id, -1 if limit is None else limit]
        with closing(self.connection.execute(sql, values)) as rows:
            yield from (Change(*row) for row in rows)

    def segments(self, plan_id: str) -> list[Segment]:
        """The parts of a plan that still have rows to send, in order."""
        rows = self.connection.execute(
            f"select {SENT_AS}, operation, count(*) from writes "
            "where plan_id = ? and status = 'planned' group by 1, 2 order by min(n)",
            [plan_id],
        )
        return [Segment(*row) for row in rows]

    def planned(self, plan_id: str, segment: Segment) -> Iterator[Change]:
        """Rows of a segment not yet sent."""
        condition = f"{SENT_AS} = ? and operation = ? and status = 'planned'"
        values = (segment.model, segment.operation)
        yield from self._pages(plan_id, condition, values)

    def _pages(
        self, plan_id: str, condition: str, values: Sequence[object] = ()
    ) -> Iterator[Change]:
        """Rows of a plan in writing order, in pages: the ledger can be written meanwhile."""
        last = 0
        while True:
            rows = self.connection.execute(
                f"select n, {CHANGE_SQL} from writes "
                f"where plan_id = ? and n > ? and {condition} order by n limit ?",
                [plan_id, last, *values, store.PAGE],
            ).fetchall()
            if not rows:
                return
            last = rows[-1]["n"]
            yield from (Change(*row[1:]) for row in rows)

    def unanswered(self) -> list[tuple[str, Change]]:
        """Rows of any plan that were sent and never answered, with their plan id."""
        sql = (
            f"select plan_id, {CHANGE_SQL} from writes "
            "where status in ('sent', 'unresolved') order by n"
        )
        return [(row["plan_id"], Change(*row[1:])) for row in self.connection.execute(sql)]

    def has_unanswered(self) -> bool:
        """Whether any row was sent and never answered."""
        return self._one("select 1 from writes where status in ('sent', 'unresolved')") is not None

    def missing_records(self, plan_id: str) -> set[str]:
        """Records a plan should have created and did not: `<system>.<entity set>/<record key>`."""
        rows = self.connection.execute(
            f"select {TARGET_SQL} || '/' || record_key as record from writes "
            "where plan_id = ? and operation = 'create' "
            "and status not in ('planned', 'sent', 'acknowledged', 'verified')",
            [plan_id],
        )
        return {row["record"] for row in rows}

    def unsent_records(self, plan_id: str, models: Iterable[str]) -> set[str]:
        """The same of records that some models have yet to create, because they stopped."""
        rows = self.connection.execute(
            f"select {TARGET_SQL} || '/' || record_key as record from writes "
            f"where plan_id = ? and operation = 'create' and status = 'planned' and {SENT_AS} in "
            "(select value from json_each(?))",
            [plan_id, json.dumps(list(models))],
        )
        return {row["record"] for row in rows}

    def mark_sent(self, write_ids: Iterable[str], request_id: str | None = None) -> None:
        """Before a request leaves: these rows may from now on be in the target.

        `request_id` is what the service is to know the request by, where it can be chosen.
        """
        now = self._now()
        with store.changing(self.connection) as touched:
            self.connection.executemany(
                "update writes set status = 'sent', sent_at = ?, request_id = ?, touched = ? "
                "where write_id = ?",
                [(now, request_id, touched, write_id) for write_id in write_ids],
            )

    def record(self, outcomes: Iterable[Outcome]) -> None:
        """After the answer: what became of each row. `planned` means that it may be sent again."""
        now = self._now()
        with store.changing(self.connection) as touched:
            self.connection.executemany(
                "update writes set status = ?, attempts = attempts + ?, http_status = ?, "
                "error_code = ?, error_message = ?, "
                "request_id = coalesce(?, request_id), record_id = coalesce(?, record_id), "
                "finished_at = ?, touched = ? where write_id = ?",
                [outcome_values(outcome, now, touched) for outcome in outcomes],
            )

    def record_verified(self, findings: Mapping[str, Verification]) -> None:
        """What the records hold that were read back, by write id."""
        with store.changing(self.connection) as touched:
            self.connection.executemany(
                "update writes set status = ?, error_code = ?, error_message = ?, "
                "not_persisted = ?, touched = ? where write_id = ?",
                [
                    (*verification_values(finding), touched, write_id)
                    for write_id, finding in findings.items()
                ],
            )

    def statuses(self, plan_id: str) -> Counts:
        """{(flow, target): {status: rows}} of a plan."""
        return self._counts("status", plan_id)

    def not_persisted(self, plan_id: str) -> dict[tuple[str, str], int]:
        """{(flow, target): rows} that were written, accepted, and read back different."""
        counted = self._counts("error_code", plan_id).items()
        return {key: codes[NOT_PERSISTED] for key, codes in counted if NOT_PERSISTED in codes}

    def _counts(self, column: str, plan_id: str) -> Counts:
        counts: Counts = {}
        rows = self.connection.execute(
            f"select flow, {TARGET_SQL} as target, {column} as what, count(*) as rows "
            "from writes where plan_id = ? group by 1, 2, 3 order by min(n)",
            [plan_id],
        )
        for row in rows:
            counts.setdefault((row["flow"], row["target"]), {})[row["what"]] = row["rows"]
        return counts

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def _now(self) -> str:
        return stamp(self.clock.now())
