"""What a plan and a run tell beside the counts of their flows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from p2c.errors import NothingStaged
from p2c.lookup.differences import differences
from p2c.lookup.unmatched import unmatched

if TYPE_CHECKING:
    from loaders import Plan
    from p2c.run.current import Run


def found_beside(run: Run, plan: Plan) -> dict[str, Any]:
    """What no count of a flow has: `held_back`, `unmatched` by target, `differences` by column."""
    found: dict[str, Any] = {"held_back": run.held, "unmatched": {}, "differences": []}
    with suppress(NothingStaged):  # built before there were such tables
        found["unmatched"] = unmatched(run.context, [*plan.flows, *run.held])["targets"]
        if plan.kind == "changes":
            found["differences"] = differences(run.context, plan.flows)
    return found
