"""p2c ledger: the record of every write, kept safe."""

# ruff: noqa: PLC0415 - imports inside the command keep `p2c --help` quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where to, from the project folder; made when new.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="The ledger of plans and writes, kept safe.",
        no_args_is_help=True,
        epilog=examples("p2c ledger backup /backup/p2c"),
    )
    group.callback()(lambda: None)
    group.command(
        "backup", epilog=examples("p2c ledger backup /backup/p2c", "p2c ledger backup copy --json")
    )(backup)
    app.add_typer(group, name="ledger")


def backup(ctx: typer.Context, folder: Folder, json_mode: Json = False) -> None:
    """Copy the ledger and the rows of its plans into a folder, also while a run goes on."""
    from p2c.run.backup import back_up

    context, out = session(ctx).start(json_mode)
    found = back_up(context, (context.project_dir / folder).absolute())
    out.data({"status": "ok", **found.__dict__, "folder": str(found.folder)})
    plans = f"{found.plans:,} plans, {found.new_plans:,} of them new to it"
    out.show(f"The ledger was copied to {found.folder}: {plans}, {found.bytes / 1e6:,.1f} MB.")
