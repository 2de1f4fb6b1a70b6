"""extract, build, plan, apply, run: what moves data."""

# ruff: noqa: PLC0415, PLR0913, PLR0917 - imports inside commands keep `p2c --help` quick; a
# command has as many parameters as options

from __future__ import annotations

import sys
from typing import Annotated

import typer

from p2c.commands.options import Allow, Every, First, Json, Needed, Select, Wait, Yes, examples
from p2c.commands.plan import EXAMPLES, plan
from p2c.commands.session import Session, session
from p2c.commands.writing import ask, ask_about_saved, is_asked, write_and_report


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog=examples("p2c extract", "p2c extract --select accounts --json"))(extract)
    app.command(epilog=examples("p2c build", "p2c build --json"))(build)
    app.command(epilog=EXAMPLES)(plan)
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
    from p2c.run.staged import check_staged
    from p2c.screen import steps_text

    context, out = session(ctx).start(json_mode, wait)
    with engine.running(context, out, "build") as run:
        check_staged(context.warehouse)
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


def apply(
    ctx: typer.Context,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="Id that `p2c plan` printed.")],
    allow: Allow = None,
    yes: Yes = False,
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
        ask_about_saved(run, graph, plan, passing, yes)
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
        if is_asked(run, plan, yes):
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
