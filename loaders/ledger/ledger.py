"""The ledger: what was planned, sent and answered, beside the warehouse.

The warehouse has one writer and no reader meanwhile; the ledger can be read while a run goes on,
and every transaction survives a killed process. What is to be written is in a file for each plan
(plan_file.py), what became of it in SQLite (outcome_tables.py). `publish` copies both into the
warehouse.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from loaders.clock import Clock, stamp
from loaders.errors import UnknownPlan
from loaders.ledger import parts, plan_file, same_plan, saving, store
from loaders.ledger.outcomes import microseconds, span
from loaders.ledger.parts import Part
from loaders.ledger.rows import plan_of, plan_row
from loaders.ledger.writes import Segment, Writes
from loaders.models import Judge, Plan

__all__ = ["FILE_NAME", "Ledger", "Segment"]
FILE_NAME = "ledger.sqlite"
# Plans that may have sent something after a moment.
SENT_SINCE = (
    "status = 'applying' or apply_started_at is null or finished_at is null "
    "or max(apply_started_at, finished_at) > ?"
)


class Ledger(Writes):
    """Open with `Ledger.open(state_dir)`; use from one thread; close, or use as context manager."""

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

    def sweep(self) -> int:
        """Remove what killed processes left of plans, under the warehouse's lock; how many files.

        A plan's file that is complete stays: a ledger that was put back may not know it yet.
        """
        return plan_file.sweep(self.path.parent)

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

    def note_stages(self, run_id: str, stages: Mapping[str, float]) -> None:
        """Seconds by stage again, of a run that has a report: what came after it took time, too."""
        with store.changing(self.connection) as touched:
            self.connection.execute(
                "update runs set report = json_set(report, '$.stages', json(?)), touched = ? "
                "where run_id = ?",
                [json.dumps(stages), touched, run_id],
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
        """Save a plan and its rows (keys of `plan_file.COLUMNS`), as `save_plan` does."""
        rows = [{**row, "number": number} for number, row in enumerate(writes, start=1)]
        with duckdb.connect() as connection:
            connection.register("planned", pa.Table.from_pylist(rows, schema=plan_file.SCHEMA))
            return self.save_plan(plan, connection, "planned", judge)

    def save_plan(
        self,
        plan: Plan,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        judge: Judge | None = None,
        *,
        once: bool = False,
    ) -> Plan:
        """Save a plan whose rows a relation of DuckDB has; returns it counted.

        Nothing of it is kept when `judge` raises, who is shown it first. The file comes first: a
        process that is killed in between leaves a file that no plan names. `once`: where it would
        send nothing, and the last plan, which was applied, held back the same rows, that one is
        returned and nothing is saved. Raises StorageError.
        """
        found = parts.count(connection, relation)
        counted = replace(
            plan, counts=parts.counts(found), first_contacts=parts.first_contacts(found)
        )
        if judge:
            judge(counted)
        if once and (last := self._same_plan(counted, found, connection, relation)):
            return last
        if found:
            plan_file.write(self.file(plan.plan_id), connection, relation)
            plan_file.finish(self.file(plan.plan_id))
        with store.changing(self.connection) as touched:
            row = plan_row(counted, parts.to_json(found))
            store.insert(self.connection, "plans", [row], touched)
            if any(part.status != "planned" for part in found):
                saving.add_decided(self, plan.plan_id, connection, relation, touched)
        return counted

    def _same_plan(
        self,
        plan: Plan,
        found: Sequence[Part],
        connection: duckdb.DuckDBPyConnection,
        relation: str,
    ) -> Plan | None:
        last = self.last_started_plan()
        if (
            last
            and same_plan.sends_nothing(found)
            and same_plan.sends_nothing(self.parts(last.plan_id))
            and same_plan.is_as_before(plan, last)
            and same_plan.holds_back_the_same(connection, relation, self.file(last.plan_id))
        ):
            return last
        return None

    def plan(self, plan_id: str) -> Plan:
        """A saved plan. Raises UnknownPlan."""
        row = self._one("select * from plans where plan_id = ?", plan_id)
        if row is None:
            raise UnknownPlan(plan_id)
        return plan_of(row)

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
        plans = self.connection.execute(
            f"select n from plans where ({SENT_SINCE}) and plan_id is not ?",
            [stamp(moment), but_plan],
        ).fetchall()
        found = [self._written_since(row["n"], target, moment) for row in plans]
        return sum(found)

    def _written_since(self, plan_number: int, target: str, moment: datetime) -> int:
        row = self._one(
            "select count(*) as rows from outcomes as o join kinds as k on k.id = o.kind "
            "where o.n > ? and o.n < ? and o.sent_at > ? and k.system || '.' || k.entity_set = ? "
            "and o.status not in ('planned', 'blocked')",
            *span(plan_number),
            microseconds(moment),
            target,
        )
        return int(row["rows"]) if row else 0
