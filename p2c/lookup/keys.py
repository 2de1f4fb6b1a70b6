"""Candidates of matching, both records beside each other, and what decisions make of them.

As the last build listed them (schema `match`) and knows pairs (`keys.keys_crosswalk`), read beside
the seed `key_overrides` as it is now: what was decided since the build waits for nobody any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from p2c.errors import NothingStaged, P2CError
from p2c.lookup.keys_beside import beside
from p2c.warehouse import Reader, Row

SEED = "key_overrides"
# Entity → the system that a record without a pair is created in.
CREATED_IN = {"customers": "finops", "contacts": "finops", "products": "sales"}
# Whether the record that would be created is one of F&O, so that its candidates belong together.
_IN_SALES = [f"'{entity}'" for entity, system in CREATED_IN.items() if system == "sales"]
BY_FINOPS = f"entity in ({', '.join(_IN_SALES)})"
# What the query needs to judge and order, and nobody else.
FLAGS = frozenset(
    (
        "is_decided",
        "sales_has",
        "finops_has",
        "record_waits",
        "record_taken",
        "record_score",
        "state",
    )
)
PAIR, DIFFERENT = "pair", "different"
# Columns of `match_rules` that are no column to compare.
OF_RULE = frozenset(("entity", "rule", "score", "seed_row"))

# Entities in this order.
PLACE = "list_position(['" + "', '".join(CREATED_IN) + "'], {})"

DECIDED = """
decisions as (
    select unnest($1) as entity, unnest($2) as sales_id, unnest($3) as data_area_id,
        unnest($4) as finops_key, unnest($5) as decision
)
"""
HERE = "d.entity = c.entity and d.data_area_id in ('', coalesce(c.data_area_id, ''))"
MINE = f"{HERE} and d.sales_id = lower(c.sales_id)"
THEIRS = f"{HERE} and d.finops_key = lower(c.finops_key)"
# `state` is what the seed makes of `status` and `review_reason`; who has a pair waits no more.
JUDGED = f"""
known as (
    select c.*,
        exists (select 1 from decisions as d where {MINE} and {THEIRS}) as is_decided,
        exists (select 1 from decisions as d where {MINE} and d.decision = 'pair') as sales_has,
        exists (select 1 from decisions as d where {THEIRS} and d.decision = 'pair') as finops_has
    from listed as c
),
judged as (
    select * exclude (is_waiting),
        case
            when is_decided then 'decided'
            when status = 'review' and (sales_has or finops_has) then 'taken'
            when review_reason = 'taken' then 'taken'
            else status
        end as state,
        is_waiting and not is_decided
        and not case when {BY_FINOPS} then finops_has else sales_has end as is_waiting
    from known
)
"""
CROSSWALK = """
select entity, sales_id, data_area_id, finops_table, finops_key, 'linked' as status,
    null as review_reason, regexp_replace(matched_by, '^rule:', '') as rule, score,
    false as is_waiting
from keys.keys_crosswalk
"""
FILTERED = f"""
filtered as (
    select *,
        max(is_waiting) over mine as record_waits,
        min(case state when 'review' then 0 else 1 end) over mine as record_taken,
        max(score) over mine as record_score
    from judged
    where (len($6) = 0 or list_contains($6, state))
        and $7 in ('', entity) and lower($8) in ('', lower(rule))
        and ($9 is null or score >= $9) and ($10 is null or score <= $10)
        and lower($11) in ('', coalesce(data_area_id, ''))
    window mine as (
        partition by entity, data_area_id,
            case when {BY_FINOPS} then finops_key else sales_id end
    )
)
"""
ORDERED = f"""
select *, count(*) over () as found
from filtered
order by record_waits desc, record_taken, {PLACE.format("entity")}, record_score desc nulls last,
    case when {BY_FINOPS} then finops_key else sales_id end,
    score desc nulls last, data_area_id, finops_key, sales_id
"""
COUNTS = f"""
select entity, rule,
    count(*) filter (where is_waiting) as waiting,
    count(*) filter (where state = 'review') as review,
    count(*) filter (where state = 'taken') as taken,
    count(*) filter (where state = 'linked') as linked,
    count(*) filter (where state = 'decided') as decided
from filtered group by entity, rule order by {PLACE.format("entity")}, max(score) desc, rule
"""
RULES = """
select lower(rule) as name from staging.stg_seeds__match_rules
union select lower(regexp_replace(matched_by, '^rule:', '')) from keys.keys_crosswalk order by 1
"""
COMPANIES = """
select distinct data_area_id as name from match.match_finops_records
where data_area_id <> '' order by 1
"""
OF_IDS = """
select c.entity, c.sales_id, c.data_area_id, c.finops_table, c.finops_key, c.state as status,
    c.rule, c.score, s.number as sales_number, s.name as sales_name
from judged as c
left join match.match_sales_records as s
    on c.entity = s.entity and c.sales_id = s.record_key
    and coalesce(c.data_area_id, '') = s.data_area_id
where lower(c.sales_id) in (select unnest($6))
order by c.score desc nulls last, c.finops_key, c.finops_table
"""


@dataclass(frozen=True)
class Filter:
    """Which candidates: empty and None are all. `low` and `high` include the score itself."""

    states: tuple[str, ...] = ()
    entity: str = ""
    rule: str = ""
    low: int | None = None
    high: int | None = None
    company: str = ""

    def values(self) -> list[Any]:
        """As the queries take them."""
        return [list(self.states), self.entity, self.rule, self.low, self.high]


Words = Sequence[Mapping[str, str]]  # rows of the seed, as `decisions` returns them


def decisions(rows: Words) -> list[dict[str, str]]:
    """Rows of the seed as decisions: ids and keys in lower case; without a word it is a pair."""
    found = []
    for row in rows:
        low = {name: (value or "").strip().lower() for name, value in row.items()}
        if low.get("entity") and low.get("sales_id") and low.get("finops_key"):
            sales_id, decision = low["sales_id"].strip("{}"), low.get("decision") or PAIR
            company = low.get("data_area_id", "") if low["entity"] != "products" else ""
            found.append(
                low | {"sales_id": sales_id, "decision": decision, "data_area_id": company}
            )
    return found


def candidates(warehouse: Reader, rows: Words, wanted: Filter, limit: int | None) -> list[Row]:
    """Candidates and pairs, those that a record waits for first; `found` counts without `limit`.

    Raises P2CError for a filter that names nothing.

    Each has the columns of `match.match_customers`, `entity`, `status` as `p2c keys list` names it,
    and `columns`: name → the value of each system and how they agree.
    """
    check_filter(warehouse, wanted)
    cut = f"limit {limit}" if limit else ""
    values = [*_lists(decisions(rows)), *wanted.values(), wanted.company]
    sql = f"with {_listed(warehouse)}, {FILTERED} {ORDERED} {cut}"
    return beside(warehouse, [_as_decided(row) for row in warehouse.rows(sql, values)])


def listed(warehouse: Reader, rows: Words, wanted: Filter, limit: int | None) -> dict[str, Any]:
    """What `p2c keys list` shows: `candidates`, how many are `found`, and `counts` of all."""
    shown = candidates(warehouse, rows, wanted, limit)
    found = shown[0]["found"] if shown else 0
    for row in shown:
        del row["found"]
    return {
        "found": found,
        "candidates": shown,
        "counts": counts(warehouse, rows, wanted),
    }


def counts(warehouse: Reader, rows: Words, wanted: Filter) -> list[Row]:
    """By entity and rule, whatever the state: `review`, `taken`, …; `waiting` counts in all."""
    every = replace(wanted, states=())
    values = [*_lists(decisions(rows)), *every.values(), every.company]
    return warehouse.rows(f"with {_listed(warehouse)}, {FILTERED} {COUNTS}", values)


def check_filter(warehouse: Reader, wanted: Filter) -> None:
    """Raises P2CError for a rule or legal entity that there is none of, naming what is near."""
    check_built(warehouse)
    for name, value, sql in (("rule", wanted.rule, RULES), ("company", wanted.company, COMPANIES)):
        known = [str(row["name"]) for row in warehouse.rows(sql)] if value else []
        if value and value.lower() not in known:
            near = get_close_matches(value.lower(), known, n=3)
            listed = (
                f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
            )
            raise P2CError(f"No {name} is called {value!r}. {listed}")


def of_ids(warehouse: Reader, rows: Words, ids: Sequence[str]) -> list[Row]:
    """Candidates and pairs of some records of Sales, without their columns."""
    values = [*_lists(decisions(rows)), [name.lower() for name in ids]]
    return warehouse.rows(f"with {_listed(warehouse)} {OF_IDS}", values)


def check_built(warehouse: Reader) -> None:
    """Raises NothingStaged where the warehouse has no candidates as they are read here."""
    matches = warehouse.tables("match")
    built = "is_waiting" in matches.get("match_customers", ())
    if not built or "keys_crosswalk" not in warehouse.tables("keys"):
        raise NothingStaged(
            "The records of both systems are not compared in this warehouse yet: run `p2c build`."
        )


def _listed(warehouse: Reader) -> str:
    """Candidates that are no pair yet, and every pair that is known."""
    check_built(warehouse)
    shape = (
        "sales_id, data_area_id, finops_table, finops_key, status, review_reason, rule, score, "
        "coalesce(is_waiting, false) as is_waiting"
    )
    parts = [
        f"select '{entity}' as entity, {shape} from match.match_{entity} where status <> 'linked'"
        for entity in CREATED_IN
    ]
    return f"{DECIDED}, listed as ({' union all '.join([*parts, CROSSWALK])}), {JUDGED}"


def _lists(rows: Words) -> list[Any]:
    names = ("entity", "sales_id", "data_area_id", "finops_key", "decision")
    return [[row[name] for row in rows] for name in names]


def _as_decided(row: Row) -> Row:
    """A row of the query with the status that the seed makes of it, as `p2c keys list` names it."""
    state = row["state"]
    reason = {"linked": None, "taken": "taken"}.get(state, row["review_reason"])
    kept = {name: value for name, value in row.items() if name not in FLAGS}
    return kept | {"status": state, "review_reason": reason, "is_waiting": bool(row["is_waiting"])}
