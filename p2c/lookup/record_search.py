"""Which record a person means, by number, id, key, name, or part of one, of either system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2c.errors import NothingStaged
from p2c.warehouse import Reader, Row

LISTED = 10  # records named when several fit
# One row per source record and target, and those that only a target has. Rows of one record of
# Sales belong together whatever flow and legal entity they are in: `subject`.
RECORDS = """
select flow, target, source_key, record_key, sales_id, name, held_name, is_there,
    coalesce(sales_id, source_key) as subject
from quality.record_names
where len($flows) = 0 or list_contains($flows, flow)
union all by name
select flows as flow, target, record_key, record_name as held_name, true as is_there,
    target || ' ' || record_key as subject
from quality.unmatched_records
where len($flows) = 0 or list_has_any(string_split(flows, ', '), $flows)
"""
KEYS = ("source_key", "record_key", "sales_id")
NAMES = ("name", "held_name")
# The nearest fit wins: a whole key, a part of a short key (the customer ACC-1 before its contact
# persons, whose key has it too), the whole name, then every word somewhere in keys and names.
FOUND = """
with records as ({records}),
placed as (select *, case {tests} end as place from records),
best as (select * from placed where place = (select min(place) from placed)),
subjects as (select subject, count(*) over () as total from best group by subject
    order by min(record_key), subject limit {listed})
select records.*, subjects.total, fates.fate
from records join subjects using (subject)
left join quality.record_fates as fates
    on records.flow = fates.flow and records.target = fates.target
    and records.source_key = fates.source_key
order by subject, records.flow, records.target, records.record_key, records.source_key
"""
# Names that look like the one given: of records, whole or by their parts.
NEAREST = """
with names as (
    select distinct unnest(list_distinct([record_key, source_key, sales_id, name, held_name]
        || string_split(coalesce(record_key, ''), '/'))) as name
    from ({records})
)
select name from names
where length(name) > 2 and jaro_winkler_similarity(lower(name), lower($asked)) > 0.85
order by jaro_winkler_similarity(lower(name), lower($asked)) desc, length(name), name limit 3
"""


def search(warehouse: Reader, asked: str, flows: Sequence[str]) -> tuple[list[Row], int]:
    """The rows of the records that fit best, at most ten records of them, and how many fit.

    Upper and lower case, accents, and braces around an id do not matter. Raises NothingStaged when
    the warehouse was built before names were kept, or not at all.
    """
    _check(warehouse)
    named = asked.strip().strip("{}") or asked
    values: dict[str, Any] = {"flows": list(flows), "asked": named}
    words = named.split() or [named]
    values |= {f"word{place}": word for place, word in enumerate(words)}
    sql = FOUND.format(records=RECORDS, tests=_tests(len(words)), listed=LISTED)
    rows = warehouse.rows(sql, values)
    return rows, rows[0]["total"] if rows else 0


def nearest(warehouse: Reader, asked: str, flows: Sequence[str]) -> list[str]:
    """Up to three names that a typing error may have meant."""
    values = {"flows": list(flows), "asked": asked}
    return [row["name"] for row in warehouse.rows(NEAREST.format(records=RECORDS), values)]


def _check(warehouse: Reader) -> None:
    built = warehouse.tables("quality")
    if "record_fates" not in built:
        raise NothingStaged("The warehouse was read, and not built yet: run `p2c build` first.")
    if "record_names" not in built:
        raise NothingStaged(
            "The warehouse was built before the names of records were kept: run `p2c build` first."
        )


def _tests(words: int) -> str:
    """`when … then place`, the nearest first; `asked` and each of the words are parameters."""
    asked = _plain("$asked")
    whole = " or ".join(f"{_plain(key)} = {asked}" for key in KEYS)
    parts = [f"contains('/' || {_plain(key)} || '/', '/' || {asked} || '/')" for key in KEYS[:2]]
    lengths = ", ".join(
        f"case when {test} then len(string_split({key}, '/')) end"
        for key, test in zip(KEYS, parts, strict=False)
    )
    named = " or ".join(f"{_plain(name)} = {asked}" for name in NAMES)
    text = _plain(f"concat_ws(' ', {', '.join((*KEYS, *NAMES))})")
    every = " and ".join(f"contains({text}, {_plain(f'$word{n}')})" for n in range(words))
    return (
        f"when {whole} then 0 when {named} then 2 "
        f"when {' or '.join(parts)} then least({lengths}) when {every} then 100"
    )


def _plain(expression: str) -> str:
    return f"lower(strip_accents({expression}))"
