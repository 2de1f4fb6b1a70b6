"""status, rejects, unmatched, explain: what a person looks at; nothing is changed."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Json, Limit, Select, examples
from p2c.commands.session import session


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog=examples("p2c status", "p2c status --limit 1 --json"))(status)
    app.command(epilog=examples("p2c rejects", "p2c rejects --flow accounts --json"))(rejects)
    app.command(epilog=examples("p2c unmatched", "p2c unmatched --select accounts --limit 0"))(
        unmatched
    )
    app.command(
        epilog=examples("p2c explain ACC-01000-ZSEGFL", "p2c explain 'P0042' --select products")
    )(explain)


def status(ctx: typer.Context, limit: Limit = 5, json_mode: Json = False) -> None:
    """The last runs and what they wrote. Works while a run holds the warehouse."""
    from p2c.lookup import status as ledger
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode)
    found = ledger.read(context, limit)
    out.data(found)
    out.show(*lookup_text.status_text(found))


def rejects(
    ctx: typer.Context, select: Select = None, limit: Limit = 20, json_mode: Json = False
) -> None:
    """What cannot be written, why, and what to do about each."""
    from p2c.lookup import quality
    from p2c.run import flows
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode)
    found = quality.rejects(context, flows.checked(context, select))
    out.data(found)
    out.show(*lookup_text.rejects_text(found, limit))


def unmatched(
    ctx: typer.Context, select: Select = None, limit: Limit = 20, json_mode: Json = False
) -> None:
    """Records that only one system has. They are left alone."""
    from p2c.lookup import unmatched as records
    from p2c.run import flows
    from p2c.screen import unmatched_text as text

    context, out = session(ctx).start(json_mode)
    found = records.unmatched(context, flows.checked(context, select))
    out.data(found)
    out.show(*text.unmatched_text(found, limit))


def explain(
    ctx: typer.Context,
    record: Annotated[str, typer.Argument(help="Account number, product number, id or key.")],
    select: Select = None,
    limit: Limit = 3,
    json_mode: Json = False,
) -> None:
    """Where one record stands, in every layer and in the ledger."""
    from p2c.lookup import record as records
    from p2c.run import flows
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode)
    if not (name := record.strip()):
        raise typer.BadParameter(
            "it is empty: give an account number, product number, id or key.", param_hint="RECORD"
        )
    found = records.explain(context, name, flows.checked(context, select), limit)
    out.data(found)
    out.show(*lookup_text.explain_text(found))
