"""p2c keys accept, reject, unlink: decisions go into the seed, after what they mean is shown."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands.keys_options import (
    Company,
    EntityOption,
    Open,
    Reason,
    Rule,
    Score,
    confirm,
    refuse,
    scores,
)
from p2c.commands.options import Json, Yes, examples
from p2c.commands.session import session
from p2c.errors import P2CError

if TYPE_CHECKING:
    from p2c.commands.keys_seed import Overrides
    from p2c.config.context import Context
    from p2c.lookup.keys import Filter
    from p2c.lookup.keys_decide import Decision
    from p2c.lookup.keys_find import Pair
    from p2c.screen.output import Output
    from p2c.warehouse import Reader

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
    from p2c.lookup.keys import PAIR

    desk = _Desk(*session(ctx).start(json_mode))
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
    from p2c.lookup.keys import DIFFERENT

    desk = _Desk(*session(ctx).start(json_mode))
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
    desk = _Desk(*session(ctx).start(json_mode))
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


class _Desk:
    """One command: the seed as it began, the warehouse, and where to show things."""

    def __init__(self, context: Context, out: Output) -> None:
        from p2c.commands.keys_seed import Overrides

        self.context, self.out = context, out
        self.overrides: Overrides = Overrides(context)

    def one(
        self, word: str, sales: str, finops: str, company: str, entity: str, reason: str
    ) -> None:
        """Decide one pair, in each legal entity where both records are candidates."""
        from p2c.commands.keys_seed import decision_of
        from p2c.lookup.keys import DIFFERENT
        from p2c.lookup.keys_find import find
        from p2c.lookup.keys_unlink import known_as
        from p2c.warehouse import reading

        with reading(self.context.warehouse) as warehouse:
            pairs = self._candidates(warehouse, find(warehouse, sales, finops, company, entity))
            self._check_general(pairs, word, company)
            for pair in pairs if word == DIFFERENT else ():
                if how := known_as(warehouse, pair):
                    raise P2CError(
                        f"{pair.sales} and {pair.key} are a pair ({how}). `p2c keys unlink "
                        f"{pair.sales_id} {pair.key}` ends it, and shows what comes of both first."
                    )
            decisions = [decision_of(pair, word, reason=reason) for pair in pairs]
            self._check(warehouse, decisions)
        self._write(decisions)

    def many(self, word: str, wanted: Filter, reason: str, yes: bool) -> None:
        """Decide all candidates of a filter, after showing how many and the first of them."""
        from p2c.commands.keys_seed import decision_of
        from p2c.lookup.keys import candidates
        from p2c.lookup.keys_find import as_pair
        from p2c.screen import keys_text
        from p2c.warehouse import reading

        verb = "accept" if word == "pair" else "reject"
        with reading(self.context.warehouse) as warehouse:
            rows = candidates(warehouse, self.overrides.rows, wanted, None)
            pairs = [as_pair(row) for row in rows]
            if not pairs:
                raise P2CError(
                    f"No candidate to {verb} is as asked for: `p2c keys list` shows what there is."
                )
            decisions = [decision_of(pair, word, reason=reason) for pair in pairs]
            self.out.note(*keys_text.question(pairs, verb))
            self._check(warehouse, decisions)
        confirm(self.out, yes, f"{verb.capitalize()} {len(pairs):,}?")
        self._write(decisions)

    def end(
        self, sales: str, finops: str, company: str, entity: str, reason: str, yes: bool
    ) -> None:
        """End a pair, after showing what becomes of both records."""
        from p2c.commands.keys_seed import decision_of
        from p2c.lookup.keys import DIFFERENT
        from p2c.lookup.keys_find import find
        from p2c.lookup.keys_unlink import consequences
        from p2c.warehouse import reading

        with reading(self.context.warehouse) as warehouse:
            found = find(warehouse, sales, finops, company, entity)
            pairs = self._linked(warehouse, found)
            self._check_general(pairs, DIFFERENT, company)
            rows = self.overrides.rows
            shown = [line for pair in pairs for line in consequences(warehouse, rows, pair)]
        for pair in pairs:
            self.out.note(f"{pair.sales} and {pair.finops} are a pair no more. After that:")
        for line in shown:
            self.out.note(f"  {line['message']}")
        self.out.note("  Nothing is deleted in either system.")
        confirm(self.out, yes, "End it?")
        self._write(
            [decision_of(pair, DIFFERENT, "unlinked", reason) for pair in pairs],
            {"consequences": shown},
        )

    def _linked(self, warehouse: Reader, found: Sequence[Pair]) -> list[Pair]:
        """Those that are a pair, by the last build or by the seed."""
        from p2c.lookup.keys import DIFFERENT, PAIR
        from p2c.lookup.keys_decide import Overrides as Rows
        from p2c.lookup.keys_unlink import known_as, other_pairs

        rows = Rows(self.overrides.rows)
        pairs = [
            pair
            for pair in found
            if rows.says(pair, PAIR)
            or (known_as(warehouse, pair) and not rows.says(pair, DIFFERENT))
        ]
        if pairs:
            return pairs
        first = found[0]
        if rows.says(first, DIFFERENT):
            raise P2CError(
                f"{first.sales} and {first.key} are decided as different already: `p2c plan` "
                "takes it up."
            )
        others = other_pairs(warehouse, first)
        known = f" Known pairs of them: {', '.join(others)}." if others else ""
        raise P2CError(
            f"{first.sales} and {first.key} are no pair.{known} To say that they are not the same: "
            f"`p2c keys reject {first.sales_id} {first.key}`."
        )

    def _candidates(self, warehouse: Reader, found: Sequence[Pair]) -> list[Pair]:
        """Those of the pairs that a rule found, with the rule; all where none did."""
        from p2c.lookup.keys import of_ids
        from p2c.lookup.keys_find import as_pair

        rows = of_ids(warehouse, self.overrides.rows, [pair.sales_id for pair in found])
        by_key = {(p.company, p.table, p.finops_key): p for p in map(as_pair, rows)}
        both = [(pair, by_key.get((pair.company, pair.table, pair.finops_key))) for pair in found]
        ruled = [
            type(pair)(**{**vars(pair), "rule": known.rule, "score": known.score})
            for pair, known in both
            if known
        ]
        return ruled or list(found)

    def _check_general(self, pairs: Sequence[Pair], word: str, company: str) -> None:
        """A row for all legal entities is not taken out by a decision for one."""
        from p2c.lookup.keys_decide import Overrides as Rows

        for pair in pairs if company else ():
            for number, there in Rows(self.overrides.rows).of(pair):
                row = self.overrides.rows[number]
                if there != word and not row.get("data_area_id") and pair.company:
                    (line,) = self.overrides.lines([number])
                    raise P2CError(
                        f"{self.overrides.name}, line {line}, has {there} for all legal entities: "
                        "give the command without --company, or edit that row."
                    )

    def _check(self, warehouse: Reader, decisions: Sequence[Decision]) -> None:
        from p2c.lookup.keys_decide import conflicts

        if wrong := conflicts(warehouse, self.overrides.rows, decisions):
            count = "One pair" if len(wrong) == 1 else f"{len(wrong):,} pairs"
            refuse(
                self.out,
                f"{count} would make one record two others' pair; nothing was written.",
                [f"{message}." for _, message in wrong],
            )

    def _write(self, decisions: Sequence[Decision], beside: dict[str, Any] | None = None) -> None:
        from p2c.screen import keys_text

        found = self.overrides.write(decisions) | (beside or {})
        self.out.data(found)
        self.out.show(*keys_text.written_text(found))
