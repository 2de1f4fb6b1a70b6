"""Plans the rows again that did not come through, and only those.

Which records they are stands in the ledger; what to write stands in the changes models. So a row
goes out with the images it had, unless the warehouse was built again since: then with what is right
now, or not at all when nothing differs any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loaders.ledger.history import QUARANTINE_HOURS, in_doubt, to_quarantine, unwritten
from loaders.ledger.ledger import Ledger
from loaders.models import Plan, SyncGraph
from loaders.planning.plan import QUARANTINE_AFTER, new_plan, select_targets
from loaders.planning.relation import ROWS, WHOLE, keep_only, make_rows
from loaders.planning.standing import ABSENT, give, keep_back
from loaders.warehouse import open_warehouse

FAILED = ("target", "model", "record_key", "operation")
# Units whole: one of their rows failed, and none of them is quarantined.
WANTED = f"""
{WHOLE} in (select {WHOLE} from {ROWS} semi join failed using (model, record_key))
and {WHOLE} not in (select {WHOLE} from {ROWS} semi join quarantine using (idempotency_key))
"""
# Records that were to be created, were not, and will not be by these rows either.
STILL_ABSENT = f"""
create or replace temp table {ABSENT} as
select target || '/' || record_key as record
from (select * from failed where operation = 'create') as failed
anti join {ROWS} using (model, record_key)
"""


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
    standing = {} if quarantined else to_quarantine(ledger, quarantine_after, quarantine_hours)
    with open_warehouse(warehouse) as connection:
        failed = ([row[name] for name in FAILED] for row in unwritten(ledger))
        give(connection, "failed", FAILED, failed)
        give(connection, "quarantine", ("idempotency_key", "reason"), standing.items())
        make_rows(connection, chosen)
        keep_only(connection, WANTED)
        connection.execute(STILL_ABSENT)
        plan = new_plan(connection, graph, ledger, chosen, run_id=run_id, kind="retry")
        keep_back(connection, in_doubt(ledger), {})
        return ledger.save_plan(plan, connection, ROWS)
