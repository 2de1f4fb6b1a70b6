"""GitHub's Markdown: tables, code, folded details, and the length that a comment may have."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

# "Comment body is too long (maximum is 65536 characters)", says GitHub's API.
COMMENT = 65_536


def length(text: str) -> int:
    """Characters as GitHub's API counts them at most: those beyond the first plane are two."""
    return len(text.encode("utf-16-le")) // 2


def cell(text: object) -> str:
    """Text that a table takes as it is: neither markup nor a mention comes of it."""
    escaped = re.sub(r"([\\`*_{}\[\]<>()#|~!])", r"\\\1", str(text))
    return " ".join(escaped.split()).replace("@", "@\u200b")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: int = 0) -> str:
    """Rows under columns, the last `numbers` of them right-aligned."""
    first = len(columns) - numbers
    marks = ["---:" if place >= first else "---" for place in range(len(columns))]
    lines = [[cell(name) for name in columns], marks]
    lines += [[cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def code(lines: Sequence[str], language: str = "") -> str:
    """A code block; its fence is longer than any in the lines."""
    runs = [len(found) for line in lines for found in re.findall(r"`+", line)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence]) + "\n"


def details(summary: str, *parts: str) -> str:
    """Parts that are folded under a line; the empty lines make them Markdown again."""
    body = "\n".join(part for part in parts if part)
    return f"<details>\n<summary>{html.escape(summary)}</summary>\n\n{body}\n</details>\n"
