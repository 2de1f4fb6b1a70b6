"""Everything that is printed goes through here: results to stdout, all else to stderr."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Literal, Protocol, runtime_checkable

import simplejson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from p2c.errors import StreamError
from p2c.screen.layout import Line

FILE_WIDTH = 10_000
PART = 500  # of a long result that is shown at a time


class ProgressCallback(Protocol):
    """What a long step calls as it goes on: done, total (0 = not known), what it is at."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


@runtime_checkable
class Lined(Protocol):
    """What knows its lines for a width, and needs no console for them."""

    def lines(self, width: int) -> Iterator[Text]: ...


LogFormat = Literal["text", "json"]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class LogOptions:
    """How stderr reads: text for people or a JSON object a line; only errors; or each step too."""

    format: LogFormat = "text"
    quiet: bool = False
    verbose: bool = False


class Output:
    """One per command. `json_mode` keeps stdout for a single JSON object."""

    def __init__(
        self, *, json_mode: bool = False, no_color: bool = False, log: LogOptions | None = None
    ) -> None:
        self.json_mode = json_mode
        self.log = log or LogOptions()
        self.plain = no_color or bool(os.environ.get("NO_COLOR")) or _dumb()
        self._out = _console(self.plain)
        self._err = _console(self.plain, stderr=True)

    def show(self, *what: RenderableType) -> None:
        """A result for a person; nothing in JSON mode."""
        if not self.json_mode:
            _print(self._out, *what)

    def stream(self, what: Iterable[RenderableType], to: Callable[..., None] | None = None) -> None:
        """What may be long, shown as it comes; `to` is `show` or `question`."""
        left = iter(what)
        while part := list(islice(left, PART)):
            (to or self.show)(*part)

    def data(self, value: object) -> None:
        """A result for a script; only in JSON mode."""
        if self.json_mode:
            ascii_only = not self._out.encoding.lower().startswith("utf")
            _write(self._out, dumps(value, ascii_only=ascii_only) + "\n")

    def raw(self, content: bytes) -> None:
        """A file's content to stdout as it is; StreamError when it cannot be written."""
        with _writing("stdout"):
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()

    def note(self, *what: RenderableType, level: Level = "info") -> None:
        """Progress or advice, to stderr; --quiet leaves it out."""
        if self.log.quiet and level != "error":
            return
        if self.log.format == "json":
            self._log(level, _text(what))
        else:
            _print(self._err, *what)

    def question(self, *what: RenderableType) -> None:
        """What a person is asked about, to stderr: with --quiet too, who answers must see it."""
        _print(self._err, *what)

    def fail(self, text: str, status: str = "failed") -> None:
        """Why the command could not go on; in JSON mode scripts get it on stdout too."""
        if self.log.format == "json":
            self._log("error", text)
        else:
            _print(self._err, Line(Text.assemble(("Error: ", "bold red"), text)))
        self.data({"status": status, "error": text})

    def _log(self, level: Level, message: str, **more: object) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "level": level, "message": message, **more}
        _write(self._err, json.dumps(line) + "\n")

    def flush(self) -> None:
        """Hand over what is buffered; StreamError when it cannot be written."""
        _write(self._out, "")

    @contextmanager
    def progress(self, title: str) -> Iterator[ProgressCallback]:
        """A bar on stderr while the block runs, when stderr is a terminal; otherwise silent.

        Without colour there are no bars either, which move by escape sequences: one line says
        what begins. As JSON, and with --verbose, lines say what began and how long it took.
        """
        if self.log.format == "json" or self.log.verbose:
            with self._timed(title):
                yield lambda *_: None
            return
        if self.plain or not self._err.is_terminal or self.log.quiet:
            if self._err.file.isatty():
                self.note(f"{title} ...")
            yield lambda *_: None
            return
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}"),
        )
        with Progress(*columns, console=self._err, transient=True) as bars:
            task = bars.add_task(title, total=None, what="")
            yield lambda done, total, what: bars.update(
                task, completed=done, total=total or None, what=what
            )

    @contextmanager
    def _timed(self, title: str) -> Iterator[None]:
        self.note(f"{title} began")
        began = time.monotonic()
        yield
        seconds = round(time.monotonic() - began, 1)
        if self.log.format == "json" and not self.log.quiet:
            self._log("info", f"{title} ended", seconds=seconds)
        else:
            self.note(f"{title} ended after {seconds} s")


def _dumb() -> bool:
    return os.environ.get("TERM") in ("dumb", "unknown")


def _console(plain: bool, stderr: bool = False) -> Console:
    """As wide as the terminal; into a file or pipe so wide that nothing is folded."""
    console = Console(
        stderr=stderr, color_system=None if plain else "auto", highlight=False, markup=False
    )
    if not console.file.isatty():
        console.width = FILE_WIDTH
    return console


def _print(console: Console, *what: RenderableType) -> None:
    """Words stay whole at the terminal's edge; elsewhere a line ends where its text ends."""
    if console.file.isatty():
        console.print(*map(_line, what), sep="", crop=False)
        return
    text = "".join(_rendered(console, item) for item in what)
    _write(console, "".join(f"{line.rstrip()}\n" for line in text.splitlines()))


def _text(what: Iterable[RenderableType]) -> str:
    return "\n".join(file_lines(what))


def file_lines(what: Iterable[RenderableType]) -> Iterator[str]:
    """The lines of what would be shown, without colour or padding, however wide."""
    console = Console(color_system=None, width=FILE_WIDTH, markup=False)
    for item in what:
        yield from (line.rstrip() for line in _rendered(console, item).splitlines())


def _line(item: RenderableType) -> RenderableType:
    return Line(item) if isinstance(item, str | Text) else item


def _rendered(console: Console, item: RenderableType) -> str:
    """With colour where FORCE_COLOR asks for it; else a long plan costs a third of it."""
    if isinstance(item, Lined) and console.color_system is None:
        return "".join(f"{line.plain}\n" for line in item.lines(console.width))
    return "".join(segment.text for segment in _segments(console, _line(item)))


def _segments(console: Console, line: RenderableType) -> Iterable[Segment]:
    """What a line is made of; in colour where FORCE_COLOR asks for it."""
    for segment in console.render(line):
        style, system = segment.style, console._color_system
        yield Segment(style.render(segment.text, color_system=system)) if style else segment


def _write(console: Console, text: str) -> None:
    with _writing("stderr" if console.stderr else "stdout"):
        console.file.write(text)
        console.file.flush()


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamError(f"What there is to say cannot be written to {name}: {error}.") from None


def dumps(value: object, *, ascii_only: bool = False) -> str:
    """JSON with exact decimals, ISO dates, and letters as they are where they can be shown."""
    return simplejson.dumps(
        value, default=_plain, ensure_ascii=ascii_only, indent=2, use_decimal=True
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
