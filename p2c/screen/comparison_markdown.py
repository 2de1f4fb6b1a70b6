"""Two plans beside each other as Markdown, for a comment on a pull request.

The first line is a comment that nobody sees: by it a workflow finds its own comment again. What has
no room in a comment of GitHub is only counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from p2c.screen import comparison_text as text
from p2c.screen.changes_text import plain_lines
from p2c.screen.markdown import COMMENT, cell, code, details, length, table

MARK = "<!-- p2c plan --compare -->"
# What stands around the records of a group: its heading, fence, and the count of the others.
AROUND = 300
REDACTED = "Keys and values are short hashes: the same value has the same one."

Data = Mapping[str, Any]


def comparison_markdown(data: Data) -> str:
    """The whole comment, ending with a line end."""
    parts = [
        MARK,
        "### What would be written otherwise",
        cell(text.summary(data)),
        f"Old is {cell(data['old'])}, new is {cell(data['new'])}.",
        *([REDACTED] if data.get("redacted") else []),
        *_held(data),
        *_tables(data),
    ]
    whole = "\n\n".join(part.rstrip("\n") for part in parts)
    found = list(text.groups(data))
    room = COMMENT - length(whole) - AROUND * len(found)
    return "\n\n".join([whole, *_records(data, room)]).rstrip("\n") + "\n"


def _held(data: Data) -> Iterator[str]:
    """What the new version holds back, each flow with its reasons."""
    for flow, reasons in data["held_back"].get("new", {}).items():
        yield f"**Held back: {cell(flow)}.** {cell(' '.join(reasons))}"


def _tables(data: Data) -> Iterator[str]:
    """Counts by target, fates that moved, columns; each only where there is something."""
    if rows := [[_number(value) for value in row] for row in text.table(data)]:
        yield table(text.TABLE, rows, len(text.TABLE) - 2)
    if moved := [f"- {cell(line)}" for line in text.moved_fates(data)]:
        yield "\n".join(moved)
    names = ("flow", "target", "column", "records")
    if columns := data["columns"][: text.COLUMNS]:
        yield table(names, [[_number(row[name]) for name in names] for row in columns], 1)


def _records(data: Data, room: int) -> Iterator[str]:
    """A section to unfold for each target and kind, as many records as there is room for."""
    for group, changes in text.groups(data):
        lines: list[str] = []
        shown = 0
        for change in changes:
            more = [line.removeprefix("  ") for line in plain_lines(text.shown(change))]
            room -= sum(length(line) + 1 for line in more)
            if room < 0:
                break
            lines, shown = [*lines, *more], shown + 1
        if left := text.total(data, group) - shown:
            lines.append(f"… {left:,} more")
        yield details(text.heading(data, group), code(lines, "diff"))


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
