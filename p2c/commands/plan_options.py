"""How a plan is shown: the options of plan and undo, and where they lead."""

# ruff: noqa: PLC0415 - imports inside keep `p2c --help` quick

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.errors import P2CError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import RenderableType

    from p2c.config.context import Context
    from p2c.report.redact import Hash
    from p2c.screen.output import Output
    from p2c.screen.plan_view import PlanView

# Records of a kind and target, unless asked for more; of those that are not written p2c rejects has
# all of them.
SAMPLE, LEFT = 20, 3


class Format(StrEnum):
    """How a plan is written."""

    text = "text"
    markdown = "markdown"
    json = "json"


ENDINGS = {".md": Format.markdown, ".markdown": Format.markdown, ".json": Format.json}
PlanLimit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-n",
        min=0,
        help="Records to show of each target and kind, 0 for all; 20 unless with --json.",
    ),
]
All = Annotated[
    bool,
    typer.Option(
        "--all", help="Show every record, every column of new ones, and long values whole."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write it to a file, in place of what is there."),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="Markdown is for a pull request; json is what --json prints. Without it by FILE's "
        "ending, else text.",
        show_default=False,
    ),
]
Redact = Annotated[
    bool, typer.Option("--redact", help="Short hashes instead of keys and values of records.")
]


@dataclass(frozen=True)
class Wanted:
    """What was asked for: in which form, how much of it, and where to."""

    format: Format = Format.text
    limit: int | None = None
    entire: bool = False
    file: Path | None = None
    redact: bool = False
    json_mode: bool = False

    @property
    def on_stdout(self) -> bool:
        """Whether JSON goes to stdout, and nothing else does."""
        return self.json_mode or (self.file is None and self.format is Format.json)

    @property
    def each(self) -> int | None:
        """Records of each kind and target; None: all."""
        if self.entire or self.limit == 0:
            return None
        whole = self.on_stdout or self.format is Format.json
        return self.limit or (None if whole else SAMPLE)

    @property
    def left(self) -> int | None:
        """The same for records that stand beside the plan."""
        return self.each if self.limit or self.each is None else LEFT


def wanted(
    form: Format | None,
    limit: int | None,
    entire: bool,
    file: Path | None,
    redact: bool,
    json_mode: bool,
) -> Wanted:
    """The options as they were given; `--out -` is stdout."""
    place = None if file is None or str(file) == "-" else file
    by_name = ENDINGS.get(place.suffix.lower(), Format.text) if place else Format.text
    return Wanted(form or by_name, limit, entire, place, redact, json_mode)


def place(context: Context, wanted: Wanted) -> Path | None:
    """Where to write: looked at before a service is asked for minutes. A link stays a link."""
    if wanted.file is None:
        return None
    path = (context.project_dir / wanted.file).resolve()
    if not path.parent.is_dir():
        raise P2CError(f"There is no folder {path.parent}: make it, or choose another for --out.")
    if path.exists() and not path.is_file():
        raise P2CError(f"{path} is there and is no file: choose another name for --out.")
    return path


@dataclass(frozen=True)
class Forms:
    """The same in each form; `summary` is shown where the whole went into a file."""

    data: Callable[[], object]
    markdown: Callable[[], str]
    text: Callable[[], Iterable[RenderableType]]
    summary: Callable[[], Iterable[RenderableType]]
    last: Sequence[RenderableType] = ()


def hashes(context: Context) -> Hash:
    """Those of this project, the same as in the report."""
    from p2c.report.redact import hasher

    return hasher(context.path("state_dir"))


def forms(view: PlanView, wanted: Wanted) -> Forms:
    """The forms of a plan."""
    from p2c.screen.plan_json import plan_data
    from p2c.screen.plan_markdown import plan_markdown
    from p2c.screen.plan_text import how_to_write, plan_text, stop_text, summary_text

    text, entire = partial(plan_text, view, entire=wanted.entire), wanted.entire
    return Forms(
        partial(plan_data, view),
        partial(plan_markdown, view, entire=entire),
        (lambda: chain(text(), stop_text(view))) if wanted.file else text,
        partial(summary_text, view),
        how_to_write(view),
    )


def show(out: Output, context: Context, view: PlanView, wanted: Wanted) -> None:
    """Present a plan, redacted where that is asked for."""
    from p2c.report.redact_plan import redacted_plan

    shown = redacted_plan(view, hashes(context)) if wanted.redact else view
    present(out, context, forms(shown, wanted), wanted)


def present(out: Output, context: Context, found: Forms, wanted: Wanted) -> None:
    """Print it, or write it; JSON on stdout with --json either way.

    Raises StorageError, with the file as it was.
    """
    if path := place(context, wanted):
        size = _write(found, wanted, path)
        out.show(*found.summary(), f"Written: {path} ({size / 1000:,.1f} kB).")
    if wanted.on_stdout:
        out.data(found.data())
    elif not path and wanted.format is Format.markdown:
        out.raw(found.markdown().encode())
    elif not path:
        out.stream(found.text())
    if path or wanted.format is Format.text:
        out.show(*found.last)


def _write(found: Forms, wanted: Wanted, path: Path) -> int:
    """The size of the file in bytes."""
    from p2c.report.files import write
    from p2c.screen.output import dumps, file_lines

    if wanted.format is Format.json:
        return write(path, dumps(found.data()) + "\n")
    if wanted.format is Format.markdown:
        return write(path, found.markdown())
    return write(path, (f"{line}\n" for line in file_lines(found.text())))
