"""What a plan says of columns that differ otherwise than by a change at the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2c.screen.layout import Grid

# What a run does with a column: its policy's word, and how it is told.
ACTIONS = {"fill": "filled", "overwrite": "overwritten", "keep": "kept", "hold": "held"}
KINDS = {"drift": "Changed in the target alone", "conflict": "Changed on both sides"}
Rows = Sequence[Mapping[str, Any]]


def first_contacts(count: int) -> str:
    """`3 linked records that never agreed on anything`."""
    return f"{count:,} linked record{'s' if count != 1 else ''} that never agreed on anything"


def by_column(rows: Rows) -> Grid:
    """How many records of each column a run fills, overwrites, keeps or holds."""
    columns = dict.fromkeys(row["column"] for row in rows)
    counts = {(row["column"], row["action"]): row["records"] for row in rows}
    table = [[name, *(counts.get((name, action), 0) for action in ACTIONS)] for name in columns]
    return Grid(["column", *ACTIONS.values()], table, numbers=len(ACTIONS))


def counted(rows: Rows) -> str:
    """`CreditLimit 2 kept, SalesMemo 1 overwritten`."""
    parts = (f"{row['column']} {row['records']:,} {ACTIONS[row['action']]}" for row in rows)
    return ", ".join(parts)


def kept_since(rows: Rows) -> str:
    """How many values stay as the target has them since first contact, or ''."""
    kept = sum(row["records"] for row in rows if row["kind"] == "kept")
    return (
        f"{kept:,} values stay as they are since first contact: see quality.drift." if kept else ""
    )
