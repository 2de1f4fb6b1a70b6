"""What each system has of candidates, column by column, and how it agrees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from p2c.warehouse import Reader, Row

# Columns of `match_rules` that are no column to compare.
OF_RULE = frozenset(("entity", "rule", "score", "seed_row"))
# The evidence of all candidates is long to make: of so many it is made alone.
FEW = 1000
KEY = ("entity", "sales_id", "data_area_id", "finops_table", "finops_key")
BESIDE = """
with asked as (
    select unnest($1) as entity, unnest($2) as sales_id, unnest($3) as data_area_id,
        unnest($4) as finops_table, unnest($5) as finops_key
),
known as ({known})
select a.entity, a.sales_id, a.data_area_id, a.finops_table, a.finops_key,
    cast(k.evidence as varchar) as evidence, s.name as sales_name, f.name as finops_name,
    to_json(s) as sales, to_json(f) as finops
from asked as a
left join known as k
    on a.entity = k.entity and a.sales_id = k.sales_id and a.finops_table = k.finops_table
    and a.finops_key = k.finops_key and a.data_area_id = coalesce(k.data_area_id, '')
left join match.match_sales_records as s
    on a.entity = s.entity and a.sales_id = s.record_key and a.data_area_id = s.data_area_id
left join match.match_finops_records as f
    on a.entity = f.entity and a.finops_table = f.record_table and a.finops_key = f.record_key
    and a.data_area_id = f.data_area_id
"""


def beside(warehouse: Reader, rows: Sequence[Row]) -> list[Row]:
    """The rows with both names and `columns`: name → the value of each system, and `agrees`."""
    rules = warehouse.tables("staging").get("stg_seeds__match_rules", [])
    names = [name for name in rules if name not in OF_RULE]
    found = {_key(row): row for row in _details(warehouse, rows)}
    return [_with(row, found[_key(row)], names) for row in rows]


def _details(warehouse: Reader, rows: Sequence[Row]) -> list[Row]:
    keys = [_key(row) for row in rows]
    few = "where list_contains($2, sales_id)" if len(rows) <= FEW else ""
    linked = [row["entity"] for row in rows if row["status"] == "linked"]
    columns = "sales_id, data_area_id, finops_table, finops_key, evidence"
    entities = dict.fromkeys(row["entity"] for row in rows if row["status"] != "linked")
    parts = [
        f"select '{entity}' as entity, {columns} from match.match_{entity} {few}"
        for entity in entities
    ]
    parts += [f"select entity, {columns} from keys.keys_crosswalk {few}"] if linked else []
    if not parts:
        return []
    lists: list[Any] = [[key[at] for key in keys] for at in range(len(KEY))]
    return warehouse.rows(BESIDE.format(known=" union all ".join(parts)), lists)


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name] or "") for name in KEY)


def _with(row: Row, detail: Row, names: Sequence[str]) -> Row:
    """The row with what each system has in place of the JSON it came in."""
    sales, finops, evidence = (
        json.loads(detail[part] or "{}") for part in ("sales", "finops", "evidence")
    )
    columns = {}
    for name in names:
        both = {"sales": sales.get(name), "finops": finops.get(name)} | evidence.get(name, {})
        if both["sales"] or both["finops"]:
            columns[name] = {**both, "agrees": both.get("agrees")}
    named = {side: detail[side] for side in ("sales_name", "finops_name")}
    return {**row, **named, "columns": columns}
