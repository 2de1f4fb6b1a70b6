"""Which records a person means by an id, a number, a key or a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.errors import P2CError
from p2c.lookup.keys import CREATED_IN, check_built
from p2c.warehouse import Reader, Row

BY_KEY = """
select distinct entity, record_key as id, number, name from match.match_sales_records
where $2 in ('', entity) and lower($1) in (lower(record_key), lower(number)) order by all
"""
BY_NAME = """
select distinct c.entity, c.sales_id as id, s.number, s.name
from ({candidates}) as c
join match.match_sales_records as s on c.entity = s.entity and c.sales_id = s.record_key
where $2 in ('', c.entity) and lower(s.name) = lower($1) order by all
"""
NEAREST = """
with names as (
    select distinct unnest([record_key, number, name]) as name
    from match.match_{side}_records where $2 in ('', entity)
)
select name from names
where length(name) > 2 and (
    jaro_winkler_similarity(lower(name), lower($1)) > 0.85
    or length($1) > 2 and contains(strip_accents(lower(name)), strip_accents(lower($1)))
)
order by jaro_winkler_similarity(lower(name), lower($1)) desc, length(name), name limit 3
"""
TOGETHER = """
select distinct s.entity, f.data_area_id, f.record_table as finops_table, s.record_key as sales_id,
    f.record_key as finops_key, s.number as sales_number, s.name as sales_name,
    f.name as finops_name
from match.match_finops_records as f
left join match.match_sales_records as s
    on f.entity = s.entity and f.data_area_id = s.data_area_id and s.record_key = $3
where f.entity = $1 and lower(f.record_key) = lower($2) and lower($4) in ('', f.data_area_id)
order by all
"""
COMPANIES = """
select distinct data_area_id from match.match_finops_records
where list_contains($1, entity) and data_area_id <> '' order by all
"""


@dataclass(frozen=True)
class Pair:
    """A record of each system. `company` is empty for products; `table` tells contacts apart."""

    entity: str
    company: str
    table: str
    sales_id: str
    finops_key: str
    sales_name: str
    finops_name: str
    sales_number: str = ""
    rule: str = ""
    score: int | None = None

    @property
    def sales(self) -> str:
        """The record of Sales as a person names it: `ACC-01000 Contoso`."""
        return " ".join(
            word for word in (self.sales_number or self.sales_id, self.sales_name) if word
        )

    @property
    def finops(self) -> str:
        """The record of F&O: `usmf/US-001 Contoso Ltd`."""
        return f"{self.key} {self.finops_name}".strip()

    def __str__(self) -> str:
        """`ACC-01000 Contoso ? usmf/US-001 Contoso Ltd; phone_and_name 88`."""
        why = f"; {self.rule} {self.score}" if self.rule and self.score is not None else ""
        return f"{self.sales} ? {self.finops}{why}"

    @property
    def key(self) -> str:
        """Its key with the legal entity in front."""
        return f"{self.company}/{self.finops_key}" if self.company else self.finops_key


def as_pair(row: Row) -> Pair:
    """A candidate, as `p2c.lookup.keys.candidates` has them, as a pair."""
    number = row.get("columns", {}).get("number", {}).get("sales") or row.get("sales_number")
    return Pair(
        row["entity"],
        row["data_area_id"] or "",
        row["finops_table"],
        row["sales_id"],
        row["finops_key"],
        row["sales_name"] or "",
        row.get("finops_name") or "",
        number or "",
        row.get("rule") or "",
        row.get("score"),
    )


def find(warehouse: Reader, sales: str, finops: str, company: str, entity: str) -> list[Pair]:
    """The records that `sales` and `finops` name, once for each legal entity (and table).

    Raises P2CError when one of them is unknown or not only one, naming what is near.
    """
    check_built(warehouse)
    records = _sales_records(warehouse, sales.strip(), entity)
    company, finops = company.strip().lower(), finops.strip()
    found = _beside(warehouse, records, finops, company)
    if not found and "/" in finops and not company:
        company, _, finops = finops.partition("/")
        found = _beside(warehouse, records, finops, company.lower())
    if len(found) > 1:
        raise P2CError(_not_only_one(sales, found))
    if not found:
        raise P2CError(_unknown_key(warehouse, records, finops, company))
    ((record, rows),) = [(row, row["rows"]) for row in found]
    if pairs := [as_pair(row) for row in rows if row["sales_id"]]:
        return pairs
    theirs = " and ".join(row["data_area_id"] for row in rows)
    raise P2CError(
        f"{_label(record)} of Sales is no record of {theirs}, where {finops} is: its business unit "
        "is another's. The seed legal_entities says which."
    )


def _beside(warehouse: Reader, records: Sequence[Row], finops: str, company: str) -> list[Row]:
    """The records of Sales with the `rows` of F&O that have the key; best those of one company."""
    found = []
    for record in records:
        values = [record["entity"], finops, record["id"], company]
        if rows := warehouse.rows(TOGETHER, values):
            found.append(record | {"rows": rows})
    together = [row for row in found if any(one["sales_id"] for one in row["rows"])]
    if len(together) > 1:  # an account and a contact may have one number
        listed = [
            row for row in together if warehouse.rows(_listed(), [row["entity"], row["id"], finops])
        ]
        return listed or together
    return together or found


def _listed() -> str:
    """Whether a rule, a link or a person found the two."""
    return " union all ".join(
        f"select sales_id from {table} where {entity} = $1 and sales_id = $2 "
        "and lower(finops_key) = lower($3)"
        for entity, table in [
            *((f"'{name}'", f"match.match_{name}") for name in CREATED_IN),
            ("entity", "keys.keys_crosswalk"),
        ]
    )


def _sales_records(warehouse: Reader, text: str, entity: str) -> list[Row]:
    found = warehouse.rows(BY_KEY, [text.strip("{}"), entity])
    if not found:
        parts = [
            f"select '{name}' as entity, sales_id from match.match_{name}" for name in CREATED_IN
        ]
        parts.append("select entity, sales_id from keys.keys_crosswalk")
        found = warehouse.rows(BY_NAME.format(candidates=" union ".join(parts)), [text, entity])
    if found:
        return found
    near = _near(warehouse, "sales", text, entity)
    kind = f" among the {entity}" if entity else ""
    raise P2CError(
        f"Sales has no record {text!r}{kind}.{near} Give the id, the number or the name, as "
        "`p2c keys list` shows them."
    )


def _not_only_one(text: str, found: Sequence[Row]) -> str:
    each = "; ".join(f"{row['entity']} {row['id']} ({_label(row)})" for row in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{text!r} is not only one record of Sales: {each}{more}. Give the id."


def _unknown_key(warehouse: Reader, records: Sequence[Row], finops: str, company: str) -> str:
    entities = list(dict.fromkeys(row["entity"] for row in records))
    kinds = " or ".join(entities)
    known = [row["data_area_id"] for row in warehouse.rows(COMPANIES, [entities])]
    if company and company.lower() not in known:
        return f"F&O has no {kinds} in {company!r}; there are some in {' and '.join(known)}."
    where = f" in {company}" if company else ""
    near = _near(warehouse, "finops", finops, entities[0])
    return (
        f"F&O has none of the {kinds} under the key {finops!r}{where}.{near} Give the key as "
        "`p2c keys list` shows it."
    )


def _near(warehouse: Reader, side: str, text: str, entity: str) -> str:
    rows = warehouse.rows(NEAREST.format(side=side), [text, entity])
    names: Sequence[str] = [str(row["name"]) for row in rows]
    return f" Did you mean {' or '.join(names)}?" if names else ""


def _label(record: Row) -> str:
    return " ".join(word for word in (record["number"], record["name"]) if word) or record["id"]
