"""p2c publish: the copy of the warehouse that others read."""

# ruff: noqa: PLC0415 - imports inside the command keep `p2c --help` quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2c.commands.options import Json, Wait, examples
from p2c.commands.session import session

To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="FILE",
        help="Where to, from the project folder; without it the setting p2c.read_copy.",
    ),
]
NOWHERE = "say where to: p2c publish --to FILE, or the setting p2c.read_copy."
MEGABYTE = 1e6


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog=examples("p2c publish", "p2c publish --to read.duckdb --json"))(publish)


def publish(ctx: typer.Context, to: To = None, wait: Wait = 0.0, json_mode: Json = False) -> None:
    """Publish a copy of what people read, as a DuckDB file that no run waits for."""
    from p2c.run import engine
    from p2c.run.read_copy import publish_copy

    context, out = session(ctx).start(json_mode, wait)
    if to is None and context.settings.p2c.read_copy is None:
        raise typer.BadParameter(NOWHERE, param_hint="--to")
    path = (context.project_dir / to).resolve() if to else context.path("read_copy")
    with engine.holding(context, "publish") as ledger:
        engine.publish_ledger(context, out, ledger)
        found = publish_copy(context, path)
    as_of = found.as_of.isoformat(timespec="seconds")
    out.data({**found.__dict__, "path": str(path), "as_of": as_of})
    size = f"{found.tables} tables, {found.bytes / MEGABYTE:,.1f} MB, as of {as_of}"
    what = "was published" if found.status == "published" else "holds all of it already"
    out.show(f"{path} {what}: {size}.")
