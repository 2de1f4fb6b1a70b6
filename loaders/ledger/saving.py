"""Rows that are decided when they are planned: blocked and quarantined ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import duckdb

from loaders.ledger import outcomes, store
from loaders.ledger.plan_file import listed
from loaders.ledger.writes import Writes

FACTS = ("model", "operation", "sent_as", "status", "error_message", *outcomes.ROW)
DECIDED = """
select number, {columns} from (
    select *, case when unit is null then model else split_part(unit, '/', 1) end as sent_as
    from {relation}
) where status <> 'planned' order by number
"""


def add_decided(
    ledger: Writes,
    plan_id: str,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    touched: int,
) -> None:
    """Put them into SQLite, from a relation with the columns of a plan's file."""
    cursor = connection.execute(DECIDED.format(columns=listed(FACTS), relation=relation))
    kinds = outcomes.kinds(ledger.connection, ledger.parts(plan_id))
    base, _ = outcomes.span(ledger.number(plan_id))
    while page := cursor.fetchmany(store.PAGE):
        values = _values(ledger.connection, page, kinds, base, touched)
        ledger.connection.executemany(outcomes.ADD, values)


def _values(
    db: sqlite3.Connection,
    page: list[tuple[Any, ...]],
    kinds: outcomes.Kinds,
    base: int,
    touched: int,
) -> Iterator[tuple[Any, ...]]:
    for number, model, operation, sent_as, status, message, *facts in page:
        error = outcomes.error_id(db, None, message)
        kind = kinds[model, operation, sent_as]
        yield (*outcomes.new_values(base + number, touched, kind, facts, status, error), None, None)
