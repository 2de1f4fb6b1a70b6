"""Columns in which both systems differ other than by a plain change at the source, counted."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.config.context import Context
from p2c.warehouse import Row, reading

# A record that waits for a decision keeps all its columns as they are; what is blocked or rejected
# is not judged yet.
COUNTED = """
select flow, target, column_name as "column", kind,
    case when fate = 'conflict' then 'hold' else action end as action, count(*) as records
from quality.drift
where list_contains($1, flow) and fate in ('identical', 'update', 'conflict')
group by all order by all
"""


def differences(context: Context, flows: Sequence[str]) -> list[Row]:
    """Each with flow, target, column, kind, action and records, as `quality.drift` has them.

    Raises NothingStaged when the last build had no such table.
    """
    with reading(context.warehouse) as warehouse:
        return warehouse.rows(COUNTED, [list(flows)])
