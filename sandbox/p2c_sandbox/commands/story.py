"""`p2c sandbox story`: plays the story in the running sandbox, with a run after each step."""

# ruff: noqa: PLC0415 - imports inside the command keep `p2c --help` quick

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands.options import Json, examples
from p2c_sandbox.commands.place import running_one, start

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.screen.output import Output
    from p2c_sandbox.story.play import Played

EPILOG = examples("p2c sandbox story", "p2c sandbox story --quick", "p2c sandbox story --steps 5")
Quick = Annotated[
    bool,
    typer.Option(
        "--quick",
        help="Run once for several steps, not after steps that change nothing, and check only at "
        "the end that a second run writes nothing.",
    ),
]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", min=1, help="Play the first N steps only.")
]


def story(
    ctx: typer.Context,
    quick: Quick = False,
    steps: Steps = None,
    json_mode: Json = False,
) -> None:
    """Play a prospect's way to the last invoice, and check that both systems agree."""
    from p2c_sandbox.story import checks
    from p2c_sandbox.story.play import moves_of, play
    from p2c_sandbox.story.stage import Stage
    from p2c_sandbox.story.steps import STEPS

    context, out, folder = start(ctx, json_mode)
    running = running_one(folder)
    stage = Stage(running, checks.turn(running))

    def run() -> Mapping[str, Any]:
        return _run(context, out)

    played: list[dict[str, Any]] = []
    out.show(f"Before the story a run moved {_moved(moves_of(run()))}.")
    for number, step in enumerate(play(stage, run, quick=quick, first=steps), 1):
        played.append(_data(number, step))
        out.show(*_lines(number, step))
    whole = steps is None or steps >= len(STEPS)
    facts = checks.check(stage) if whole else []
    notes = [fact.note for fact in facts if fact.note]
    found = {"steps": played, "numbers": stage.numbers, "facts": len(facts), "notes": notes}
    out.data({"status": "ok", **found})
    if whole:
        agreed = f"Both systems say what they should in all {len(facts)} quantities, amounts"
        out.show(f"{agreed} and statuses{'; they differ in this:' if notes else '.'}", *notes)


def _run(context: Context, out: Output) -> Mapping[str, Any]:
    """What `p2c run --yes` does, without its report."""
    from p2c.run import engine

    options = engine.PlanOptions()
    with engine.running(context, out, "run") as run:
        graph, created = engine.plan(run, options, guarded=True)
        report = engine.report(run, graph, created, engine.write(run, graph, created))
        run.finish(report)
    return report.as_dict()


def _data(number: int, played: Played) -> dict[str, Any]:
    return {
        "step": number,
        "name": played.step.name,
        "happened": played.happened,
        "moved": played.moved,
        "moved_again": played.again,
    }


def _lines(number: int, played: Played) -> list[str]:
    happened = f"{number:2}. {played.happened}"
    if played.moved is None:
        return [happened]
    again = "" if played.again is None else " A second run moved nothing."
    return [happened, f"    The run moved {_moved(played.moved)}.{again}"]


def _moved(moves: Mapping[str, Mapping[str, int]]) -> str:
    from p2c_sandbox.story.play import in_words

    return in_words(moves)
