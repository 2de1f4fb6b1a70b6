"""A run that finds nothing: when the last build still holds, and when there is no plan to make.

Whether a build stands is asked of the warehouse (loaders.ledger.builds); in doubt dbt builds. What
depends on the hour (a row to be tried again after its quarantine) is asked of a plan, which is
made wherever one change stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from loaders import Ledger, Plan, Standing, read_flow_counts, standing_build
from loaders.report import CHANGES
from p2c import __version__
from p2c.config.context import Context
from p2c.run import mapping

BUILDERS = ("dbt-core", "dbt-duckdb", "duckdb")


def programs() -> str:
    """What a build is made by, beside the mapping."""
    return " ".join([__version__, *(f"{name} {version(name)}" for name in BUILDERS)])


def standing(context: Context, ledger: Ledger) -> Standing | None:
    """The last build, as far as it need not be made anew; None when everything is to be built."""
    if ledger.has_unanswered():
        return None
    made_by, now = mapping.fingerprint(context), ledger.clock.now()
    return standing_build(context.warehouse, made_by, programs(), now)


def nothing_to_plan(
    warehouse: Path, ledger: Ledger, built: datetime | None, flows: Sequence[str]
) -> Plan | None:
    """A plan without rows, which nobody saves, when one of this build was applied already.

    built: when the build began that stands. None where a change stands, were it one that waits:
    what becomes of it now is for a plan to say. The first plan of a build is saved, empty or not,
    as later guards compare with it.
    """
    if built is None or not _was_applied(ledger, built, flows):
        return None
    counts = read_flow_counts(warehouse)
    if any(row[name] for row in counts if row["flow"] in flows for name in CHANGES):
        return None
    return Plan(
        plan_id="",
        run_id=None,
        created_at=ledger.clock.now(),
        status="planned",
        mapping_version="",
        snapshots=(),
        fingerprints={},
        flows=tuple(flows),
        limit=None,
        counts={},
    )


def _was_applied(ledger: Ledger, built: datetime, flows: Sequence[str]) -> bool:
    last = ledger.last_started_plan()
    return (
        last is not None
        and last.kind == "changes"
        and last.created_at >= built
        and set(flows) <= set(last.flows)
    )
