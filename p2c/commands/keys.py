"""p2c keys: which records of both systems are the same, and a person's decisions on it."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands import keys_decide, keys_file, keys_options
from p2c.commands.keys_options import Company, EntityOption, Rule, Score
from p2c.commands.options import Json, examples
from p2c.commands.session import session

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.screen.output import Output

SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        cls=keys_options.ListFirst,
        help="Which records of both systems are the same: list, decide, take back.",
        epilog=examples("p2c keys", "p2c keys --status taken"),
    )
    group.command(
        "list",
        epilog=examples("p2c keys list", "p2c keys list --entity customers --score 70..90"),
    )(list_)
    keys_decide.register(group)
    keys_file.register(group)
    app.add_typer(group, name="keys")


def list_(
    ctx: typer.Context,
    entity: EntityOption = None,
    status: Annotated[
        keys_options.Status | None,
        typer.Option(
            "--status", help="Only these; without it review and taken.", show_default=False
        ),
    ] = None,
    rule: Rule = "",
    score: Score = "",
    company: Company = "",
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", min=0, help=f"Candidates to show; 0 all. [default: {SHOWN}]"),
    ] = None,
    json_mode: Json = False,
) -> None:
    """Candidates with both records side by side, those that a record waits for first."""
    from p2c.commands.keys_seed import Overrides
    from p2c.lookup import keys
    from p2c.screen import keys_text
    from p2c.warehouse import reading

    context, out = session(ctx).start(json_mode)
    low, high = keys_options.scores(score)
    cut = limit if limit is not None or json_mode else SHOWN
    if status == keys_options.Status.unmatched:
        return _list_unmatched(context, out, entity or "", cut)
    states = (status.value,) if status else ("review", "taken")
    wanted = keys.Filter(states, entity or "", rule, low, high, company)
    rows = Overrides(context).rows
    with reading(context.warehouse) as warehouse:
        found = keys.listed(warehouse, rows, wanted, cut)
    filtered = bool(status or entity or rule or score or company)
    out.data(found)
    out.show(*keys_text.list_text(found, filtered))
    return None


def _list_unmatched(context: Context, out: Output, entity: str, limit: int | None) -> None:
    from p2c.lookup.keys import CREATED_IN, check_built
    from p2c.lookup.unmatched import unmatched_entities
    from p2c.screen import keys_text
    from p2c.warehouse import reading

    with reading(context.warehouse) as warehouse:
        check_built(warehouse)
        rows = unmatched_entities(warehouse, entity, CREATED_IN, limit)
    found = {"found": rows[0].pop("found") if rows else 0, "records": rows}
    for row in rows[1:]:
        del row["found"]
    out.data(found)
    out.show(*keys_text.unmatched_text(found))
