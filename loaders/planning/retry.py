"""Plans the rows again that did not come through, and only those.

Which records they are stands in the ledger; what to write stands in the changes models. So a row
goes out with the images it had, unless the warehouse was built again since: then with what is right
now, or not at all when nothing differs any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders.ledger.history import QUARANTINE_HOURS, in_doubt, to_quarantine, unwritten
from loaders.ledger.ledger import Ledger
from loaders.models import Plan, SyncGraph
from loaders.planning.plan import QUARANTINE_AFTER, new_plan, select_targets
from loaders.planning.rows import Row, all_rows, writes
from loaders.units import together
from loaders.warehouse import open_warehouse


def make_retry(  # noqa: PLR0913 - the others have defaults
    warehouse: Path,
    graph: SyncGraph,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    select: Sequence[str] | None = None,
    quarantined: bool = False,
    quarantine_after: int = QUARANTINE_AFTER,
    quarantine_hours: float = QUARANTINE_HOURS,
) -> Plan:
    """Save a plan of the rows whose last try was rejected, failed or blocked, units whole.

    Quarantined rows stay out of it unless `quarantined` asks for them. Updates carry the version
    that was read and creates overwrite nothing: what moved since becomes stale, and the next run
    judges it again. A row whose parent record is neither there nor in the plan is planned as
    blocked. Raises UnknownFlow, WarehouseError.
    """
    chosen = select_targets(graph, graph.flows if select is None else select)
    failed = unwritten(ledger)
    wanted = {(row["model"], row["record_key"]) for row in failed}
    standing = {} if quarantined else to_quarantine(ledger, quarantine_after, quarantine_hours)
    with open_warehouse(warehouse) as connection:
        rows = [
            row
            for members in together(all_rows(connection, chosen), lambda row: row["unit"])
            if any((row["model"], row["record_key"]) in wanted for row in members)
            and not any(row["idempotency_key"] in standing for row in members)
            for row in members
        ]
        plan = new_plan(connection, graph, ledger, chosen, run_id=run_id, kind="retry")
        absent = _absent(failed, rows)
        return ledger.add_plan(plan, writes(plan, iter(rows), absent, {}, in_doubt(ledger)))


def _absent(failed: Sequence[Mapping[str, Any]], rows: Collection[Row]) -> frozenset[str]:
    """Records that were to be created, were not, and will not be by these rows either."""
    going = {(row["model"], row["record_key"]) for row in rows}
    return frozenset(
        f"{row['target']}/{row['record_key']}"
        for row in failed
        if row["operation"] == "create" and (row["model"], row["record_key"]) not in going
    )
