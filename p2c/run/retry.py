"""A plan of what failed, under the same guards and holds as a plan of what changed."""

from __future__ import annotations

from collections.abc import Sequence

from loaders import Plan, SyncGraph, make_retry
from p2c.checks import held_flows
from p2c.run import engine, flows
from p2c.run.current import Run


def plan_retry(
    run: Run, select: Sequence[str] = (), *, quarantined: bool = False
) -> tuple[SyncGraph, Plan]:
    """Save a plan of the rows that failed, without those of flows that are held back.

    select: flows (none = all); quarantined: also rows that failed the same way before. Raises
    FlowsHeld when every flow is held back, IncompleteBuild as a plan does.
    """
    engine.recover_unanswered(run)
    engine.built(run.context)
    graph = flows.graph(run.context)
    asked = list(select or graph.flows)
    run.held = held_flows.holds(run.context, asked)
    config = run.context.settings.p2c
    plan = make_retry(
        run.context.warehouse,
        graph,
        run.ledger,
        run_id=run.run_id,
        select=held_flows.free(asked, run.held, run.out),
        quarantined=quarantined,
        quarantine_after=config.quarantine_after,
        quarantine_hours=config.quarantine_hours,
    )
    return graph, plan
