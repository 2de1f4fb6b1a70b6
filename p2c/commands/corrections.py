"""retry, verify, undo: what a person does after a run."""

# ruff: noqa: PLC0415, PLR0913, PLR0917 - imports inside commands keep `p2c --help` quick; a
# command has as many parameters as options

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Allow, Json, Select, Wait, Yes, examples
from p2c.commands.plan import PLANNED
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
from p2c.commands.writing import ask_about_saved, write_and_report

AnyRun = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="Run or plan; without it the last one.")
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Run or plan that wrote something.")]
Quarantined = Annotated[
    bool,
    typer.Option("--quarantined", help="Also quarantined rows, which failed the same way before."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog=examples("p2c retry", "p2c retry --select accounts --quarantined"))(retry)
    app.command(epilog=examples("p2c verify", "p2c verify run-20261121-014205-3f2a --json"))(verify)
    app.command(epilog=examples("p2c undo run-20261121-014205-3f2a", "p2c undo RUN --json"))(undo)


def retry(
    ctx: typer.Context,
    select: Select = None,
    quarantined: Quarantined = False,
    allow: Allow = None,
    yes: Yes = False,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Send again what failed, and nothing else. Records that changed since wait for a run."""
    from p2c.run import engine, flows
    from p2c.run.retry import plan_retry

    context, out = session(ctx).start(json_mode, wait, notifies=True)
    chosen, passing = flows.checked(context, select), flows.allowed(allow)
    with engine.running(context, out, "retry") as run:
        with run.stages.timed("plan"):
            graph, plan = plan_retry(run, chosen, quarantined=quarantined)
        ask_about_saved(run, graph, plan, passing, yes)
        write_and_report(run, graph, plan, passing)


def verify(
    ctx: typer.Context, run: AnyRun = None, wait: Wait = 0.0, json_mode: Json = False
) -> None:
    """Read back what a run wrote and compare. Exits 1 when a record holds another value."""
    from loaders import last_applied, plan_of_run, verify_plan
    from p2c.config.services import services
    from p2c.run import engine, flows
    from p2c.run.pace import pace as pace_of
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode, wait)
    with engine.running(context, out, "verify") as holder:
        engine.recover_unanswered(holder)
        ledger = holder.ledger
        plan_id = plan_of_run(ledger, run) if run else last_applied(ledger)
        statuses, pace = ledger.statuses(plan_id), pace_of(context)
        found = verify_plan(flows.graph(context), ledger, plan_id, services(context), settings=pace)
        result = lookup_text.verified_data(plan_id, found, statuses, holder.run_id, holder.seconds)
        holder.note(result["status"], result)
    out.data(result)
    out.show(*lookup_text.verified_text(result))
    if found.messages:
        raise typer.Exit(1)


def undo(
    ctx: typer.Context,
    run: RunId,
    limit: PlanLimit = None,
    entire: All = False,
    out_file: Out = None,
    form: FormatOption = None,
    redact: Redact = False,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Plan a run in reverse. Writes nothing; `p2c apply` writes the plan."""
    from loaders import make_undo, plan_of_run
    from p2c.config.services import services
    from p2c.run import engine, flows, showing
    from p2c.run.pace import pace as pace_of

    asked = wanted(form, limit, entire, out_file, redact, json_mode)
    context, out = session(ctx).start(asked.on_stdout, wait)
    place(context, asked)
    with engine.running(context, out, "undo") as holder:
        engine.recover_unanswered(holder)
        graph, ledger = flows.graph(context), holder.ledger
        plan = make_undo(
            graph,
            ledger,
            plan_of_run(ledger, run),
            services(context),
            run_id=holder.run_id,
            settings=pace_of(context),
        )
        report = engine.report(holder, graph, plan, None)
        view = showing.look(holder, plan, report, asked.each, asked.left)
        holder.finish(report, PLANNED)
    show(out, context, view, asked)
