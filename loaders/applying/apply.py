"""Applies a plan: parts in graph order, chunks in parallel, every row recorded before and after.

The ledger is written by the calling thread alone; workers only talk to the services. No more chunks
are on their way than requests may be, so that a row marked as sent really may have been.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from loaders.applying.delivery import Delivered, Delivery
from loaders.applying.interrupt import stop_on_interrupt
from loaders.applying.outcomes_report import outcomes_of
from loaders.applying.recover import recover_rows
from loaders.applying.streaks import Streaks
from loaders.applying.verify import verify_rows
from loaders.errors import ServiceError
from loaders.ledger.ledger import Ledger, Segment
from loaders.ledger.publish import mark_behind
from loaders.ledger.sent_before import sent_before
from loaders.models import (
    ApplyReport,
    ApplySettings,
    ApplyStatus,
    Change,
    Judge,
    Outcome,
    Plan,
    Progress,
    Service,
    SyncGraph,
    System,
    WriteTarget,
)
from loaders.planning.plan import check_plan
from loaders.services.package_writers import check_ways
from loaders.services.writers import Writers
from loaders.units import in_chunks, together, unit_of

ProgressCallback = Callable[[Progress], None]


def apply_plan(  # noqa: PLR0913 - three have defaults, the others are what an apply consists of
    warehouse: Path,
    graph: SyncGraph,
    ledger: Ledger,
    plan_id: str,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    judge: Judge | None = None,
) -> ApplyReport:
    """Write exactly the rows of a saved plan that are not written yet.

    `judge` sees the plan once it is found to be true, before any request. Raises UnknownPlan,
    StalePlan, PlanAlreadyApplied, NoPackages before any request. Afterwards every row has its
    outcome in the ledger; an error that ended the run early is in the report, not raised, and
    applying the same plan again goes on where it stopped. A target whose rows keep failing alike
    stops alone. The first Ctrl-C or SIGTERM, or setting `stop`, lets the requests in flight finish.
    """
    plan = ledger.plan(plan_id)
    settings = settings or ApplySettings()
    check_ways(graph, settings)
    check_plan(warehouse, graph, ledger, plan)
    if judge:
        judge(plan)
    mark_behind(ledger, warehouse, plan_id)
    stop, started = stop or threading.Event(), ledger.clock.monotonic()
    with Writers(services, settings, stop, ledger.clock) as writers:
        apply = _Apply(graph, ledger, plan, writers, progress)
        with stop_on_interrupt(stop):
            error = apply.run() or _verify_again(graph, ledger, plan, writers)
        seconds = ledger.clock.monotonic() - started
        return _report(ledger, plan, seconds, writers, error, apply.stopped())


class _Apply:
    """One plan being applied."""

    def __init__(
        self,
        graph: SyncGraph,
        ledger: Ledger,
        plan: Plan,
        writers: Writers,
        callback: ProgressCallback | None,
    ) -> None:
        self._graph, self._ledger, self._plan = graph, ledger, plan
        self._writers, self._callback = writers, callback
        self._error: ServiceError | None = None
        self._running: dict[Future[Delivered], tuple[WriteTarget, list[Change]]] = {}
        self._done: dict[tuple[str, str], int] = {}
        self._streaks = Streaks(writers.settings.stop_after)
        self._waiting: set[str] = set()

    def run(self) -> ServiceError | None:
        """Everything that can be sent, in order. Returns the error that ended it early."""
        self._ledger.set_plan_status(self._plan.plan_id, "applying")
        try:
            recover_rows(self._graph, self._ledger, self._writers)
            with ThreadPoolExecutor(self._writers.settings.workers, "p2c-writer") as pool:
                for segment in self._ledger.segments(self._plan.plan_id):
                    self._segment(pool, segment)
                    if self._ended():
                        break
        except ServiceError as error:
            self._error = error
        self._ledger.set_plan_status(self._plan.plan_id, self._status())
        return self._error

    def _status(self) -> str:
        if self._error:
            return "aborted"
        open_rows = any("planned" in s for s in self._ledger.statuses(self._plan.plan_id).values())
        left = "interrupted" if self._writers.stop.is_set() else "partial"
        return left if open_rows else "applied"

    def stopped(self) -> tuple[str, ...]:
        """A message for each target that stopped with rows left to send."""
        if not self._streaks.stopped():
            return ()
        left: Counter[str] = Counter()
        for segment in self._ledger.segments(self._plan.plan_id):
            left[segment.model] += segment.rows
        return tuple(
            f"{self._graph.target(model).name} stopped: {why} The other {left[model]:,} rows stay "
            "planned, and so does what refers to them; mend the cause and run again."
            for model, why in self._streaks.stopped().items()
            if left[model]
        )

    def _ended(self) -> bool:
        return self._error is not None or self._writers.stop.is_set()

    def _segment(self, pool: ThreadPoolExecutor, segment: Segment) -> None:
        target = self._graph.target(segment.model)
        writer = self._writers.taking(target, segment.operation, segment.rows)
        missing = self._ledger.missing_records(self._plan.plan_id)
        self._waiting |= self._ledger.unsent_records(self._plan.plan_id, self._streaks.stopped())
        rows = self._ledger.planned(self._plan.plan_id, segment)
        self._writers.throttle(target.system).begin()
        for chunk in in_chunks(rows, lambda: writer.size(target, segment.operation)):
            ready = self._unblocked(target, chunk, missing)
            for portion in self._streaks.portions(target.model, ready):
                self._send(pool, target, segment, portion)
                if len(portion) < len(ready):
                    self._collect_all()
            if self._ended() or target.model in self._streaks.stopped():
                break
        self._collect_all()

    def _send(
        self, pool: ThreadPoolExecutor, target: WriteTarget, segment: Segment, rows: list[Change]
    ) -> None:
        throttle = self._writers.throttle(target.system)
        while len(self._running) >= throttle.places:
            self._collect()
        if not rows or self._ended() or target.model in self._streaks.stopped():
            return
        writer = self._writers.taking(target, segment.operation, segment.rows, len(rows))
        self._ledger.mark_sent(rows, writer.request_id)
        delivery = Delivery(writer, target, self._writers.settings.attempts, self._writers.stop)
        self._running[pool.submit(delivery.deliver, rows)] = (target, rows)

    def _collect_all(self) -> None:
        while self._running:
            self._collect()

    def _unblocked(
        self, target: WriteTarget, chunk: Sequence[Change], missing: set[str]
    ) -> list[Change]:
        """Rows whose parents are there; the others are recorded as blocked, units whole.

        What refers to a record that a stopped target has yet to create stays planned with it.
        """
        if not missing and not self._waiting:
            return list(chunk)
        ready: list[Change] = []
        blocked: list[Outcome] = []
        for members in together(chunk, unit_of):
            if _absent_parent(members, self._waiting):
                self._waiting |= {f"{target.of(r).name}/{r.record_key}" for r in members}
            elif parent := _absent_parent(members, missing):
                message = f"{parent} was not created; this waits for it."
                blocked += [
                    Outcome(row.write_id, "blocked", error_message=message, attempts=0)
                    for row in members
                ]
            else:
                ready += members
        if blocked:
            self._record(target, chunk, blocked)
        return ready

    def _collect(self) -> None:
        """Wait for at least one chunk and record what became of its rows."""
        finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in finished:
            target, rows = self._running.pop(future)
            delivered = future.result()
            self._record(target, rows, delivered.outcomes)
            self._streaks.note(target.model, delivered.outcomes)
            self._error = self._error or delivered.error

    def _record(
        self, target: WriteTarget, rows: Sequence[Change], outcomes: Sequence[Outcome]
    ) -> None:
        self._ledger.record(outcomes)
        finished_ids = {outcome.write_id for outcome in outcomes if outcome.status != "planned"}
        counted = Counter(target.of(row).name for row in rows if row.write_id in finished_ids)
        for name, count in counted.items():
            key = (target.flow, name)
            self._done[key] = self._done.get(key, 0) + count
            if self._callback:
                total = sum(self._plan.counts.get(key, {}).values())
                self._callback(Progress(*key, self._done[key], total))


def _verify_again(
    graph: SyncGraph, ledger: Ledger, plan: Plan, writers: Writers
) -> ServiceError | None:
    """Read back updates that sent a value for the second time: perhaps it is not persisted."""
    again = () if writers.stop.is_set() else sent_before(ledger, plan.plan_id)
    try:
        verify_rows(graph, ledger, writers, again)
    except ServiceError as error:
        return error
    return None


def _absent_parent(members: Sequence[Change], missing: set[str]) -> str | None:
    if not missing:
        return None
    parents = (name for row in members for name in json.loads(row.parents or "[]"))
    return next((parent for parent in parents if parent in missing), None)


def _report(
    ledger: Ledger,
    plan: Plan,
    seconds: float,
    writers: Writers,
    error: ServiceError | None,
    stopped: tuple[str, ...],
) -> ApplyReport:
    found = outcomes_of(ledger, plan)
    unsent = any(count.unsent for count in found.counts.values()) and not stopped
    interrupted = unsent or writers.stop.is_set()
    ended: ApplyStatus = "partial" if stopped else found.status
    return replace(
        found,
        status="aborted" if error else "interrupted" if interrupted else ended,
        seconds=seconds,
        requests=writers.requests,
        error=error,
        stopped=stopped,
        notes=writers.notes,
    )
