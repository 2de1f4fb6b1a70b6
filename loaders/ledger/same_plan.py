"""Whether a plan would only hold back the rows that the last one held back already.

Rows that are quarantined or blocked stay so for days; a schedule of every few minutes would note
each of them hundreds of times a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from loaders.ledger import plan_file
from loaders.ledger.parts import Part
from loaders.models import Plan

DECIDED = "model, operation, record_key, idempotency_key, status, error_message"
ANOTHER = "select {columns} from {relation} except all select {columns} from {earlier} limit 1"


def sends_nothing(parts: Sequence[Part]) -> bool:
    """True of a plan whose rows, one at least, are all held back."""
    return bool(parts) and all(part.status != "planned" for part in parts)


def is_as_before(plan: Plan, last: Plan) -> bool:
    """True where the last plan was applied and made of the same, rows apart."""
    return last.status == "applied" and _made_of(last) == _made_of(plan)


def _made_of(plan: Plan) -> tuple[object, ...]:
    read = {(one.table, one.load_id, one.rows) for one in plan.snapshots}
    return (plan.kind, plan.flows, plan.limit, plan.mapping_version, plan.counts, read)


def holds_back_the_same(connection: duckdb.DuckDBPyConnection, relation: str, file: Path) -> bool:
    """Compare a relation with the columns of a plan's file with an earlier one, as long as it.

    A file that is gone is another plan.
    """
    if not file.is_file():
        return False
    earlier = plan_file.relation(file)
    sql = ANOTHER.format(columns=DECIDED, relation=relation, earlier=earlier)
    return not connection.execute(sql).fetchall()
