"""Flows that are held back: a gate failed, or a seed says something that nobody can have meant.

The others go on. Whoever asks for a held flow sees each reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2c.checks.gates import failed_gates
from p2c.checks.seeds import held_by_seeds, problems
from p2c.config.context import Context
from p2c.errors import FlowsHeld
from p2c.screen.output import Output

MOST = 10  # messages shown of those that hold nothing back


def holds(context: Context, flows: Sequence[str]) -> dict[str, list[str]]:
    """Held flow → why, of these flows. Raises SeedError when a seed cannot be read."""
    held = held_by_seeds(problems(context), flows)
    for gate in failed_gates(context):
        for flow in flows:
            if flow in gate.flows:
                held.setdefault(flow, []).append(gate.message)
    return held


def free(flows: Sequence[str], held: dict[str, list[str]], out: Output) -> list[str]:
    """The flows that go on; shows why the others do not. Raises FlowsHeld when none is left."""
    show(held, out)
    left = [flow for flow in flows if flow not in held]
    if not left:
        raise FlowsHeld(
            "Nothing is planned, every flow asked for is held back: " + " ".join(_by_reason(held))
        )
    return left


def show(held: dict[str, list[str]], out: Output) -> None:
    """Each reason once, with the flows it holds back."""
    for reason, names in _by_reason(held).items():
        out.note(f"Held back: {', '.join(names)}. {reason}")


def warn(context: Context, out: Output) -> None:
    """Say what is wrong in the seeds and holds nothing back."""
    mild = [str(problem) for problem in problems(context) if not problem.holds]
    for message in mild[:MOST]:
        out.note(f"Warning: {message}")
    if len(mild) > MOST:
        out.note(f"… {len(mild) - MOST} more of them: p2c doctor")


def _by_reason(held: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for flow, reasons in held.items():
        for reason in reasons:
            found.setdefault(reason, []).append(flow)
    return found
