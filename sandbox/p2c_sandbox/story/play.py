"""The story that proves it: a prospect becomes an order that is shipped and invoiced in parts.

Each step is what people do in one of the systems, and what a run has to move afterwards: no more
and no less. `checks` reads both services at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from p2c_sandbox.story.stage import Moves, Stage, Step, StoryDiffers
from p2c_sandbox.story.steps import STEPS

Run = Callable[[], Mapping[str, Any]]
MOVING = ("create", "update", "deactivate", "delete")


@dataclass(frozen=True)
class Played:
    """A step that was played: what happened, what the run moved, what the one after it moved.

    None where there was no run.
    """

    step: Step
    happened: str
    moved: Moves | None
    again: Moves | None


def play(
    stage: Stage, run: Run, *, quick: bool = False, first: int | None = None
) -> Iterator[Played]:
    """Play the steps (or the first of them), a run after each.

    After every run a second one has to move nothing; `quick` leaves that to the last step, and
    steps that go on, or after which nothing is to move, to the run after a later one. Raises
    StoryDiffers, naming the first step after which something else moved.
    """
    steps = STEPS[:first]
    due: Moves = {}
    for number, step in enumerate(steps, 1):
        happened = step.act(stage)
        due = together(due, step.moves)
        if quick and (step.goes_on or not step.moves) and number < len(steps):
            yield Played(step, happened, None, None)
            continue
        moved = moves_of(run(), step)
        if moved != due:
            raise StoryDiffers(
                f"After step {number}, {step.name}, the run should move {in_words(due)}, "
                f"but it moved {in_words(moved)}."
            )
        due = {}
        again = None if quick and number < len(steps) else moves_of(run(), step)
        if again:
            raise StoryDiffers(
                f"After step {number}, {step.name}, a second run should move nothing, but it "
                f"moved {in_words(again)}."
            )
        yield Played(step, happened, moved, again)


def together(first: Moves, second: Moves) -> Moves:
    """What one run moves for two steps: each creates records of its own, both update the same."""
    return {
        target: {
            kind: sum(counts) if kind == "create" else max(counts)
            for kind in MOVING
            if any(counts := [one.get(target, {}).get(kind, 0) for one in (first, second)])
        }
        for target in first.keys() | second.keys()
    }


def moves_of(report: Mapping[str, Any], step: Step | None = None) -> Moves:
    """What a run wrote, by flow and target. Raises StoryDiffers when something failed."""
    flows: Sequence[Mapping[str, Any]] = report["flows"]
    broken = [flow for flow in flows if flow.get("failed") or flow.get("stale")]
    if report["status"] != "ok" or broken:
        where = ", ".join(f"{flow['flow']} to {flow['target']}" for flow in broken) or "the run"
        when = f"After {step.name}" if step else "Before the story"
        raise StoryDiffers(f"{when}, rows failed ({where}): `p2c status` shows them.")
    found = {f"{flow['flow']} → {flow['target']}": _counts(flow) for flow in flows}
    return {name: counts for name, counts in found.items() if counts}


def _counts(flow: Mapping[str, Any]) -> dict[str, int]:
    return {name: flow[name] for name in MOVING if flow.get(name)}


def in_words(moves: Moves) -> str:
    """Moves in words, e.g. `orders_out → finops.CDSSalesOrderLines: 2 create`."""
    parts = (
        f"{name}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}"
        for name, counts in moves.items()
    )
    return "; ".join(parts) or "nothing"
