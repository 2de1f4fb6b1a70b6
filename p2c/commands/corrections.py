"""retry, verify, undo: what a person does after a run."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Allow, Json, Select, Wait, examples
from p2c.commands.session import session
from p2c.commands.steps import PLANNED, PlanLimit, write_and_report

SAMPLE = 20
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
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Plan a run in reverse. Writes nothing; `p2c apply` writes the plan."""
    from loaders import make_undo, plan_changes, plan_of_run
    from p2c.config.services import services
    from p2c.run import engine, flows
    from p2c.run.pace import pace as pace_of
    from p2c.screen import steps_text

    context, out = session(ctx).start(json_mode, wait)
    with engine.running(context, out, "undo") as holder:
        engine.recover_unanswered(holder)
        graph, ledger = flows.graph(context), holder.ledger
        plan_id = plan_of_run(ledger, run)
        plan = make_undo(
            graph,
            ledger,
            plan_id,
            services(context),
            run_id=holder.run_id,
            settings=pace_of(context),
        )
        report = engine.report(holder, graph, plan, None)
        cut = limit if limit is not None or json_mode else SAMPLE
        rows = list(plan_changes(ledger, plan.plan_id))
        sample = steps_text.Sample.of((row for row in rows if row.status == "planned"), cut)
        kept = [(row.record_key, row.error_message) for row in rows if row.status == "blocked"]
        holder.finish(report, PLANNED)
    out.data({**steps_text.plan_data(plan, report, sample, ""), "kept": kept})
    out.show(*steps_text.plan_text(plan, report, sample))
    for _, reason in kept[:SAMPLE]:
        out.note(f"Not undone: {reason}")
