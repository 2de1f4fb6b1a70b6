"""The sandbox that a command is about: its folder, and what is said when none runs there."""

# ruff: noqa: PLC0415 - imports inside the functions keep `p2c --help` quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands.session import session
from p2c.errors import P2CError

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.screen.output import Output
    from p2c_sandbox.process import Running

FOLDER = Path(".sandbox")
_META = "p2c_sandbox.folder"
FolderOption = Annotated[
    Path,
    typer.Option(
        "--dir",
        metavar="DIR",
        envvar="P2C_SANDBOX_DIR",
        help="Folder of the sandbox's data, credentials and log; relative to the project folder.",
    ),
]


class SandboxError(P2CError):
    """A sandbox command cannot do what was asked."""


def choose(ctx: typer.Context, folder: FolderOption = FOLDER) -> None:
    """Local Sales and F&O services to try and rehearse on."""
    ctx.meta[_META] = folder


def start(ctx: typer.Context, json_mode: bool) -> tuple[Context, Output, Path]:
    """The project's settings, the output, and the sandbox's folder; a full disk is named by it."""
    current = session(ctx)
    context, out = current.start(json_mode)
    folder = (context.project_dir / ctx.meta[_META]).resolve()
    current.more_places.append(folder)
    return context, out, folder


def running_one(folder: Path) -> Running:
    """The sandbox that runs there. Raises SandboxError."""
    from p2c_sandbox import process

    found = process.status(folder)
    if found is None:
        raise SandboxError("No sandbox is running: start one with `p2c sandbox up`.")
    return found
