"""The steps of a run in their order, each under the warehouse's lock (design: one writer).

extract → build → plan → guards → apply → report. dlt, dbt and the loaders open and close the
warehouse in turn; what must be readable meanwhile is in the ledger's SQLite file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loaders import (
    ApplyReport,
    ApplySettings,
    GuardSettings,
    Ledger,
    Plan,
    Progress,
    RunReport,
    SyncGraph,
    apply_plan,
    check_guards,
    flow_report,
    make_plan,
    publish,
    read_targets,
    select_targets,
    settle,
)
from loaders.errors import GuardStop
from p2c import dbt
from p2c.errors import sentence
from p2c.lock import hold
from p2c.output import Output
from p2c.services import services
from p2c.settings import Loaded
from p2c.staged import readable


@dataclass(frozen=True)
class Wish:
    """What a person asked for: flows (none = all), how many changes, which guards may pass."""

    flows: Sequence[str] = ()
    first: int | None = None
    allow: frozenset[str] = frozenset()
    refresh: bool = True


@dataclass
class Run:
    """A run in progress: it holds the warehouse and has its row in the ledger."""

    loaded: Loaded
    out: Output
    ledger: Ledger
    run_id: str
    started: float = field(default_factory=time.monotonic)
    finished: bool = False

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return round(time.monotonic() - self.started, 1)

    def finish(self, report: RunReport, status: str | None = None) -> None:
        """Write the report into the ledger, and the ledger into the warehouse."""
        self.note(status or report.status, report.as_dict())

    def note(self, status: str, result: Mapping[str, Any]) -> None:
        """The same for a run without fates to count."""
        self.ledger.finish_run(self.run_id, status, result)
        self.finished = True
        publish(self.ledger, self.loaded.warehouse)


@contextmanager
def running(loaded: Loaded, out: Output, command: str) -> Iterator[Run]:
    """Hold the warehouse and a run in the ledger; a failure is written down before it goes on."""
    with (
        hold(loaded.warehouse, command),
        Ledger.open(loaded.path("state_dir")) as ledger,
    ):
        run = Run(loaded, out, ledger, ledger.start_run(command))
        try:
            yield run
        except BaseException as error:
            if not run.finished:
                ledger.finish_run(run.run_id, "failed", {"error": sentence(error)})
            raise


def plan(run: Run, wish: Wish) -> tuple[SyncGraph, Plan]:
    """Bring the warehouse up to date (unless told not to) and save what would be written."""
    settle_unanswered(run)
    if wish.refresh:
        refresh(run, wish.flows)
    graph = read_targets(run.loaded.path("target_dir") / "manifest.json")
    made = make_plan(
        run.loaded.warehouse,
        graph,
        run.ledger,
        run_id=run.run_id,
        select=readable(run.loaded.warehouse, run.out, select_targets(graph, wish.flows or None)),
        limit=wish.first,
        set_aside_after=run.loaded.settings.p2c.set_aside_after,
    )
    return graph, made


def guards(run: Run, graph: SyncGraph, made: Plan, allow: frozenset[str]) -> None:
    """GuardStop when the plan looks like an accident (design: safe by default)."""
    given = run.loaded.settings.p2c
    limits = GuardSettings(
        max_changes=given.max_changes,
        max_drop=given.max_drop,
        max_rejected=given.max_rejected,
        allow=allow,
    )
    check_guards(run.loaded.warehouse, graph, run.ledger, made, limits)


def warning(run: Run, graph: SyncGraph, made: Plan, allow: frozenset[str]) -> str:
    """What a guard would say to the plan, or ''."""
    try:
        guards(run, graph, made, allow)
    except GuardStop as stop:
        return sentence(stop)
    return ""


def settle_unanswered(run: Run) -> None:
    """Read back what a killed run sent without getting an answer, before anything is judged."""
    if not run.ledger.unanswered():
        return
    graph = read_targets(run.loaded.path("target_dir") / "manifest.json")
    count = settle(graph, run.ledger, services(run.loaded))
    run.out.note(f"{count} writes of an interrupted run were read back from the services.")


def write(run: Run, graph: SyncGraph, made: Plan) -> ApplyReport:
    """Send the plan's rows; each one's outcome is in the ledger before this returns."""
    with run.out.progress("write") as meter:
        return apply_plan(
            run.loaded.warehouse,
            graph,
            run.ledger,
            made.plan_id,
            services(run.loaded),
            settings=_pace(run.loaded),
            progress=_settled(meter, made.changes),
        )


def report(run: Run, graph: SyncGraph, made: Plan, applied: ApplyReport | None) -> RunReport:
    """The counts of every flow, checked to add up (design: the fate equation)."""
    return flow_report(
        run.loaded.warehouse, graph, made, applied, run_id=run.run_id, seconds=run.seconds
    )


def refresh(run: Run, flows: Sequence[str]) -> None:
    """Extract what the flows read, then build."""
    from p2c.reading import extract  # noqa: PLC0415 - dlt takes seconds to import

    extract(run.loaded, run.out, flows)
    build(run.loaded, run.out)


def build(loaded: Loaded, out: Output, select: Sequence[str] = ()) -> dbt.Outcome:
    """Run dbt with a progress bar."""
    with out.progress("build") as meter:
        return dbt.build(loaded, select, meter)


def _pace(loaded: Loaded) -> ApplySettings:
    return ApplySettings(
        workers=loaded.settings.p2c.workers,
        finops_looks_first=loaded.settings.sources.finops.look_before_update,
    )


def _settled(meter: Callable[[int, int, str], None], total: int) -> Callable[[Progress], None]:
    """Adds up the progress of the targets, which the loaders report one by one."""
    done: dict[tuple[str, str], int] = {}

    def show(progress: Progress) -> None:
        done[progress.flow, progress.target] = progress.done
        meter(sum(done.values()), total, f"{progress.flow} → {progress.target}")

    return show
