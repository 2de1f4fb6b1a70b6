"""What every command starts from: the project, its settings, and where to print."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from p2c.config.project import find_project
from p2c.screen.logs import log_to
from p2c.screen.output import LogOptions, Output

if TYPE_CHECKING:
    from p2c.config.context import Context


@dataclass
class Session:
    """The options that stand before the command's name, and all words of the command line."""

    project_dir: Path | None = None
    no_color: bool = False
    debug: bool = False
    json_mode: bool = False
    words: Sequence[str] = ()
    log: LogOptions = field(default_factory=LogOptions)
    output: Output | None = None
    context: Context | None = None
    # Whether the end of this command may change a state that somebody is notified of.
    notifies: bool = False
    # What is called first by such a command, with the settings read.
    before: Callable[[Session], None] | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Where commands of an extra write, beside the project's own folders.
    more_places: list[Path] = field(default_factory=list)

    def load(self) -> Context:
        """The settings of the project; ProjectError or SettingsError."""
        from p2c.config import context  # noqa: PLC0415 - pydantic is not needed for --help

        self.context = context.load(find_project(self.project_dir))
        return self.context

    def start(
        self, json_mode: bool = False, wait: float = 0.0, *, notifies: bool = False
    ) -> tuple[Context, Output]:
        """Settings and output, the output first so that a wrong setting is reported through it.

        wait: seconds of patience with a warehouse that another process holds; notifies: whoever is
        set in [p2c.notify] hears of what this command changes.
        """
        out, self.notifies = self.out(json_mode), notifies
        self.context = replace(self.load(), wait=wait)
        if notifies and self.before is not None:
            self.before(self)
        return self.context, out

    def out(self, json_mode: bool = False) -> Output:
        """The output of this command; errors are reported through the same one."""
        self.output = Output(json_mode=json_mode, no_color=self.no_color, log=self.log)
        log_to(self.output)
        return self.output

    def out_now(self) -> Output:
        """The output there is; before a command has its own, one as the command line asks for."""
        return self.output or self.out(self.json_mode)

    def places(self) -> list[Path]:
        """Where a command writes, as far as the settings are known: for a disk that is full."""
        if self.context is None:
            return []
        names = ("state_dir", "target_dir")
        return [
            self.context.warehouse,
            *(self.context.path(name) for name in names),
            *self.more_places,
            self.context.project_dir / "logs",
            Path(tempfile.gettempdir()),
        ]


def session(ctx: typer.Context) -> Session:
    """The session of a command."""
    found = ctx.find_object(Session)
    assert found is not None, "the app's callback makes one"
    return found
