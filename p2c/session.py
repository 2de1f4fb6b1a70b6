"""What every command starts from: the project, its settings, and where to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from p2c.output import Output
from p2c.project import find_project

if TYPE_CHECKING:
    from p2c.settings import Loaded


@dataclass
class Session:
    """The options that stand before the command's name."""

    project_dir: Path | None = None
    no_color: bool = False
    debug: bool = False
    output: Output | None = None

    def load(self) -> Loaded:
        """The settings of the project; ProjectError or SettingsError."""
        from p2c import settings  # noqa: PLC0415 - pydantic is not needed for --help

        return settings.load(find_project(self.project_dir))

    def start(self, json_mode: bool = False) -> tuple[Loaded, Output]:
        """Settings and output, the output first so that a wrong setting is reported through it."""
        out = self.out(json_mode)
        return self.load(), out

    def out(self, json_mode: bool = False) -> Output:
        """The output of this command; errors are reported through the same one."""
        self.output = Output(json_mode=json_mode, no_color=self.no_color)
        return self.output


def session(ctx: typer.Context) -> Session:
    """The session of a command."""
    found = ctx.find_object(Session)
    assert found is not None, "the app's callback makes one"
    return found
