"""p2c init: a project in an empty folder."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session

NEXT = """\
Next, to try it on the sandbox (pip install "prospect-to-cash[sandbox]"):
  p2c sandbox up
  p2c run
or on your own tenants:
  copy .dlt/example.secrets.toml to .dlt/secrets.toml and fill it in
  p2c doctor
  p2c plan"""


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog=examples("p2c init", "p2c init my-project"))(init)


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="An empty or a new folder; otherwise this one.")
    ] = Path(),
    json_mode: Json = False,
) -> None:
    """Write a project into an empty folder: models, macros, seeds, tables, settings."""
    from p2c.config.new_project import create

    out = session(ctx).out(json_mode)
    written = create(folder)
    out.data({"status": "ok", "project_dir": str(folder.resolve()), "files": written})
    out.show(f"A project of {written} files is in {folder.resolve()}.")
    enter = [] if folder.resolve() == Path.cwd() else [f"First: cd {folder}"]
    out.note("\n".join([*enter, NEXT]))
