"""What a plan says of columns that differ otherwise than by a change at the source.

First contacts stand apart, by column; drift and conflicts a line for each target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import INDENT, Grid, Line

# What a run does with a column: its policy's word, and how it is told.
ACTIONS = {"fill": "filled", "overwrite": "overwritten", "keep": "kept", "hold": "held"}
KINDS = {"drift": "Changed in the target alone", "conflict": "Changed on both sides"}
Rows = Sequence[Mapping[str, Any]]
Flows = Sequence[Mapping[str, Any]]


def differences_text(rows: Rows, flows: Flows) -> Iterator[RenderableType]:
    """Nothing where there are none; `flows` has the counts of the records."""
    for flow in flows:
        here = [row for row in rows if (row["flow"], row["target"]) == _key(flow)]
        if first := [row for row in here if row["kind"] == "first_contact"]:
            yield from _first_contacts(flow, first)
    for kind, title in KINDS.items():
        for flow in flows:
            found = [r for r in rows if (r["flow"], r["target"], r["kind"]) == (*_key(flow), kind)]
            if found:
                parts = ", ".join(
                    f"{row['column']} {row['records']:,} {ACTIONS[row['action']]}" for row in found
                )
                yield Line(
                    f"{title} ({kind}): {flow['flow']} to {flow['target']}: {parts}.", INDENT
                )
    if kept := sum(row["records"] for row in rows if row["kind"] == "kept"):
        yield Line(
            f"{kept:,} values stay as they are since first contact: see quality.drift.", INDENT
        )


def _first_contacts(flow: Mapping[str, Any], rows: Rows) -> Iterator[RenderableType]:
    """A heading with the number of records, then what becomes of each column."""
    count = flow.get("first_contact", 0)
    records = f"{count:,} linked record{'s' if count != 1 else ''} that never agreed on anything"
    title = f"First contact: {flow['flow']} ({flow['target']}), {records}"
    yield Line(Text(title, "bold"), INDENT)
    columns = dict.fromkeys(row["column"] for row in rows)
    counts = {(row["column"], row["action"]): row["records"] for row in rows}
    table = [[name, *(counts.get((name, action), 0) for action in ACTIONS)] for name in columns]
    yield Grid(["column", *ACTIONS.values()], table, numbers=len(ACTIONS))


def _key(flow: Mapping[str, Any]) -> tuple[str, str]:
    return flow["flow"], flow["target"]
