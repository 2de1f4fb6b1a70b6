"""Records that only one system has, of the tables that the flows write: nothing belongs to them.

No flow touches them, so that no flow's counts hold them; they are counted beside those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from p2c.config.context import Context
from p2c.warehouse import reading

UNMATCHED = """
select target, record_key, record_name from quality.unmatched_records
where len($1) = 0 or list_has_any(string_split(flows, ', '), $1)
order by target, record_key
"""


def unmatched(context: Context, flows: Sequence[str]) -> dict[str, Any]:
    """`targets`: records by target; `records`: each with target, record_key, record_name.

    As the last build found them; without `flows` those of every target.
    """
    with reading(context.warehouse) as warehouse:
        rows = warehouse.rows(UNMATCHED, [list(flows)])
    return {"targets": dict(Counter(row["target"] for row in rows)), "records": rows}
