"""Two plans beside each other as Markdown, for a comment on a pull request.

The first line is a comment that nobody sees: by it a workflow finds its own comment again. A
comment of GitHub takes 65,536 characters; records beyond that are only counted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from p2c.screen import comparison_text as text
from p2c.screen.changes_text import plain_lines

MARK = "<!-- p2c plan --compare -->"
CHARACTERS = 60_000
FENCE = re.compile(r"`{3,}")
SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")

Data = Mapping[str, Any]


def comparison_markdown(data: Data) -> str:
    """The whole comment, ending with a line end."""
    head = [
        MARK,
        "### What would be written otherwise",
        f"{_plain(text.summary(data))}",
        f"Old is {_plain(data['old'])}, new is {_plain(data['new'])}.",
        *_held(data),
        *_table(text.TABLE, text.table(data), 2),
        *(f"- {_plain(line)}" for line in text.moved_fates(data)),
        *_columns(data),
    ]
    parts = [part for part in head if part]
    room = CHARACTERS - sum(len(part) + 2 for part in parts)
    return "\n\n".join([*parts, *_records(data, room)]) + "\n"


def _held(data: Data) -> Iterator[str]:
    """What the new version holds back, each flow with its reasons."""
    for flow, reasons in data["held_back"].get("new", {}).items():
        yield f"**Held back: {_plain(flow)}.** {_plain(' '.join(reasons))}"


def _columns(data: Data) -> Iterator[str]:
    names = ("flow", "target", "column", "records")
    found = data["columns"][: text.COLUMNS]
    yield from _table(names, [[row[name] for name in names] for row in found], 3)


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]], words: int) -> Iterator[str]:
    """One table, the columns after the first `words` right-aligned; nothing without rows."""
    listed = [" | ".join(_plain(_number(value)) for value in row) for row in rows]
    if listed:
        line = " | ".join(["---"] * words + ["--:"] * (len(names) - words))
        yield "\n".join(f"| {row} |" for row in (" | ".join(names), line, *listed))


def _records(data: Data, room: int) -> Iterator[str]:
    """A section to unfold for each target and kind, as many records as there is room for."""
    for group, changes in text.groups(data):
        lines: list[str] = []
        shown = 0
        for change in changes:
            more = plain_lines(text.shown(change))
            room -= sum(len(line) + 1 for line in more)
            if room < 0:
                break
            lines, shown = [*lines, *more], shown + 1
        if left := text.total(data, group) - shown:
            lines.append(f"  … {left:,} more")
        fence = "`" * max(3, 1 + max(map(len, FENCE.findall("\n".join(lines))), default=0))
        title = html.escape(text.heading(data, group))
        block = "\n".join([f"{fence}diff", *(line.removeprefix("  ") for line in lines), fence])
        yield f"<details><summary>{title}</summary>\n\n{block}\n\n</details>"


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plain(value: str) -> str:
    """Text in which Markdown and HTML see nothing of theirs, and which calls nobody by name."""
    escaped = SPECIAL.sub(r"\\\1", " ".join(value.split()).replace("&", "&amp;"))
    return escaped.replace("<", "&lt;").replace("@", "&#64;")
