"""Everything that is printed goes through here: results to stdout, all else to stderr."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Protocol

import simplejson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

FILE_WIDTH = 160


class Meter(Protocol):
    """What a long step calls as it goes on: done, total (0 = not known), what it is at."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


class Output:
    """One per command. `json_mode` keeps stdout for a single JSON object."""

    def __init__(self, *, json_mode: bool = False, no_color: bool = False) -> None:
        self.json_mode = json_mode
        # None lets rich decide (terminal, NO_COLOR); True switches colour off for certain.
        self._out = _console(no_color)
        self._err = _console(no_color, stderr=True)

    def show(self, *what: RenderableType) -> None:
        """A result for a person; nothing in JSON mode."""
        if not self.json_mode:
            for item in what:
                # Plain text must survive a pipe unbroken: rich would wrap it at 80 columns.
                wrap = not self._out.is_terminal and isinstance(item, str | Text)
                self._out.print(item, markup=False, soft_wrap=wrap)

    def data(self, value: object) -> None:
        """A result for a script; only in JSON mode."""
        if self.json_mode:
            self._out.file.write(dumps(value) + "\n")

    def note(self, text: str) -> None:
        """Progress or advice, to stderr."""
        self._err.print(text, markup=False, soft_wrap=not self._err.is_terminal)

    def fail(self, text: str) -> None:
        """Why the command could not go on; in JSON mode scripts get it on stdout too."""
        self._err.print(Text.assemble(("Error: ", "bold red"), text), soft_wrap=True)
        self.data({"status": "failed", "error": text})

    @contextmanager
    def progress(self, title: str) -> Iterator[Meter]:
        """A bar on stderr while the block runs, when stderr is a terminal; otherwise silent."""
        if not self._err.is_terminal:
            yield lambda done, total, what: None
            return
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}"),
        )
        with Progress(*columns, console=self._err, transient=True) as bars:
            task = bars.add_task(title, total=None, what="")
            yield lambda done, total, what: bars.update(
                task, completed=done, total=total or None, what=what
            )


def _console(no_color: bool, stderr: bool = False) -> Console:
    """As wide as the terminal; into a file or pipe wide enough that tables are not folded."""
    made = Console(stderr=stderr, no_color=no_color or None, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = FILE_WIDTH
    return made


def dumps(value: object) -> str:
    """JSON with exact decimals, ISO dates, and letters as they are."""
    return simplejson.dumps(value, default=_plain, ensure_ascii=False, indent=2, use_decimal=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
