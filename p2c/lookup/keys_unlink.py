"""What becomes of both records of a pair that a person ends."""

from __future__ import annotations

from typing import Any

from p2c.lookup.keys import CREATED_IN, Words, decisions
from p2c.lookup.keys_find import Pair
from p2c.warehouse import Reader, Row

NAMES = {"sales": "Sales", "finops": "F&O"}
IS_PAIR = """
select matched_by from keys.keys_crosswalk
where entity = $1 and lower(sales_id) = lower($2) and lower(finops_key) = lower($3)
    and coalesce(data_area_id, '') = $4 limit 1
"""
OTHER_PAIRS = """
select sales_id, data_area_id, finops_key, matched_by from keys.keys_crosswalk
where entity = $1 and $4 in ('', coalesce(data_area_id, ''))
    and (lower(sales_id) = lower($2) or lower(finops_key) = lower($3))
order by all limit 5
"""
# Candidates of one of the two with a record that has no pair.
OTHERS = """
select c.sales_id, c.finops_key, c.data_area_id, c.rule, c.score, c.sales_name, c.finops_name
from match.match_{entity} as c
where c.status = 'review' and coalesce(c.data_area_id, '') = $3
    and c.{mine} = $1 and c.{theirs} <> $2
    and c.{theirs} not in (
        select w.{theirs} from keys.keys_crosswalk as w
        where w.entity = '{entity}' and w.finops_table = c.finops_table
            and w.data_area_id is not distinct from c.data_area_id
    )
order by c.score desc, c.{theirs} limit 5
"""
# A record of the other system that shares the number, or without pair the name or e-mail address.
ALIKE = """
select o.record_key, o.data_area_id, o.name,
    case
        when lower(o.number) = lower(m.number) then 'number'
        when lower(o.name) = lower(m.name) then 'name'
        else 'e-mail address'
    end as shared
from match.match_{side}_records as m
join match.match_{other}_records as o
    on m.entity = o.entity and m.data_area_id = o.data_area_id
    and (lower(o.number) = lower(m.number) or lower(o.name) = lower(m.name) or o.email = m.email)
where m.entity = $1 and m.record_key = $2 and m.data_area_id = $4 and o.record_key <> $3
    and not exists (
        select 1 from keys.keys_crosswalk as w
        where w.entity = o.entity and w.{theirs} = o.record_key
            and coalesce(w.data_area_id, '') = o.data_area_id
    )
order by shared desc, o.record_key limit 3
"""


def known_as(warehouse: Reader, pair: Pair) -> str:
    """How the crosswalk knows the pair (`link`, `rule:…`, …); '' when it is none."""
    values = [pair.entity, pair.sales_id, pair.finops_key, pair.company]
    rows = warehouse.rows(IS_PAIR, values)
    return str(rows[0]["matched_by"]) if rows else ""


def other_pairs(warehouse: Reader, pair: Pair) -> list[str]:
    """Which pairs the two records are instead, as `ACC-1 = usmf/US-001 (link)`."""
    values = [pair.entity, pair.sales_id, pair.finops_key, pair.company]
    rows = warehouse.rows(OTHER_PAIRS, values)
    return [
        f"{row['sales_id']} = {_key(row['data_area_id'], row['finops_key'])} ({row['matched_by']})"
        for row in rows
    ]


def consequences(warehouse: Reader, rows: Words, pair: Pair) -> list[dict[str, Any]]:
    """For each of the two `system`, `record`, `message`, and what it `becomes`.

    That is create, review, rejected or unmatched.

    Known pairs are not compared with other records, so what a new comparison finds is not all
    known yet; the message says so.
    """
    sides = ("sales", "finops") if CREATED_IN[pair.entity] == "finops" else ("finops", "sales")
    decided = {(row["entity"], row["sales_id"], row["finops_key"]) for row in decisions(rows)}
    source, target = sides
    return [
        _of_source(warehouse, pair, source, target, decided),
        _of_target(warehouse, pair, target, decided),
    ]


def _of_source(
    warehouse: Reader, pair: Pair, side: str, other: str, decided: set[tuple[str, str, str]]
) -> dict[str, Any]:
    """The record that is created where it has no pair."""
    label = pair.sales if side == "sales" else pair.finops
    if found := _others(warehouse, pair, side, decided):
        return _result(
            side, label, "review", f"waits for a decision, as it may be {_listed(found)}"
        )
    unless = "unless the next build finds a record that it may be: then it waits for a decision."
    if pair.sales_number.lower() == pair.finops_key.lower():
        message = (
            f"cannot be created in {NAMES[other]}, as the other one has its number (give one of "
            f"the two another), {unless}"
        )
        return _result(side, label, "rejected", message)
    alike = _alike(warehouse, pair, side, other)
    hint = f" There is {alike} in {NAMES[other]}." if alike else ""
    where = f", in {pair.company}" if pair.company and other == "finops" else ""
    message = f"is created in {NAMES[other]}{where}, {unless}{hint}"
    return _result(side, label, "create", message)


def _of_target(
    warehouse: Reader, pair: Pair, side: str, decided: set[tuple[str, str, str]]
) -> dict[str, Any]:
    """The record that stays without a pair: nothing is written to it."""
    label = pair.sales if side == "sales" else pair.finops
    if found := _others(warehouse, pair, side, decided):
        return _result(
            side, label, "review", f"may be {_listed(found)} then: a decision is asked for"
        )
    return _result(
        side, label, "unmatched", "is nobody's pair then: it is left alone (p2c unmatched)"
    )


def _result(side: str, record: str, becomes: str, message: str) -> dict[str, Any]:
    text = f"{NAMES[side]}: {record} {message.rstrip('.')}."
    return {"system": side, "record": record, "becomes": becomes, "message": text}


def _others(
    warehouse: Reader, pair: Pair, side: str, decided: set[tuple[str, str, str]]
) -> list[Row]:
    mine, theirs = ("sales_id", "finops_key") if side == "sales" else ("finops_key", "sales_id")
    sql = OTHERS.format(entity=pair.entity, mine=mine, theirs=theirs)
    keys = {"sales_id": pair.sales_id, "finops_key": pair.finops_key}
    found = warehouse.rows(sql, [keys[mine], keys[theirs], pair.company])
    return [
        row | {"side": side}
        for row in found
        if (pair.entity, row["sales_id"].lower(), row["finops_key"].lower()) not in decided
    ]


def _listed(rows: list[Row]) -> str:
    return " or ".join(_other(row) for row in rows)


def _other(row: Row) -> str:
    if row["side"] == "sales":
        name = f"{_key(row['data_area_id'], row['finops_key'])} {row['finops_name'] or ''}"
    else:
        name = f"{row['sales_id']} {row['sales_name'] or ''}"
    return f"{name.strip()} ({row['rule']} {row['score']})"


def _alike(warehouse: Reader, pair: Pair, side: str, other: str) -> str:
    theirs = "finops_key" if other == "finops" else "sales_id"
    mine, not_this = (
        (pair.sales_id, pair.finops_key) if side == "sales" else (pair.finops_key, pair.sales_id)
    )
    sql = ALIKE.format(side=side, other=other, theirs=theirs)
    rows = warehouse.rows(sql, [pair.entity, mine, not_this, pair.company])
    return " and ".join(
        f"{_key(row['data_area_id'], row['record_key'])} {row['name'] or ''}".strip()
        + f" with the same {row['shared']}"
        for row in rows
    )


def _key(company: str | None, key: str) -> str:
    return f"{company}/{key}" if company else key
