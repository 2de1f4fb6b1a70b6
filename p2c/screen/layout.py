"""Tables and lines that fit: nothing is wider than the terminal, no word is broken in two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

# rich's SIMPLE_HEAD. It would take another one, with bars, where a stream has no box letters; there
# p2c.screen.streams turns the lines of this one into dashes.
HEAD = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n", ascii=True)
UNLIMITED = 1_000_000
INDENT = 4
GAP = "   "
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


@dataclass
class Line:
    """A line of text: wrapped between words, the lines after the first set in by `indent`.

    A word (key, id, path) that is wider than the terminal stays whole and overflows.
    """

    text: Text | str
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = Text(self.text) if isinstance(self.text, str) else self.text
        for line in text.split("\n", allow_blank=True):
            yield from self._wrapped(line, options.max_width)

    def _wrapped(self, line: Text, width: int) -> Iterator[Text]:
        margin = len(line.plain) - len(line.plain.lstrip())
        further = Text(" " * (margin + self.indent))
        for number, part in enumerate(line.divide(_breaks(line.plain, width, len(further)))):
            part.rstrip()
            yield whole(further + part if number else part)


def _breaks(text: str, width: int, margin: int) -> list[int]:
    """Where a line begins anew, to be `width` wide; `margin` goes before all but the first."""
    breaks: list[int] = []
    start, room = 0, width
    for word in re.finditer(r"\S+", text):
        if cell_len(text[start : word.end()]) > room and text[start : word.start()].strip():
            breaks.append(word.start())
            start, room = word.start(), width - margin
    return breaks


def whole(line: Text) -> Text:
    """A line that rich neither wraps nor cuts."""
    line.no_wrap, line.overflow = True, "ignore"
    return line


class Grid:
    """Rows under columns, a table where it fits; where it does not, each row on lines of its own.

    The last `numbers` columns are numbers: right-aligned, a zero shows as a dot, and in the narrow
    form only what is there is shown, as `12 rejected`.
    """

    def __init__(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: int = 0
    ) -> None:
        self.columns, self.numbers = columns, numbers
        self.rows = [tuple(row) for row in rows]
        self.caption = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for pad in (2, 1, 0):
            wide = self._table(pad)
            unlimited = options.update(max_width=UNLIMITED)
            if Measurement.get(console, unlimited, wide).maximum <= options.max_width:
                yield wide
                break
        else:
            yield from self._narrow()
        if self.caption:
            yield Line(Text(self.caption, "dim"))
        yield Text("")

    def _table(self, pad: int) -> Table:
        table = Table(box=HEAD, pad_edge=False, show_edge=False, padding=(0, pad, 0, 0))
        first = len(self.columns) - self.numbers
        for position, name in enumerate(self.columns):
            table.add_column(name, justify="right" if position >= first else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*(cell(value, at >= first) for at, value in enumerate(row)))
        return table

    def _narrow(self) -> Iterator[Line]:
        first = len(self.columns) - self.numbers
        for row in self.rows:
            words = [cell(value, False) for value in row[:first]]
            counts = [
                Text(f"{value:,} {name}" if isinstance(value, int) else f"{value} {name}")
                for name, value in zip(self.columns[first:], row[first:], strict=True)
                if value
            ]
            yield Line(Text(GAP[:2]).join(word for word in words if word.plain), INDENT)
            if counts:
                yield Line(Text(" " * INDENT) + Text(", ").join(counts))


def cell(value: object, number: bool) -> Text:
    """A value as it stands in a table."""
    if isinstance(value, Text):
        return value
    if number and not value:
        return Text("·", "dim")
    if isinstance(value, int) and number:
        return Text(f"{value:,}")
    return Text("" if value is None else str(value))


def moment(value: object) -> str:
    """Text of a value; a time to the second, `2026-11-21 14:30:28Z`."""
    text = "" if value is None else str(value)
    return f"{text[:10]} {text[11:19]}Z" if MOMENT.match(text) else text
