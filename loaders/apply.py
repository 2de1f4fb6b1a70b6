"""Applies a plan: parts in graph order, chunks in parallel, every row recorded before and after.

The ledger is written by the calling thread alone; workers only talk to the services. No more chunks
are on their way than there are workers, so that a row marked as sent really may have been.
"""

from __future__ import annotations

import json
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType

from loaders.delivery import Delivered, Delivery
from loaders.errors import ServiceError
from loaders.history import sent_before
from loaders.ledger import Ledger, Segment
from loaders.models import (
    WRITTEN,
    ApplyReport,
    ApplySettings,
    ApplyStatus,
    Change,
    Outcome,
    Plan,
    Progress,
    Service,
    Status,
    SyncGraph,
    System,
    TargetCounts,
    WriteTarget,
)
from loaders.plan import check_plan
from loaders.publish import mark_behind
from loaders.units import in_chunks, together, unit_of
from loaders.verify import verify_rows
from loaders.writers import Writers

Show = Callable[[Progress], None]
FAILED: tuple[Status, ...] = ("rejected", "failed", "unresolved", "sent", "set_aside")


def apply_plan(  # noqa: PLR0913 - three have defaults, the others are what an apply consists of
    warehouse: Path,
    graph: SyncGraph,
    ledger: Ledger,
    plan_id: str,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
    progress: Show | None = None,
    stop: threading.Event | None = None,
) -> ApplyReport:
    """Write exactly the rows of a saved plan that are not written yet.

    Raises UnknownPlan, StalePlan, PlanAlreadyApplied before any request. Afterwards every row has
    its outcome in the ledger; an error that ended the run early is in the report, not raised, and
    applying the same plan again goes on where it stopped. The first Ctrl-C, or setting `stop`,
    lets the requests in flight finish.
    """
    plan = ledger.plan(plan_id)
    check_plan(warehouse, graph, ledger, plan)
    mark_behind(ledger, warehouse, plan_id)
    stop, started = stop or threading.Event(), ledger.clock.monotonic()
    with Writers(services, settings or ApplySettings(), stop, ledger.clock) as writers:
        with stop_on_interrupt(stop):
            error = _Apply(graph, ledger, plan, writers, progress).run()
            error = error or _verify_again(graph, ledger, plan, writers)
        seconds = ledger.clock.monotonic() - started
        return _report(ledger, plan, seconds, writers, error)


def settle(
    graph: SyncGraph,
    ledger: Ledger,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
) -> int:
    """Find out what became of writes that a killed run left unanswered, by reading them back.

    Writes to no target. Returns how many rows were in doubt. Raises ServiceError when a service
    cannot be asked; the rows stay in doubt then.
    """
    stop = threading.Event()
    with Writers(services, settings or ApplySettings(), stop, ledger.clock) as writers:
        return _settle(graph, ledger, writers)


@contextmanager
def stop_on_interrupt(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C sets `stop`, the second interrupts. No effect off the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Apply:
    """One plan being applied."""

    def __init__(
        self, graph: SyncGraph, ledger: Ledger, plan: Plan, writers: Writers, show: Show | None
    ) -> None:
        self._graph, self._ledger, self._plan = graph, ledger, plan
        self._writers, self._show = writers, show
        self._error: ServiceError | None = None
        self._running: dict[Future[Delivered], tuple[WriteTarget, list[Change]]] = {}
        self._done: dict[tuple[str, str], int] = {}

    def run(self) -> ServiceError | None:
        """Everything that can be sent, in order. Returns the error that ended it early."""
        self._ledger.set_plan_status(self._plan.plan_id, "applying")
        try:
            _settle(self._graph, self._ledger, self._writers)
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
        return "interrupted" if open_rows else "applied"

    def _ended(self) -> bool:
        return self._error is not None or self._writers.stop.is_set()

    def _segment(self, pool: ThreadPoolExecutor, segment: Segment) -> None:
        target = self._graph.target(segment.model)
        writer = self._writers.of(target.system)
        missing = self._ledger.missing_records(self._plan.plan_id)
        rows = self._ledger.planned(self._plan.plan_id, segment)
        for chunk in in_chunks(rows, writer.rows_per_request):
            ready = self._unblocked(target, chunk, missing)
            while len(self._running) >= self._writers.settings.workers:
                self._collect()
            if self._ended():
                break
            if ready:
                self._ledger.mark_sent(row.write_id for row in ready)
                settings = self._writers.settings
                delivery = Delivery(writer, target, settings.attempts, self._writers.stop)
                self._running[pool.submit(delivery.deliver, ready)] = (target, ready)
        while self._running:
            self._collect()

    def _unblocked(
        self, target: WriteTarget, chunk: Sequence[Change], missing: set[str]
    ) -> list[Change]:
        """Rows whose parents are there; the others are recorded as blocked, units whole."""
        ready: list[Change] = []
        blocked: list[Outcome] = []
        for members in together(chunk, unit_of):
            if parent := _absent_parent(members, missing):
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
            self._error = self._error or delivered.error

    def _record(
        self, target: WriteTarget, rows: Sequence[Change], outcomes: Sequence[Outcome]
    ) -> None:
        self._ledger.record(outcomes)
        settled = {outcome.write_id for outcome in outcomes if outcome.status != "planned"}
        counted = Counter(target.of(row).name for row in rows if row.write_id in settled)
        for name, count in counted.items():
            key = (target.flow, name)
            self._done[key] = self._done.get(key, 0) + count
            if self._show:
                total = sum(self._plan.counts.get(key, {}).values())
                self._show(Progress(*key, self._done[key], total))


def _verify_again(
    graph: SyncGraph, ledger: Ledger, plan: Plan, writers: Writers
) -> ServiceError | None:
    """Read back updates that sent a value for the second time: perhaps it does not stick."""
    again = [] if writers.stop.is_set() else sent_before(ledger, plan.plan_id)
    try:
        verify_rows(graph, ledger, writers, again)
    except ServiceError as error:
        return error
    return None


def _settle(graph: SyncGraph, ledger: Ledger, writers: Writers) -> int:
    doubtful = [change for _, change in ledger.unanswered()]
    known = {target.model: target for target in graph.targets}
    for model, rows in groupby(doubtful, lambda row: row.sent_as):
        if not (target := known.get(model)):
            ledger.record(_beyond_reading(model, row) for row in rows)
        else:
            delivery = Delivery(
                writers.of(target.system), target, writers.settings.attempts, writers.stop
            )
            delivered = delivery.settle(list(rows))
            ledger.record(delivered.outcomes)
            if delivered.error:
                raise delivered.error
    return len(doubtful)


def _beyond_reading(model: str, row: Change) -> Outcome:
    """A row whose model is gone: nobody knows how to read it back, now or later."""
    said = f"It was never answered, and the project has no model {model} any more to read it back."
    return Outcome(row.write_id, "failed", error_message=said, attempts=0)


def _absent_parent(members: Sequence[Change], missing: set[str]) -> str | None:
    if not missing:
        return None
    parents = (name for row in members for name in json.loads(row.parents or "[]"))
    return next((parent for parent in parents if parent in missing), None)


def _report(
    ledger: Ledger, plan: Plan, seconds: float, writers: Writers, error: ServiceError | None
) -> ApplyReport:
    unverified = ledger.not_kept(plan.plan_id)
    counts = {
        key: _counts(statuses, unverified.get(key, 0))
        for key, statuses in ledger.statuses(plan.plan_id).items()
    }
    failed = any(count.failed > count.set_aside for count in counts.values())
    unsent = any(count.unsent for count in counts.values())
    ended: ApplyStatus = "partial" if failed else "ok"
    return ApplyReport(
        plan_id=plan.plan_id,
        status="aborted" if error else "interrupted" if unsent else ended,
        seconds=seconds,
        counts=counts,
        requests=writers.requests,
        error=error,
    )


def _counts(statuses: Mapping[str, int], unverified: int) -> TargetCounts:
    return TargetCounts(
        written=sum(statuses.get(status, 0) for status in WRITTEN),
        failed=sum(statuses.get(status, 0) for status in FAILED),
        stale=statuses.get("stale", 0),
        blocked=statuses.get("blocked", 0),
        unverified=unverified,
        unsent=statuses.get("planned", 0),
        set_aside=statuses.get("set_aside", 0),
    )
