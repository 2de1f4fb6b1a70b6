"""How a plan is shown: the options of plan and undo, and where they lead."""

# ruff: noqa: PLC0415 - imports inside keep `p2c --help` quick

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.errors import P2CError

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.screen.output import Output
    from p2c.screen.plan_view import PlanView

SAMPLE = 20  # records of a kind and target, unless asked for more


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


def present(out: Output, context: Context, view: PlanView, wanted: Wanted) -> None:
    """Print the plan, or write it; JSON on stdout with --json either way.

    Raises StorageError, with the file as it was.
    """
    from p2c.screen.plan_json import plan_data
    from p2c.screen.plan_markdown import plan_markdown
    from p2c.screen.plan_text import how_to_write, plan_text, summary_text

    view = _redacted(context, view) if wanted.redact else view
    if path := place(context, wanted):
        size = _write(view, wanted, path)
        out.show(*summary_text(view), f"Written: {path} ({size / 1000:,.1f} kB).")
    if wanted.on_stdout:
        out.data(plan_data(view))
    elif not path and wanted.format is Format.markdown:
        out.raw(plan_markdown(view, entire=wanted.entire))
    elif not path:
        out.stream(plan_text(view, entire=wanted.entire))
    if path or wanted.format is Format.text:
        out.show(*how_to_write(view))


def _redacted(context: Context, view: PlanView) -> PlanView:
    from p2c.report.redact import hasher
    from p2c.report.redact_plan import redacted_plan

    return redacted_plan(view, hasher(context.path("state_dir")))


def _write(view: PlanView, wanted: Wanted, path: Path) -> int:
    """The size of the file in bytes."""
    from p2c.report.files import write
    from p2c.screen.output import dumps, file_lines
    from p2c.screen.plan_json import plan_data
    from p2c.screen.plan_markdown import plan_markdown
    from p2c.screen.plan_text import plan_text, stop_text

    if wanted.format is Format.json:
        return write(path, dumps(plan_data(view)) + "\n")
    if wanted.format is Format.markdown:
        return write(path, plan_markdown(view, entire=wanted.entire))
    parts = chain(plan_text(view, entire=wanted.entire), stop_text(view))
    return write(path, (f"{line}\n" for line in file_lines(parts)))
