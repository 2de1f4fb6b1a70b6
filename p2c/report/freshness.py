"""How fresh each source is: when every table was last read, and how many rows came."""

from __future__ import annotations

from p2c.warehouse import Reader, Row

LAST = """
select '{system}' as system, table_name, mode, rows, deletions, {landed} as landed,
    started_at, finished_at
from "{schema}".reads
qualify row_number() over (partition by table_name order by finished_at desc) = 1
"""


def freshness(warehouse: Reader) -> list[Row]:
    """The last read of each table, the oldest first; `landed` is null where nobody counted it."""
    found: list[Row] = []
    for schema in ("raw_sales", "raw_finops"):
        columns = warehouse.tables(schema).get("reads", ())
        if columns:
            landed = "landed" if "landed" in columns else "null::bigint"
            system = schema.removeprefix("raw_")
            found += warehouse.rows(LAST.format(system=system, schema=schema, landed=landed))
    return sorted(found, key=lambda row: (str(row["finished_at"]), row["table_name"]))
