"""Finds what a plan shows: its rows from the ledger, the rest from the last build."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from p2c.errors import NothingStaged
from p2c.lookup import removals
from p2c.lookup.apart import apart
from p2c.run.beside import found_beside
from p2c.screen.changes_text import REMOVALS
from p2c.screen.plan_view import NOTHING_BESIDE, PlanView, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders import Alike, Plan, RunReport
    from p2c.run.current import Run
    from p2c.screen.plan_view import Names, Rows

ASKED = 15  # changes above a question, of all kinds and targets together


def look(
    run: Run, plan: Plan, report: RunReport, each: int | None, left: int | None = None
) -> PlanView:
    """The plan with the first `each` records (None: all) of each kind and target.

    left: of those that stand beside it, drift, conflicts, what is blocked or rejected.
    """
    from loaders import alike  # noqa: PLC0415 - whoever fakes the ledger fakes it there

    kinds = alike(run.ledger, plan.plan_id, each)
    return _view(run, plan, report, kinds, left)


def look_before(run: Run, plan: Plan, report: RunReport) -> PlanView:
    """The same for a question: few enough that the counts are still on the screen."""
    from loaders import alike  # noqa: PLC0415

    parts = alike(run.ledger, plan.plan_id, 0)
    each = max(1, ASKED // max(1, len(parts)))
    return _view(run, plan, report, alike(run.ledger, plan.plan_id, each), 1)


def _view(
    run: Run, plan: Plan, report: RunReport, kinds: Sequence[Alike], left: int | None
) -> PlanView:
    beside: dict[str, Any] = dict(NOTHING_BESIDE)
    if plan.kind != "undo":
        beside = found_beside(run, plan)
    standing: Rows = []
    if plan.kind == "changes":
        with suppress(NothingStaged):
            standing = apart(run.context, plan.flows, left)
    data = report.as_dict()
    found = sections(kinds, data, beside, standing, _names(run, kinds))
    return PlanView(plan, data, found, beside)


def _names(run: Run, kinds: Sequence[Alike]) -> Names:
    gone = (one for one in kinds if one.operation in REMOVALS)
    with suppress(NothingStaged):
        return removals.names(run.context, (row for one in gone for row in one.changes()))
    return {}
