"""plan: what a run would write, for people, scripts and pull requests."""

# ruff: noqa: PLC0415, PLR0913, PLR0917 - imports inside the command keep `p2c --help` quick; it has
# as many parameters as options

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands import plan_compare
from p2c.commands.options import First, Json, Needed, Select, Wait, examples
from p2c.commands.plan_options import (
    All,
    FormatOption,
    Out,
    PlanLimit,
    Redact,
    place,
    show,
    wanted,
)
from p2c.commands.session import session

if TYPE_CHECKING:
    from p2c.run.current import Run
    from p2c.screen.plan_view import PlanView

# Not "ok": the guards compare with the last run that wrote, and a plan writes nothing.
PLANNED = "planned"
Refresh = Annotated[
    bool, typer.Option("--refresh/--no-refresh", help="Extract and build before planning.")
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
EXAMPLES = examples(
    "p2c plan",
    "p2c plan --select accounts --limit 5",
    "p2c plan --all --out plan.txt",
    "p2c plan --format markdown --redact --out plan.md",
    "p2c plan --json --detailed-exitcode > plan.json",
)


def plan(
    ctx: typer.Context,
    select: Select = None,
    limit: PlanLimit = None,
    entire: All = False,
    with_needed: Needed = False,
    first: First = None,
    refresh: Refresh = True,
    out_file: Out = None,
    form: FormatOption = None,
    redact: Redact = False,
    detailed_exitcode: Detailed = False,
    compare: Compare = None,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Show, field by field, what a run would write. Writes to neither system."""
    asked = wanted(form, limit, entire, out_file, redact, json_mode)
    if compare is not None:
        about = plan_compare.Asked(compare, select, with_needed, first)
        plan_compare.run(ctx, about, asked, detailed_exitcode, wait)
        return
    from p2c.run import engine, flows, showing

    context, out = session(ctx).start(asked.on_stdout, wait)
    place(context, asked)
    chosen = flows.checked(context, select, with_needed)
    options = engine.PlanOptions(chosen, first, refresh=refresh)
    with engine.running(context, out, "plan") as run:
        graph, found = engine.plan(run, options)
        report = engine.report(run, graph, found, None)
        view = showing.look(run, found, report, asked.each, asked.left)
        view = replace(view, guard=engine.warning(run, found, frozenset()))
        run.finish(report, PLANNED)
    show(out, context, view, asked)
    _end(run, view, detailed_exitcode)


def _end(run: Run, view: PlanView, detailed_exitcode: bool) -> None:
    """What would keep the plan from being written, and the exit code."""
    if view.guard:
        run.out.note(f"A guard would stop this plan: {view.guard}")
    if run.held:
        run.out.note(f"Held back, for the reasons above: {', '.join(run.held)}.")
        raise typer.Exit(1)
    if detailed_exitcode and view.plan.changes:
        raise typer.Exit(2)
