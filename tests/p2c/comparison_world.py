"""A comparison as its text is shown."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from p2c.screen.comparison_markdown import comparison_markdown
from p2c.screen.comparison_text import comparison_text
from p2c.screen.layout import Line

ABOUT = {
    "status": "ok",
    "old": "main (0123456789)",
    "new": "the working tree",
    "commit": "0123456789" * 4,
    "same_mapping": False,
    "held_back": {"old": {}, "new": {}},
}


def lines(data: dict[str, Any], width: int = 80) -> list[str]:
    """What a terminal of that width gets."""
    file = StringIO()
    console = Console(file=file, width=width, color_system=None, highlight=False)
    for part in comparison_text(data):
        console.print(Line(part) if isinstance(part, str) else part, crop=False)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def markdown_lines(data: dict[str, Any]) -> list[str]:
    """The comment on a pull request."""
    text = comparison_markdown(data)
    assert text.endswith("\n")
    return text.splitlines()
