"""extract, build, plan, apply, run: what moves data."""

# ruff: noqa: PLC0415, PLR0913, PLR0917 - imports inside commands keep `p2c --help` quick; a
# command has as many parameters as options

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands import plan_compare
from p2c.commands.options import Allow, Every, First, Json, Needed, Select, Wait, Yes, examples
from p2c.commands.session import Session, session
from p2c.errors import P2CError, format_error

if TYPE_CHECKING:
    from loaders import ApplyReport, Plan, SyncGraph
    from p2c.run.current import Run

Refresh = Annotated[
    bool, typer.Option("--refresh/--no-refresh", help="Extract and build before planning.")
]
SAMPLE = 20
NAMED = 5
# Not "ok": the guards compare with the last run that wrote, and a plan writes nothing.
PLANNED = "planned"
PlanLimit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-n",
        min=0,
        help="Changes to show of each target, 0 for all; 20 unless with --json.",
    ),
]
Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 2 when there is something to write.")
]
Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        metavar="REF",
        help="Beside what the mapping of this git revision would write, on what is staged already.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog=examples("p2c extract", "p2c extract --select accounts --json"))(extract)
    app.command(epilog=examples("p2c build", "p2c build --json"))(build)
    app.command(
        epilog=examples(
            "p2c plan",
            "p2c plan --select accounts --limit 5",
            "p2c plan --json --detailed-exitcode > plan.json",
        )
    )(plan)
    app.command(epilog=examples("p2c apply 20261121-014205-3f2a", "p2c apply PLAN --json"))(apply)
    app.command(
        epilog=examples("p2c run", "p2c run --select products --json", "p2c run --yes --first 10")
    )(run)


def extract(
    ctx: typer.Context,
    select: Select = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything, no deltas.")] = False,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Copy what changed in both systems into the warehouse."""
    from p2c.run import engine, flows
    from p2c.screen import steps_text

    context, out = session(ctx).start(json_mode, wait)
    chosen = flows.checked(context, select)
    with engine.running(context, out, "extract") as run:
        with run.stages.timed("extract"):
            report = engine.read(context, out, chosen, full)
        data = steps_text.extract_data(report)
        run.note(data["status"], {"kind": "extract", "rows": data["rows"], "notes": data["notes"]})
    out.data(data)
    out.show(*steps_text.extract_text(report))


def build(ctx: typer.Context, wait: Wait = 0.0, json_mode: Json = False) -> None:
    """Let dbt compute keys, targets and changes, and test the data."""
    from p2c.checks import held_flows
    from p2c.run import engine, flows
    from p2c.screen import steps_text

    context, out = session(ctx).start(json_mode, wait)
    with engine.running(context, out, "build") as run:
        with run.stages.timed("build"):
            outcome = engine.build(context, out, run.ledger)
        held = held_flows.holds(context, flows.graph(context).flows)
        status = "held" if held else "ok"
        run.note(status, {"kind": "build", "nodes": outcome.counts, "held_back": held})
    data = {"nodes": outcome.counts, "warnings": outcome.warnings, "held_back": held}
    out.data({"status": status} | data)
    out.show(*steps_text.build_text(outcome.counts, outcome.warnings))
    if held:
        held_flows.show(held, out)
        raise typer.Exit(1)


def plan(
    ctx: typer.Context,
    select: Select = None,
    limit: PlanLimit = None,
    with_needed: Needed = False,
    first: First = None,
    refresh: Refresh = True,
    detailed_exitcode: Detailed = False,
    compare: Compare = None,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Show, field by field, what a run would write. Writes to neither system."""
    if compare is not None:
        asked = plan_compare.Asked(compare, select, with_needed, limit, first)
        plan_compare.run(ctx, asked, detailed_exitcode, wait, json_mode)
        return
    from loaders import plan_changes
    from p2c.lookup import removals
    from p2c.run import engine, flows
    from p2c.run.beside import found_beside
    from p2c.screen import steps_text

    context, out = session(ctx).start(json_mode, wait)
    chosen = flows.checked(context, select, with_needed)
    options = engine.PlanOptions(chosen, first, refresh=refresh)
    with engine.running(context, out, "plan") as run:
        graph, plan = engine.plan(run, options)
        report = engine.report(run, graph, plan, None)
        cut = limit if limit is not None or json_mode else SAMPLE
        sample = steps_text.Sample.of(plan_changes(run.ledger, plan.plan_id), cut)
        sample.removed.names = removals.names(context, sample.removed.shown)
        stop = engine.warning(run, plan, frozenset())
        run.finish(report, PLANNED)
    beside = found_beside(run, plan)
    out.data(steps_text.plan_data(plan, report, sample, stop, beside))
    out.show(*steps_text.plan_text(plan, report, sample, beside))
    if stop:
        out.note(f"A guard would stop this plan: {stop}")
    _end_of_plan(run, plan, detailed_exitcode)


def _end_of_plan(run: Run, plan: Plan, detailed_exitcode: bool) -> None:
    if run.held:
        run.out.note(f"Held back, for the reasons above: {', '.join(run.held)}.")
        raise typer.Exit(1)
    if detailed_exitcode and plan.changes:
        raise typer.Exit(2)


def apply(
    ctx: typer.Context,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="Id that `p2c plan` printed.")],
    allow: Allow = None,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Write exactly what a plan shows. Refused when data or mapping changed since."""
    from loaders import load_plan
    from p2c.run import engine, flows

    context, out = session(ctx).start(json_mode, wait, notifies=True)
    passing = flows.allowed(allow)
    with engine.running(context, out, "apply") as run:
        plan = load_plan(run.ledger, plan_id)
        if plan.kind != "undo":  # which takes back what stands in the ledger
            engine.built(context)
        graph = flows.graph(context)
        write_and_report(run, graph, plan, passing)


def run(
    ctx: typer.Context,
    select: Select = None,
    with_needed: Needed = False,
    first: First = None,
    allow: Allow = None,
    yes: Yes = False,
    wait: Wait = 0.0,
    every: Every = None,
    json_mode: Json = False,
) -> None:
    """Extract, build, plan and apply. Asks before writing when it runs in a terminal."""
    from p2c.run import engine, flows

    if every:
        raise typer.Exit(_again_and_again(session(ctx), every))
    context, out = session(ctx).start(json_mode, wait, notifies=True)
    options = engine.PlanOptions(
        flows.checked(context, select, with_needed), first, flows.allowed(allow)
    )
    with engine.running(context, out, "run") as run:
        graph, plan = engine.plan(run, options, guarded=True)
        if (
            plan.status == PLANNED
            and plan.changes
            and not (yes or json_mode)
            and sys.stdin.isatty()
        ):
            ask(run, graph, plan)
        write_and_report(run, graph, plan)


def _again_and_again(session: Session, interval: str) -> int:
    """The same command without `--every`, in a process of its own each time."""
    from p2c.run.every import repeat, seconds_of

    out = session.out(session.json_mode)
    words = list(session.words)
    at = next(n for n, word in enumerate(words) if word.partition("=")[0] == "--every")
    del words[at : at + (1 if "=" in words[at] else 2)]
    return repeat([sys.executable, "-m", "p2c", *words], seconds_of(interval), out)


def ask(run: Run, graph: SyncGraph, plan: Plan) -> None:
    """Show what would be written, on stderr as the question is; P2CError when the answer is no."""
    from loaders import plan_changes
    from p2c.run import engine
    from p2c.screen import steps_text

    changes = plan_changes(run.ledger, plan.plan_id)
    report = engine.report(run, graph, plan, None)
    run.out.note(*steps_text.question_text(plan, report, changes))
    if run.held:
        run.out.note(f"Held back, for the reasons above: {', '.join(run.held)}.")
    if not typer.confirm("Write this?", err=True):
        run.finish(report, PLANNED)
        raise P2CError(
            f"Not confirmed, nothing was written. To see all of it: p2c plan --limit 0; to write "
            f"it after all: p2c apply {plan.plan_id}"
        )


def write_and_report(
    run: Run, graph: SyncGraph, plan: Plan, allow: frozenset[str] | None = None
) -> None:
    """Apply, show what came of it, and exit 1 when a row failed or the apply was cut off.

    The guards judge the plan first when `allow` says which of them may pass. A plan that was never
    saved, as there was nothing to save, is only reported.
    """
    from p2c.run import afterwards, engine
    from p2c.run.beside import found_beside
    from p2c.screen import steps_text

    applied = engine.write(run, graph, plan, allow) if plan.plan_id else None
    report = engine.report(run, graph, plan, applied)
    run.finish(report)
    afterwards.after_run(run)
    shown = report.as_dict()
    beside = found_beside(run, plan)
    run.out.data(shown | beside)
    run.out.show(*steps_text.run_text(shown, [*_advice(shown), *_alone(beside)]))
    if applied:
        note_troubles(run, applied)
    if run.held:
        run.out.note(f"Held back, for the reasons above: {', '.join(run.held)}.")
    if report.status != "ok" or run.held:
        raise typer.Exit(1)


def note_troubles(run: Run, applied: ApplyReport) -> None:
    """What ended the apply early, and the first of the rows that were not sent again."""
    if applied.error is not None:
        run.out.note(format_error(applied.error))
    for message in (*applied.stopped, *applied.notes[:NAMED], *applied.quarantined[:NAMED]):
        run.out.note(message)
    if (more := len(applied.quarantined) - NAMED) > 0:
        run.out.note(f"{more:,} more are quarantined: p2c rejects")


def _alone(beside: Mapping[str, Any]) -> list[str]:
    """A summary of the records that one system has alone, where there are any."""
    from p2c.screen import unmatched_text

    return [text] if (text := unmatched_text.summary(beside["unmatched"])) else []


def _advice(report: Mapping[str, Any]) -> list[str]:
    """The next commands worth typing."""
    rejected = any(flow["rejected"] or flow["blocked"] for flow in report["flows"])
    failed = any(flow["failed"] > flow["quarantined"] for flow in report["flows"])
    quarantined = any(flow["quarantined"] for flow in report["flows"])
    lines = ["What was rejected, and what to do: p2c rejects"] if rejected or quarantined else []
    return lines + (
        ["What failed while writing: p2c status; to try it again: p2c retry"] if failed else []
    )
