"""p2c ledger: its size, kept in bounds."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session

Days = Annotated[
    float | None,
    typer.Option("--days", min=0, help="Days to keep; without it the setting p2c.ledger_days."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be dropped.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="The ledger of plans and writes, and its size.",
        no_args_is_help=True,
        epilog=examples("p2c ledger prune --dry-run"),
    )
    group.callback()(lambda: None)
    group.command(
        "prune", epilog=examples("p2c ledger prune --dry-run", "p2c ledger prune --days 30 --json")
    )(prune)
    app.add_typer(group, name="ledger")


def prune(
    ctx: typer.Context, days: Days = None, dry_run: DryRun = False, json_mode: Json = False
) -> None:
    """Drop old plans and writes that nothing needs any more. Pairs and what waits stay."""
    from p2c.run import engine, retention
    from p2c.screen import prune_text

    context, out = session(ctx).start(json_mode)
    with engine.holding(context, "ledger prune") as ledger:
        engine.publish_ledger(context, out, ledger)
        found = retention.prune_ledger(context, ledger, days, dry_run=dry_run)
    out.data({"status": "ok", "dry_run": dry_run, **found.as_dict()})
    out.show(*prune_text.prune_text(found, dry_run=dry_run))
