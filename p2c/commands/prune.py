"""p2c prune: all that grows, kept in bounds."""

# ruff: noqa: PLC0415 - imports inside the command keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Json, Wait, examples
from p2c.commands.session import session

Days = Annotated[
    float | None,
    typer.Option(
        "--days",
        metavar="DAYS",
        min=0,
        help="Keep so many days of the ledger's rows, and of the rest at most so many.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be dropped.")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog=examples("p2c prune --dry-run", "p2c prune --days 30 --wait 600 --json"))(
        prune
    )


def prune(
    ctx: typer.Context,
    days: Days = None,
    dry_run: DryRun = False,
    wait: Wait = 0.0,
    json_mode: Json = False,
) -> None:
    """Drop what is old and nothing needs: rows of plans, runs, reads, logs. Pairs and what waits
    stay.
    """
    from p2c.run import engine, retention
    from p2c.screen import prune_text

    context, out = session(ctx).start(json_mode, wait)
    with engine.holding(context, "prune") as ledger:
        engine.publish_ledger(context, out, ledger)
        found = retention.prune_all(context, ledger, days, dry_run=dry_run)
    out.data({"status": "ok", "dry_run": dry_run, **found.as_dict()})
    out.show(*prune_text.prune_text(found.as_dict(), dry_run=dry_run))
