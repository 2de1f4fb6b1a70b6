"""reconcile: how the records of both systems stand, in counts."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Json, Select, examples
from p2c.commands.session import session

History = Annotated[
    int, typer.Option("--history", metavar="N", min=0, help="Also the counts of the last N runs.")
]
Check = Annotated[
    bool, typer.Option("--check", help="Exit with 1 when a limit reconciliation_max_… is broken.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(
        epilog=examples(
            "p2c reconcile", "p2c reconcile --select accounts --history 10", "p2c reconcile --check"
        )
    )(reconcile)


def reconcile(
    ctx: typer.Context,
    select: Select = None,
    history: History = 0,
    check: Check = False,
    json_mode: Json = False,
) -> None:
    """How many records agree, differ or are on one side only, why, and what to do next."""
    from p2c.lookup import reconciliation
    from p2c.run import engine, flows
    from p2c.screen import reconcile_text

    context, out = session(ctx).start(json_mode)
    chosen = flows.checked(context, select)
    if check:  # limits and records as they are, not those of an earlier build
        engine.built(context)
    found = reconciliation.read(context, chosen, history)
    out.data(found)
    out.show(*reconcile_text.reconcile_text(found))
    if check and found["breaches"]:
        out.note(*(f"Limit broken: {row['message']}" for row in found["breaches"]))
        raise typer.Exit(1)
