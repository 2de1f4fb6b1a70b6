"""How a record was paired with the one in the other system, and what else it may be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from p2c.lookup.record_targets import Compared
from p2c.warehouse import Reader, Row

SINCE = """
select min(seen) as first_seen from (
    select first_seen as seen from ledger.links
    where ended_at is null and flow = $1 and source_key = $2
    union all
    select finished_at as seen from ledger.writes
    where operation = 'create' and status in ('acknowledged', 'verified')
        and flow = $1 and source_key = $2
)
"""
LINK = ("matched_by", "finops_key", "score", "evidence", "first_seen", "last_seen")
CANDIDATE = {"sales_id", "finops_key", "evidence", "status"}
MOST = 10


def pairs(warehouse: Reader, sales_id: str | None) -> list[Row]:
    """The record's rows of the crosswalk, one for each legal entity.

    Records that the crosswalk does not have, as documents, are looked up in the table of `keys`
    that is theirs: it holds the id and says `matched_by`.
    """
    if sales_id is None:
        return []
    found = {}
    for table, columns in warehouse.tables("keys").items():
        if "matched_by" in columns:
            rows = _holding(warehouse, f'keys."{table}"', columns, sales_id)
            if rows and "first_seen" in columns:
                return rows
            found[table] = rows
    # Lines and prices hold the id of what they belong to: the record's own table has fewer rows.
    own = sorted((len(rows), len(table), table) for table, rows in found.items() if rows)
    return found[own[0][2]] if own else []


def link(warehouse: Reader, known: Sequence[Row], fate: Row, place: Compared | None) -> Row | None:
    """The pair that a fate is about: matched_by, score, evidence, … as far as known; else null."""
    if not fate["is_there"] or fate["source_key"] is None:
        return None
    rows = [row for row in known if is_of(row, fate) and _is_in(row, place)]
    found = {name: rows[0].get(name) if rows else None for name in LINK}
    found["evidence"] = _object(found["evidence"])
    links = warehouse.tables("ledger").get("links", [])
    if found["first_seen"] is None and "first_seen" in links:
        (since,) = warehouse.rows(SINCE, [fate["flow"], fate["source_key"]])
        found |= since
    return found


def candidates(warehouse: Reader, sales_id: str | None, keys: Sequence[str]) -> list[Row]:
    """Candidates of the record that wait for a person, the best first.

    keys: of the record in F&O, with its legal entity in front where it has one.
    """
    found: list[Row] = []
    for table, columns in warehouse.tables("match").items():
        if set(columns) >= CANDIDATE:
            first = "is_waiting desc," if "is_waiting" in columns else ""
            found += warehouse.rows(
                f'select * from match."{table}" where (sales_id = $1 or '
                "list_contains($2, concat_ws('/', data_area_id, finops_key))) "
                f"and status = 'review' order by {first} score desc, finops_key limit {MOST}",
                [sales_id, list(keys)],
            )
    return [{**row, "evidence": _object(row["evidence"])} for row in found]


def _holding(warehouse: Reader, relation: str, columns: Sequence[str], sales_id: str) -> list[Row]:
    ids = [name for name in columns if name.endswith("_id") and name[:6] != "other_"]
    if not ids:
        return []
    tests = " or ".join(f'cast("{name}" as varchar) = $1' for name in ids)
    return warehouse.rows(f"select * from {relation} where {tests}", [sales_id])


def is_of(row: Row, fate: Row) -> bool:
    """Whether a pair is in the legal entity of the fate; one without is in all of them."""
    company = row.get("data_area_id")
    keys = [str(fate[name] or "") for name in ("record_key", "source_key")]
    in_one = [key for key in keys if "/" in key]
    return not company or not in_one or any(key.startswith(f"{company}/") for key in in_one)


def _is_in(row: Row, place: Compared | None) -> bool:
    """Whether a pair is in the target's table: a contact may be two records in F&O (C7)."""
    table = row.get("finops_table")
    return not table or place is None or f"__{table}" in str(place.held)


def _object(evidence: object) -> Mapping[str, Any] | str | None:
    """Evidence as data; what is no JSON, such as a sentence, stays text."""
    if not isinstance(evidence, str):
        return None
    try:
        found = json.loads(evidence)
    except ValueError:
        return evidence
    return found if isinstance(found, dict) else evidence
