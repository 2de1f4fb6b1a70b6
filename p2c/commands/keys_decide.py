"""p2c keys accept, reject, unlink: decisions go into the seed, after what they mean is shown."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands.keys_options import (
    Company,
    EntityOption,
    Open,
    Reason,
    Rule,
    Score,
    scores,
)
from p2c.commands.options import Json, Yes, examples
from p2c.commands.session import session

if TYPE_CHECKING:
    from p2c.lookup.keys import Filter

SalesId = Annotated[
    str, typer.Argument(metavar="SALES_ID", help="Record of Sales: id, number or name.")
]
FinopsKey = Annotated[
    str, typer.Argument(metavar="FINOPS_KEY", help="Record of F&O: US-001 or usmf/US-001.")
]
OneSales = Annotated[
    str | None,
    typer.Argument(metavar="SALES_ID", help="Record of Sales: id, number or name."),
]
OneFinops = Annotated[
    str | None,
    typer.Argument(metavar="FINOPS_KEY", help="Record of F&O: US-001 or usmf/US-001."),
]
States = Annotated[Open, typer.Option("--status", help="Which candidates a filter goes through.")]


def register(group: typer.Typer) -> None:
    """Add the commands of this file."""
    pair, rules = "ACC-01000 usmf/US-001", "--entity customers --rule phone_and_name"
    group.command(epilog=examples(f"p2c keys accept {pair}", f"p2c keys accept {rules} --yes"))(
        accept
    )
    group.command(epilog=examples(f"p2c keys reject {pair}", "p2c keys reject --score ..60"))(
        reject
    )
    group.command(epilog=examples(f"p2c keys unlink {pair}"))(unlink)


def accept(
    ctx: typer.Context,
    sales_id: OneSales = None,
    finops_key: OneFinops = None,
    company: Company = "",
    entity: EntityOption = None,
    rule: Rule = "",
    score: Score = "",
    status: States = Open.review,
    reason: Reason = "",
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """Decide that two records are the same: of one pair, or of all candidates of a filter."""
    from p2c.commands.keys_desk import Desk
    from p2c.lookup.keys import PAIR

    desk = Desk(*session(ctx).start(json_mode))
    if sales_id is not None or finops_key is not None:
        named = _named(sales_id, finops_key, rule, score)
        desk.one(PAIR, *named, company, entity or "", reason)
    else:
        desk.many(PAIR, _filter(company, entity, rule, score, status), reason, yes)


def reject(
    ctx: typer.Context,
    sales_id: OneSales = None,
    finops_key: OneFinops = None,
    company: Company = "",
    entity: EntityOption = None,
    rule: Rule = "",
    score: Score = "",
    status: States = Open.review,
    reason: Reason = "",
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """Decide that two records are not the same: of one pair, or of all candidates of a filter."""
    from p2c.commands.keys_desk import Desk
    from p2c.lookup.keys import DIFFERENT

    desk = Desk(*session(ctx).start(json_mode))
    if sales_id is not None or finops_key is not None:
        named = _named(sales_id, finops_key, rule, score)
        desk.one(DIFFERENT, *named, company, entity or "", reason)
        return
    if status == Open.linked:
        raise typer.BadParameter(
            "what is linked is a pair: p2c keys unlink ends one and shows what comes of it.",
            param_hint="--status",
        )
    desk.many(DIFFERENT, _filter(company, entity, rule, score, status), reason, yes)


def unlink(
    ctx: typer.Context,
    sales_id: SalesId,
    finops_key: FinopsKey,
    company: Company = "",
    entity: EntityOption = None,
    reason: Reason = "",
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """End a pair, after showing what becomes of both records. They are not the same any more."""
    from p2c.commands.keys_desk import Desk

    desk = Desk(*session(ctx).start(json_mode))
    desk.end(sales_id, finops_key, company, entity or "", reason, yes)


def _named(sales_id: str | None, finops_key: str | None, rule: str, score: str) -> tuple[str, str]:
    if not (sales_id or "").strip() or not (finops_key or "").strip():
        raise typer.BadParameter(
            "a pair has two keys: give that of Sales and that of F&O.", param_hint="FINOPS_KEY"
        )
    if rule or score:
        raise typer.BadParameter(
            "give either a pair or a filter, not both.", param_hint="--rule" if rule else "--score"
        )
    return str(sales_id), str(finops_key)


def _filter(company: str, entity: str | None, rule: str, score: str, status: Open) -> Filter:
    from p2c.lookup.keys import Filter

    if not (entity or rule or score or company):
        raise typer.BadParameter(
            "say which: SALES_ID and FINOPS_KEY, or a filter of --entity, --rule, --score, "
            "--company.",
            param_hint="SALES_ID",
        )
    return Filter((status.value,), entity or "", rule, *scores(score), company)
