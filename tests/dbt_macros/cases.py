"""Inputs of the small project: what both systems hold step by step, texts, numbers, moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.dbt_macros.small_project import POLICIES

STEPS = 3
Row = dict[str, Any]

# thing: (step 1, step 2, step 3), each (name desired, name held); no name, no row.
NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "same": (("A", "A"), ("A", "Theirs"), ("A", "Theirs")),
    "rests": (("A", "A"), ("A", "A"), ("A", "Theirs")),
    "moved on": (("A", "A"), ("B", "A"), ("B", "A")),
    "both moved": (("A", "A"), ("B", "C"), ("B", "C")),
    "agreed anew": (("A", "A"), ("B", "B"), ("B", "A")),
    "new": (("A", ""), ("A", ""), ("A", "")),
    "never agreed": (("A", "Theirs"), ("A", "Theirs"), ("A", "Theirs")),
    "created": (("A", "Theirs"), ("A", "Theirs"), ("A", "Theirs")),
    "create failed": (("A", "Theirs"), ("A", "Theirs"), ("A", "Theirs")),
    "update of another column": (("B", "A"), ("B", "A"), ("B", "A")),
    "not persisted": (("A", "Cut"), ("A", "Cut"), ("B", "Cut")),
}


def desired() -> Iterator[Row]:
    return _states(0)


def held() -> Iterator[Row]:
    return _states(1)


def _states(side: int) -> Iterator[Row]:
    for thing, steps in NAMES.items():
        for step, names in enumerate(steps, start=1):
            if names[side]:
                yield {"step": step, "thingid": thing, "name": names[side], "amount": "1.5"}


LEDGER_COLUMNS = """
    write_id varchar, flow varchar, system varchar, entity_set varchar, operation varchar,
    source_key varchar, record_key varchar, after varchar, status varchar, finished_at timestamptz,
    not_persisted varchar
"""


def writes() -> Iterator[Row]:
    """What was sent before the first step."""
    whole = '{"thingid":"created","name":"A","amount":1.5000}'
    yield from _written("created", "create", "verified", whole)
    yield from _written("create failed", "create", "failed", whole)
    yield from _written("update of another column", "update", "verified", '{"amount":1.5000}')
    yield from _written("not persisted", "update", "verified", '{"name":"A"}', '{"name":"Cut"}')


def _written(
    thing: str, operation: str, status: str, after: str, not_persisted: str | None = None
) -> Iterator[Row]:
    for policy in POLICIES:
        yield {
            "write_id": f"{thing} {policy}",
            "flow": "things",
            "system": "sales",
            "entity_set": f"things_{policy}",
            "operation": operation,
            "record_key": thing,
            "after": after,
            "status": status,
            "finished_at": "2024-05-01 12:00:00+00",
            "not_persisted": not_persisted,
        }


TEXTS = (
    "D0001",
    "0005",
    "T0001 : : Black : L",
    "Müller & Söhne „Größe“",
    "日本語の製品",
    "😀 ice cream",
    "O'Brien's",
    'the "best"',
    "back\\slash and \\n that is none",
    "two\nlines\r\nand a\ttab",
    '{"not": "json"}',
    "\\xC3\\xA4",
    "ä",
    "a/b",
    "  ",
    "",
    "0123456789 and more",
    "012345678 9",
    "\u0001 control",
    "\t",
    "\u00a0\u2007\u202f",
    "\ufeff\u00a0D0002\u00a0\r\n",
    "\t10\u00a0000\t",
    "\u3000全角\u3000",
)
# What Unicode calls white space, and the two characters of no width that come with files and pages.
BLANKS = "".join(c for c in map(chr, range(0x10000)) if c.isspace() and c not in "\x1c\x1d\x1e\x1f")
BLANKS += "\u200b\ufeff"

NUMBERS = (
    "0",
    "10.125",
    "-10.125",
    "2.5",
    "-2.5",
    "3.333333",
    "0.000049",
    "0.00005",
    "12345678901234567890.123456",
)

MOMENTS = (
    "1900-01-01 00:00:00+00",
    "1900-01-01 12:00:00+00",
    "1900-01-02 00:00:00+00",
    "2024-02-29 12:00:00+00",
)

MODELS = {
    "texts": """
select
    text,
    {{ uuid5('products', 'text') }} as id,
    {{ uuid5('products', "case when text <> '0005' then text end") }} as id_unless_0005,
    {{ fit('text', 10) }} as fitted,
    {{ clean_text('text') }} as cleaned,
    {{ json_object({'text': 'text', 'Größe': 'length(text)', 'none': 'cast(null as varchar)'}) }}
        as document,
    {{ json_object({'text': 'text', 'n': '1'}, only_if={'text': "text = '0005'", 'n': 'true'}) }}
        as conditional,
    {{ reasons([
        reason('a_code', 'a column', 'text', "'The text ' || text || ' is wrong.'", 'true'),
        reason('never', 'a column', 'text', "'no'", 'false'),
    ]) }} as reasons
from {{ source('given', 'texts') }}
""",
    "numbers": """
select
    number,
    places,
    {{ round_to('number', 'places') }} as rounded,
    {{ json_value('number') }} as document
from {{ source('given', 'numbers') }}
""",
    "dates": """
select
    moment,
    {{ clean_date('moment') }} as day,
    {{ clean_timestamp('moment') }} as cleaned
from {{ source('given', 'dates') }}
""",
    "names": """
select name, snaked from (
    values
    {% for name in var('names') -%}
        ('{{ name }}', '{{ snake(name) }}'),
    {% endfor -%}
    ('', '{{ snake('') }}')
) as names (name, snaked)
""",
}
