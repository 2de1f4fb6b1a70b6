"""The steps of a run in their order, each under the warehouse's lock (design: one writer).

extract → build → plan → guards → apply → report. dlt, dbt and the loaders open and close the
warehouse in turn; what must be readable meanwhile is in the ledger's SQLite file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

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
    caught_up,
    check_build,
    check_guards,
    flow_report,
    has_missed,
    make_plan,
    note_build,
    publish,
    recover,
    select_targets,
    settle,
)
from loaders.errors import GuardStop
from p2c.checks import holds
from p2c.checks.seed_files import read_seeds
from p2c.config.pins import confirm_alike
from p2c.config.services import services
from p2c.config.settings import Loaded
from p2c.errors import NothingStaged, is_interrupt, sentence
from p2c.lock import hold
from p2c.lookup.unmatched import unmatched
from p2c.run import dbt, flows, mapping
from p2c.run.retries import telling
from p2c.run.staged import readable
from p2c.screen.output import Output

if TYPE_CHECKING:
    from pipelines.run import ExtractReport


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
    # Flow → why it is held back, of the flows asked for (p2c.checks.holds).
    held: dict[str, list[str]] = field(default_factory=dict)
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
def holding(loaded: Loaded, command: str) -> Iterator[Ledger]:
    """Hold the warehouse and open the ledger, for the length of the block."""
    with (
        hold(loaded.warehouse, command),
        Ledger.open(loaded.path("state_dir")) as ledger,
    ):
        yield ledger


def tell(loaded: Loaded, out: Output, ledger: Ledger) -> None:
    """Bring the ledger into the warehouse, if there is one, before anything is judged by it.

    A run that was killed has not done it, and one of the two may be new or an older copy.
    Raises MixedState where the two are of different environments.
    """
    if loaded.warehouse.is_file():
        confirm_alike(loaded)
        for noticed in recover(ledger, loaded.warehouse):
            out.note(noticed)
        publish(ledger, loaded.warehouse)


@contextmanager
def running(loaded: Loaded, out: Output, command: str) -> Iterator[Run]:
    """Hold the warehouse and a run in the ledger; a failure is written down before it goes on."""
    with holding(loaded, command) as ledger:
        run = Run(loaded, out, ledger, ledger.start_run(command))
        try:
            with telling(out):
                tell(loaded, out, ledger)
                yield run
        except BaseException as error:
            if not run.finished:
                status = "interrupted" if is_interrupt(error) else "failed"
                ledger.finish_run(run.run_id, status, {"error": sentence(error)})
            raise


def plan(run: Run, wish: Wish, *, guarded: bool = False) -> tuple[SyncGraph, Plan]:
    """Bring the warehouse up to date (unless told not to) and save what would be written.

    `guarded`: a plan that looks like an accident is not saved, GuardStop says why.
    """
    settle_unanswered(run)
    if wish.refresh:
        refresh(run, wish.flows)
    built(run.loaded)
    known = flows.graph(run.loaded)
    asked = readable(run.loaded.warehouse, run.out, select_targets(known, wish.flows or None))
    run.held = holds.holds(run.loaded, asked)
    made = make_plan(
        run.loaded.warehouse,
        known,
        run.ledger,
        run_id=run.run_id,
        select=holds.free(asked, run.held, run.out),
        limit=wish.first,
        set_aside_after=run.loaded.settings.p2c.set_aside_after,
        set_aside_hours=run.loaded.settings.p2c.set_aside_hours,
        judge=partial(guards, run, known, wish.allow) if guarded else None,
    )
    return known, made


def built(loaded: Loaded) -> None:
    """Raise IncompleteBuild unless the warehouse was built to the end, by the files as they are."""
    check_build(loaded.warehouse, mapping.fingerprint(loaded))


def beside(run: Run, made: Plan) -> dict[str, Any]:
    """What the counts of the flows do not tell: `held_back`, and `unmatched` records by target."""
    try:
        alone = unmatched(run.loaded, [*made.flows, *run.held])["targets"]
    except NothingStaged:  # built before there was such a table
        alone = {}
    return {"held_back": run.held, "unmatched": alone}


def guards(run: Run, graph: SyncGraph, allow: frozenset[str], made: Plan) -> None:
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
        guards(run, graph, allow, made)
    except GuardStop as stop:
        return sentence(stop)
    return ""


def settle_unanswered(run: Run) -> None:
    """Read back what a killed run sent without getting an answer, before anything is judged."""
    read_back(run.loaded, run.out, run.ledger)


def read_back(loaded: Loaded, out: Output, ledger: Ledger) -> None:
    """The same without a run; the warehouse knows afterwards what became of those writes."""
    if not ledger.unanswered():
        return
    count = settle(flows.graph(loaded), ledger, services(loaded), settings=pace(loaded))
    left = len(ledger.unanswered())
    tell(loaded, out, ledger)
    out.note(f"{count - left} writes without an answer were read back from the services.")
    if left:
        out.note(f"{left} could not be read back; their records wait until they can.")


def write(
    run: Run, graph: SyncGraph, made: Plan, allow: frozenset[str] | None = None
) -> ApplyReport:
    """Send the plan's rows; each one's outcome is in the ledger before this returns.

    With `allow` the guards judge the plan first, and GuardStop says why; without, they have.
    """
    with run.out.progress("write") as meter:
        return apply_plan(
            run.loaded.warehouse,
            graph,
            run.ledger,
            made.plan_id,
            services(run.loaded),
            settings=pace(run.loaded),
            progress=_settled(meter, made.changes),
            judge=None if allow is None else partial(guards, run, graph, allow),
        )


def report(run: Run, graph: SyncGraph, made: Plan, applied: ApplyReport | None) -> RunReport:
    """The counts of every flow, checked to add up (design: the fate equation)."""
    return flow_report(
        run.loaded.warehouse, graph, made, applied, run_id=run.run_id, seconds=run.seconds
    )


def refresh(run: Run, chosen: Sequence[str]) -> None:
    """Extract what the flows read, then build."""
    read(run.loaded, run.out, chosen)
    build(run.loaded, run.out, run.ledger)


def read(
    loaded: Loaded, out: Output, chosen: Sequence[str] = (), full: bool = False
) -> ExtractReport:
    """Extract; in full where the warehouse missed loads, until all tables were read so."""
    from p2c.run.extraction import extract  # noqa: PLC0415 - dlt takes seconds to import

    missed = has_missed(loaded.warehouse)
    report = extract(loaded, out, chosen, full or missed)
    if missed and not chosen:
        caught_up(loaded.warehouse)
    return report


def build(loaded: Loaded, out: Output, ledger: Ledger) -> dbt.Outcome:
    """Run dbt with a progress bar, on a warehouse that knows all that was written."""
    read_seeds(loaded.project_dir)  # a file that cannot be read is named before dbt meets it
    read_back(loaded, out, ledger)
    publish(ledger, loaded.warehouse, asked=True)
    made_by, started = mapping.fingerprint(loaded), ledger.clock.now()
    with out.progress("build") as meter:
        outcome = dbt.build(loaded, progress=meter)
    note_build(loaded.warehouse, made_by, started)
    holds.warn(loaded, out)
    return outcome


def pace(loaded: Loaded) -> ApplySettings:
    """How hard the services are pushed, reading back included."""
    return ApplySettings(
        workers=loaded.settings.p2c.workers,
        max_wait=loaded.settings.p2c.max_wait,
        stop_after=loaded.settings.p2c.stop_after,
        finops_looks_first=loaded.settings.sources.finops.look_before_update,
    )


def _settled(meter: Callable[[int, int, str], None], total: int) -> Callable[[Progress], None]:
    """Adds up the progress of the targets, which the loaders report one by one."""
    done: dict[tuple[str, str], int] = {}

    def show(progress: Progress) -> None:
        done[progress.flow, progress.target] = progress.done
        meter(sum(done.values()), total, f"{progress.flow} → {progress.target}")

    return show
