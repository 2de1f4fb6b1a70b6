"""What a plan says of columns that differ otherwise than by a change at the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2c.screen.layout import Grid
from p2c.words import counted

# What a run does with a column: its policy's word, and how it is told.
ACTIONS = {"fill": "filled", "overwrite": "overwritten", "keep": "kept", "hold": "held"}
KINDS = {"drift": "Changed in the target alone", "conflict": "Changed on both sides"}
Rows = Sequence[Mapping[str, Any]]


def first_contacts(count: int) -> str:
    """`3 linked records that never agreed on anything`."""
    return f"{count:,} linked {'record' if count == 1 else 'records'} that never agreed on anything"


def by_column(rows: Rows) -> Grid:
    """How many records of each column a run fills, overwrites, keeps or holds."""
    columns = dict.fromkeys(row["column"] for row in rows)
    counts = {(row["column"], row["action"]): row["records"] for row in rows}
    table = [[name, *(counts.get((name, action), 0) for action in ACTIONS)] for name in columns]
    return Grid(["column", *ACTIONS.values()], table, numbers=len(ACTIONS))


def by_action(rows: Rows) -> str:
    """`CreditLimit 2 kept, SalesMemo 1 overwritten`."""
    parts = (f"{row['column']} {row['records']:,} {ACTIONS[row['action']]}" for row in rows)
    return ", ".join(parts)


def kept_since(rows: Rows) -> str:
    """How many values stay as the target has them since first contact, or ''."""
    kept = sum(row["records"] for row in rows if row["kind"] == "kept")
    stay = "stays as it is" if kept == 1 else "stay as they are"
    found = f"{counted(kept, 'value')} {stay} since first contact: see quality.drift."
    return found if kept else ""
