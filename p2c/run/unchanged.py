"""A run that finds nothing: when the last build still holds, and when there is no plan to make.

Whether a build stands is asked of the warehouse (loaders.ledger.builds); in doubt dbt builds. What
depends on the hour (a row to be tried again after its quarantine) is asked of a plan, which is
made wherever one change stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from loaders import Plan, read_flow_counts, standing_build
from p2c import __version__
from p2c.run import mapping

if TYPE_CHECKING:
    from loaders import SyncGraph
    from p2c.run.engine import Run

BUILDERS = ("dbt-core", "dbt-duckdb", "duckdb")
CHANGES = ("create", "update", "deactivate")


def programs() -> str:
    """What a build is made by, beside the mapping."""
    return " ".join([__version__, *(f"{name} {version(name)}" for name in BUILDERS)])


def built_before(run: Run) -> datetime | None:
    """When the build began that another one would only repeat; None when there is none."""
    if run.ledger.has_unanswered():
        return None
    made_by, now = mapping.fingerprint(run.context), run.ledger.clock.now()
    return standing_build(run.context.warehouse, made_by, programs(), now)


def nothing_to_plan(
    run: Run, graph: SyncGraph, flows: Sequence[str], limit: int | None
) -> Plan | None:
    """A plan without rows, which nobody saves, when one of this build was applied already.

    None where a change stands, were it one that waits: what becomes of it now is for a plan to say.
    The first plan of a build is saved, empty or not, as later guards compare with it.
    """
    if run.built_before is None or not _was_applied(run, run.built_before, flows):
        return None
    counts = read_flow_counts(run.context.warehouse)
    if any(row[name] for row in counts if row["flow"] in flows for name in CHANGES):
        return None
    return Plan(
        plan_id="",
        run_id=run.run_id,
        created_at=run.ledger.clock.now(),
        status="planned",
        mapping_version=graph.version,
        snapshots=(),
        fingerprints={},
        flows=tuple(flows),
        limit=limit,
        counts={},
    )


def _was_applied(run: Run, built: datetime, flows: Sequence[str]) -> bool:
    last = run.ledger.last_started_plan()
    return (
        last is not None
        and last.kind == "changes"
        and last.created_at >= built
        and set(flows) <= set(last.flows)
    )
