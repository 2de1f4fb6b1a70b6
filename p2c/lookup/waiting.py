"""Records that wait: for a parent that is not there (blocked), or for a person (conflict).

Each is shown with the reason of what it waits for, followed from parent to parent: a line waits for
its order, the order for its customer, and the customer has no country.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from p2c.warehouse import Reader, Row

SCHEMA, MODEL = "compare", "compare_"  # beside the models are tables that they are views of
# A compare model that lacks one of these is none of a flow's own.
COLUMNS = frozenset(("flow", "target", "source_key", "record_key", "fate", "detail", "parents"))
HELD = """
select flow, target, source_key, record_key, fate as code, null as column_name, null as value,
    detail as message, cast(parents as varchar) as parents
from {relation} where fate in ('blocked', 'conflict')
"""
FAMILY = """
select target, source_key, record_key, cast(parents as varchar) as parents
from {relation} where fate in ('rejected', 'blocked') and record_key is not null
"""


def held(warehouse: Reader) -> list[Row]:
    """Blocked records and conflicts, as the build found them."""
    return list(chain.from_iterable(warehouse.rows(sql) for sql in _each(warehouse, HELD)))


def family(warehouse: Reader) -> list[Row]:
    """Every record that is rejected or blocked, with its parents."""
    return list(chain.from_iterable(warehouse.rows(sql) for sql in _each(warehouse, FAMILY)))


def with_causes(waiting: Iterable[Row], refused: Iterable[Row], family: Iterable[Row]) -> list[Row]:
    """The waiting rows, their message ending with why the parent is not there.

    refused: records with the reason in `message`; a record may be there several times.
    """
    causes = _Causes(refused, [*family, *waiting])
    return [
        {
            **without_parents(row),
            "message": _with_reasons(row, causes.of(_name(row), row["parents"])),
        }
        for row in waiting
    ]


class _Causes:
    """Reasons by record, and who waits for whom; a record is `<system>.<set>/<record key>`."""

    def __init__(self, refused: Iterable[Row], family: Iterable[Row]) -> None:
        self.reasons: dict[str, list[str]] = {}
        for row in refused:
            self.reasons.setdefault(_name(row), []).append(str(row["message"]))
        self.parents = {_name(row): _listed(row["parents"]) for row in family}

    def of(self, record: str, parents: str | None) -> list[str]:
        """Reasons of the nearest refused ancestors, else of the refused parts of the record."""
        found = self._above(_listed(parents), {record})
        if found:
            return found
        parts = [name for name, theirs in self.parents.items() if record in theirs]
        return self._reasons_of(parts)

    def _above(self, parents: Sequence[str], seen: set[str]) -> list[str]:
        if reasons := self._reasons_of(parents):
            return reasons
        further = [
            above
            for parent in parents
            for above in self.parents.get(parent, ())
            if above not in seen
        ]
        return self._above(further, seen | set(further)) if further else []

    def _reasons_of(self, records: Iterable[str]) -> list[str]:
        return [
            f"{record}: {reason}"
            for record in dict.fromkeys(records)
            for reason in self.reasons.get(record, ())
        ]


def _with_reasons(row: Row, causes: Sequence[str]) -> str:
    text = str(row["message"] or row["code"])
    return " ".join([f"{text[:1].upper()}{text[1:].rstrip('.')}.", *dict.fromkeys(causes)])


def _each(warehouse: Reader, sql: str) -> Iterable[str]:
    for table, columns in warehouse.tables(SCHEMA).items():
        if table.startswith(MODEL) and set(columns) >= COLUMNS:
            yield sql.format(relation=f'"{SCHEMA}"."{table}"')


def _name(row: Row) -> str:
    return f"{row['target']}/{row['record_key']}"


def _listed(parents: str | None) -> list[str]:
    return [str(parent) for parent in json.loads(parents or "[]")]


def without_parents(row: Mapping[str, Any]) -> Row:
    """A row as scripts get it."""
    return {key: value for key, value in row.items() if key != "parents"}
