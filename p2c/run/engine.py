"""The steps of a run in their order, each under the warehouse's lock (DuckDB has one writer).

extract → build → plan → guards → apply → report. dlt, dbt and the loaders open and close the
warehouse in turn; what must be readable meanwhile is in the ledger's SQLite file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from loaders import (
    ApplyReport,
    GuardSettings,
    Ledger,
    Plan,
    RunReport,
    Standing,
    SyncGraph,
    apply_plan,
    caught_up,
    check_build,
    check_guards,
    flow_report,
    has_missed,
    make_plan,
    note_build,
    outcomes_of,
    publish,
    recover_in_flight,
    restore,
    select_targets,
)
from loaders.errors import GuardStop
from p2c.checks import held_flows
from p2c.checks.seed_files import read_seeds
from p2c.config.context import Context
from p2c.config.pins import confirm_alike
from p2c.config.services import services
from p2c.errors import format_error
from p2c.lock import hold
from p2c.run import dbt, flows, mapping, unchanged
from p2c.run.current import Run
from p2c.run.pace import pace
from p2c.run.progress import summed
from p2c.run.raw_tables import readable
from p2c.run.retry_log import retries_logged
from p2c.run.selection import after
from p2c.screen.output import Output

if TYPE_CHECKING:
    from pipelines.run import ExtractReport


@dataclass(frozen=True)
class PlanOptions:
    """What to plan: flows (none = all), how many changes, which guards may pass."""

    flows: Sequence[str] = ()
    first: int | None = None
    allow: frozenset[str] = frozenset()
    refresh: bool = True


@contextmanager
def holding(context: Context, command: str) -> Iterator[Ledger]:
    """Hold the warehouse and open the ledger, for the length of the block."""
    with (
        hold(context.warehouse, command, wait=context.wait),
        Ledger.open(context.path("state_dir")) as ledger,
    ):
        ledger.sweep()
        yield ledger


def publish_ledger(context: Context, out: Output, ledger: Ledger) -> None:
    """Bring the ledger into the warehouse, if there is one, before anything is judged by it.

    A run that was killed has not done it, and one of the two may be new or an older copy.
    Raises MixedState where the two are of different environments.
    """
    if context.warehouse.is_file():
        confirm_alike(context)
        for message in restore(ledger, context.warehouse):
            out.note(message)
        publish(ledger, context.warehouse)


@contextmanager
def running(context: Context, out: Output, command: str) -> Iterator[Run]:
    """Hold the warehouse and a run in the ledger; a failure is written down before it goes on."""
    with retries_logged(), holding(context, command) as ledger:
        run = Run(context, out, ledger, ledger.start_run(command))
        try:
            publish_ledger(context, out, ledger)
            yield run
        except BaseException as error:
            if not run.finished:
                run.fail(error)
            raise


def plan(run: Run, options: PlanOptions, *, guarded: bool = False) -> tuple[SyncGraph, Plan]:
    """Bring the warehouse up to date (unless `options` says not to) and save what would be written.

    `guarded`: GuardStop, and nothing saved, where it looks like an accident; its id is '' and it is
    not saved where nothing changed and nothing stands. Where it would only hold back what the last
    one did, it is that one.
    """
    recover_unanswered(run)
    if options.refresh:
        refresh(run, options.flows)
    if run.built_before is None:
        built(run.context)
    known = flows.graph(run.context)
    asked = readable(run.context.warehouse, run.out, select_targets(known, options.flows or None))
    run.held = held_flows.holds(run.context, asked)
    chosen = held_flows.free(asked, run.held, run.out)
    nothing = unchanged.nothing_to_plan(run.context.warehouse, run.ledger, run.built_before, chosen)
    if guarded and nothing:
        return known, nothing
    with run.stages.timed("plan"):
        plan = make_plan(
            run.context.warehouse,
            known,
            run.ledger,
            run_id=run.run_id,
            select=chosen,
            limit=options.first,
            quarantine_after=run.context.settings.p2c.quarantine_after,
            quarantine_hours=run.context.settings.p2c.quarantine_hours,
            judge=partial(guards, run, options.allow) if guarded else None,
            once=guarded,
        )
    return known, plan


def built(context: Context) -> None:
    """Raise IncompleteBuild unless the warehouse was built to the end, by the files as they are."""
    check_build(context.warehouse, mapping.fingerprint(context))


def guards(run: Run, allow: frozenset[str], plan: Plan) -> None:
    """GuardStop when the plan looks like an accident."""
    config = run.context.settings.p2c
    limits = GuardSettings(
        max_changes=config.max_changes,
        max_deletions=config.max_deletions,
        max_first_contacts=config.max_first_contacts,
        max_drop=config.max_drop,
        max_rejected=config.max_rejected,
        allow=allow,
    )
    check_guards(run.context.warehouse, run.ledger, plan, limits)


def warning(run: Run, plan: Plan, allow: frozenset[str]) -> str:
    """What a guard would say to the plan, or ''."""
    try:
        guards(run, allow, plan)
    except GuardStop as stop:
        return format_error(stop)
    return ""


def recover_unanswered(run: Run) -> None:
    """Read back what a killed run sent without getting an answer, before anything is judged."""
    recover_writes(run.context, run.out, run.ledger)


def recover_writes(context: Context, out: Output, ledger: Ledger) -> None:
    """The same without a run; the warehouse knows afterwards what became of those writes."""
    if not ledger.unanswered():
        return
    count = recover_in_flight(
        flows.graph(context), ledger, services(context), settings=pace(context)
    )
    left = len(ledger.unanswered())
    publish_ledger(context, out, ledger)
    out.note(f"{count - left} writes without an answer were read back from the services.")
    if left:
        out.note(f"{left} could not be read back; their records wait until they can.")


def write(
    run: Run, graph: SyncGraph, plan: Plan, allow: frozenset[str] | None = None
) -> ApplyReport:
    """Send the plan's rows; each one's outcome is in the ledger before this returns.

    With `allow` the guards judge the plan first, and GuardStop says why; without, they have. A plan
    of this run that holds back what an earlier one did is that one (`make_plan`): nothing is sent.
    """
    if allow is None and plan.status == "applied":
        return outcomes_of(run.ledger, plan)
    with run.stages.timed("write"), run.out.progress("write") as callback:
        return apply_plan(
            run.context.warehouse,
            graph,
            run.ledger,
            plan.plan_id,
            services(run.context),
            settings=pace(run.context),
            progress=summed(callback, plan.changes),
            judge=None if allow is None else partial(guards, run, allow),
        )


def report(run: Run, graph: SyncGraph, plan: Plan, applied: ApplyReport | None) -> RunReport:
    """The counts of every flow, checked to add up."""
    warehouse, run_id = run.context.warehouse, run.run_id
    found = flow_report(warehouse, graph, plan, applied, run_id=run_id, seconds=run.seconds)
    return replace(
        found,
        plan_id=found.plan_id or None,
        unchanged_since=run.built_before,
        stages=run.stages.seconds,
    )


def refresh(run: Run, chosen: Sequence[str]) -> None:
    """Extract what the flows read, then build what follows from what changed, if anything did."""
    with run.stages.timed("extract"):
        read(run.context, run.out, chosen)
    found = unchanged.standing(run.context, run.ledger)
    if found and found.holds:
        run.built_before = found.began
        held_flows.warn(run.context, run.out)
    else:
        with run.stages.timed("build"):
            build(run.context, run.out, run.ledger, found)


def read(
    context: Context, out: Output, chosen: Sequence[str] = (), full: bool = False
) -> ExtractReport:
    """Extract; in full where the warehouse missed loads, until all tables were read so."""
    from p2c.run.extraction import extract  # noqa: PLC0415 - dlt takes seconds to import

    missed = has_missed(context.warehouse)
    report = extract(context, out, chosen, full or missed)
    if missed and not chosen:
        caught_up(context.warehouse)
    return report


def build(
    context: Context, out: Output, ledger: Ledger, standing: Standing | None = None
) -> dbt.Outcome:
    """Run dbt with a progress bar, on a warehouse that knows all that was written.

    standing: the last build, as far as it need not be made anew.
    """
    read_seeds(context.project_dir)  # a file that cannot be read is named before dbt meets it
    recover_writes(context, out, ledger)
    publish(ledger, context.warehouse, asked=True)
    made_by, started = mapping.fingerprint(context), ledger.clock.now()
    with out.progress("build") as callback:
        outcome = dbt.build(context, after(context, standing), callback)
    note_build(context.warehouse, made_by, started, unchanged.programs())
    held_flows.warn(context, out)
    return outcome
