"""Asks whether to write a plan, writes it, and says what came of it."""

# ruff: noqa: PLC0415 - imports inside keep `p2c --help` quick

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from p2c.commands.plan import PLANNED
from p2c.errors import P2CError, format_error

if TYPE_CHECKING:
    from loaders import ApplyReport, Plan, SyncGraph
    from p2c.run.current import Run

NAMED = 5
QUESTION = "Write this? [y/N, a shows all of it]"


def is_asked(run: Run, plan: Plan, yes: bool) -> bool:
    """Whether there is something to ask about, and somebody who can answer.

    A plan that was applied holds back what it did: nothing of it is sent again.
    """
    can_answer = not (yes or run.out.json_mode) and sys.stdin.isatty()
    return bool(plan.changes) and plan.status != "applied" and can_answer


def ask_about_saved(
    run: Run, graph: SyncGraph, plan: Plan, allow: frozenset[str], yes: bool
) -> None:
    """The question before a plan is written that was made earlier, or is no run's.

    What would refuse it comes before the question. Raises StalePlan, GuardStop, P2CError.
    """
    from loaders import check_plan
    from p2c.run import engine

    if not is_asked(run, plan, yes):
        return
    check_plan(run.context.warehouse, graph, run.ledger, plan)
    engine.guards(run, allow, plan)
    ask(run, graph, plan)


def ask(run: Run, graph: SyncGraph, plan: Plan) -> None:
    """Show what would be written, on stderr as the question is; P2CError when the answer is no."""
    from p2c.run import engine, showing
    from p2c.screen.plan_text import plan_text

    report = engine.report(run, graph, plan, None)
    view = showing.look_before(run, plan, report)
    run.out.stream(plan_text(view, hint="answer a to see all"), run.out.question)
    _note_begun(run, plan)
    if run.held:
        run.out.question(f"Held back, for the reasons above: {', '.join(run.held)}.")
    while (answer := _answer()) == "a":
        everything = showing.look(run, plan, report, None)
        run.out.stream(plan_text(everything, entire=True), run.out.question)
    if answer != "y":
        run.finish(report, PLANNED)
        raise P2CError(
            f"Not confirmed, nothing was written. To write it after all: p2c apply {plan.plan_id}"
        )


def _answer() -> str:
    """The answer's first letter; `n` when nothing is typed."""
    asked = typer.prompt(QUESTION, default="n", show_default=False, err=True)
    return str(asked).strip().lower()[:1]


def _note_begun(run: Run, plan: Plan) -> None:
    """Of a plan whose apply was cut off: what of it is done already."""
    if plan.status != "planned":
        done: dict[str, int] = {}
        for by in run.ledger.statuses(plan.plan_id).values():
            for status, rows in by.items():
                done[status] = done.get(status, 0) + rows
        parts = ", ".join(f"{rows:,} {status}" for status, rows in done.items())
        run.out.question(f"Writing it had begun; its records now: {parts}.")


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
