"""What a plan consists of, counted: rows by target, operation, status and place in the order.

Counted once, when the plan is saved, and kept with it: no count of a plan reads its rows again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import duckdb

from loaders.models import Operation

# DuckDB's own words for a JSON member and for the part of a text before a mark.
COUNTED = """
select model, flow, system, entity_set, operation,
    case when unit is null then model else split_part(unit, '/', 1) end as sent_as, status,
    count(*) as rows, min(number) as first_number, max(number) as last_number,
    count(case when json_extract_string(agreement, '$.first_contact') = 'true' then 1 end)
        as first_contacts
from {relation}
group by 1, 2, 3, 4, 5, 6, 7
order by first_number
"""


@dataclass(frozen=True)
class Part:
    """Rows that are alike; `first` and `last` are numbers of rows, others may be between them.

    `sent_as` is the model they are sent with: their own, or that of the document of their unit.
    """

    model: str
    flow: str
    system: str
    entity_set: str
    operation: Operation
    sent_as: str
    status: str
    rows: int
    first: int
    last: int
    first_contacts: int = 0

    @property
    def target(self) -> str:
        """`<system>.<entity set>`."""
        return f"{self.system}.{self.entity_set}"

    @property
    def kind(self) -> tuple[str, ...]:
        """What a row of SQLite's `kinds` says."""
        values = (self.model, self.flow, self.system, self.entity_set)
        return (*values, self.operation, self.sent_as)


def count(connection: duckdb.DuckDBPyConnection, relation: str) -> list[Part]:
    """The parts of a relation with the columns of a plan's file, in writing order."""
    return [Part(*row) for row in connection.execute(COUNTED.format(relation=relation)).fetchall()]


def to_json(parts: Iterable[Part]) -> str:
    """How the ledger keeps them."""
    return json.dumps([astuple(part) for part in parts])


def from_json(text: str | None) -> list[Part]:
    """What the ledger kept."""
    return [Part(*values) for values in json.loads(text or "[]")]


def counts(parts: Iterable[Part]) -> dict[tuple[str, str], dict[str, int]]:
    """{(flow, target): {operation: rows}}."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for part in parts:
        by = found.setdefault((part.flow, part.target), {})
        by[part.operation] = by.get(part.operation, 0) + part.rows
    return found


def first_contacts(parts: Sequence[Part]) -> dict[str, int]:
    """{`flow to target`: rows} in which two linked records meet for the first time."""
    found: dict[str, int] = {}
    for part in parts:
        if part.first_contacts and part.status != "blocked":
            name = f"{part.flow} to {part.target}"
            found[name] = found.get(name, 0) + part.first_contacts
    return found
