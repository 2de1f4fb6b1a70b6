"""One command of `p2c keys` that decides: looked up, checked, shown, asked, written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from p2c.commands.keys_options import confirm, refuse
from p2c.commands.keys_seed import Overrides, decision_of
from p2c.config.context import Context
from p2c.errors import P2CError
from p2c.lookup.keys import DIFFERENT, PAIR, Filter, candidates, of_ids
from p2c.lookup.keys_decide import Decision, conflicts
from p2c.lookup.keys_decide import Overrides as Rows
from p2c.lookup.keys_find import Pair, as_pair, find
from p2c.lookup.keys_unlink import consequences, known_as, other_pairs
from p2c.screen import keys_text
from p2c.screen.output import Output
from p2c.warehouse import Reader, reading


class Desk:
    """One command: the seed as it began, the warehouse, and where to show things."""

    def __init__(self, context: Context, out: Output) -> None:
        self.context, self.out = context, out
        self.overrides = Overrides(context)

    def one(
        self, word: str, sales: str, finops: str, company: str, entity: str, reason: str
    ) -> None:
        """Decide one pair, in each legal entity where both records are candidates."""
        with reading(self.context.warehouse) as warehouse:
            pairs = self._candidates(warehouse, find(warehouse, sales, finops, company, entity))
            for pair in pairs if word == DIFFERENT else ():
                if how := known_as(warehouse, pair):
                    raise P2CError(
                        f"{pair.sales} and {pair.key} are a pair ({how}). `p2c keys unlink "
                        f"{pair.sales_id} {pair.key}` ends it, and shows what comes of both first."
                    )
            decisions = [decision_of(pair, word, reason=reason) for pair in pairs]
            self._check(warehouse, decisions)
        self._write(decisions, everywhere=not company)

    def many(self, word: str, wanted: Filter, reason: str, yes: bool) -> None:
        """Decide all candidates of a filter, after showing how many and the first of them."""
        verb = "accept" if word == "pair" else "reject"
        with reading(self.context.warehouse) as warehouse:
            rows = candidates(warehouse, self.overrides.rows, wanted, None)
            pairs = [as_pair(row) for row in rows]
            if not pairs:
                raise P2CError(
                    f"No candidate to {verb} is as asked for: `p2c keys list` shows what there is."
                )
            decisions = [decision_of(pair, word, reason=reason) for pair in pairs]
            self._check(warehouse, decisions)
        self.out.note(*keys_text.question([str(pair) for pair in pairs], verb))
        confirm(self.out, yes, f"{verb.capitalize()} {len(pairs):,}?")
        self._write(decisions)

    def end(
        self, sales: str, finops: str, company: str, entity: str, reason: str, yes: bool
    ) -> None:
        """End a pair, after showing what becomes of both records."""
        with reading(self.context.warehouse) as warehouse:
            found = find(warehouse, sales, finops, company, entity)
            pairs = self._linked(warehouse, found)
            rows = self.overrides.rows
            shown = [line for pair in pairs for line in consequences(warehouse, rows, pair)]
        for pair in pairs:
            self.out.note(f"Without the pair {pair.sales} = {pair.finops}:")
        for line in shown:
            self.out.note(f"  {line['message']}")
        self.out.note("  Nothing is deleted in either system.")
        confirm(self.out, yes, "End it?")
        self._write(
            [decision_of(pair, DIFFERENT, "unlinked", reason) for pair in pairs],
            {"consequences": shown},
            everywhere=not company,
        )

    def _linked(self, warehouse: Reader, found: Sequence[Pair]) -> list[Pair]:
        """Those that are a pair, by the last build or by the seed."""
        rows = Rows(self.overrides.rows)
        pairs = [
            pair
            for pair in found
            if PAIR in rows.words(pair)
            or (known_as(warehouse, pair) and DIFFERENT not in rows.words(pair))
        ]
        if pairs:
            return pairs
        first = found[0]
        if DIFFERENT in rows.words(first):
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
        rows = of_ids(warehouse, self.overrides.rows, [pair.sales_id for pair in found])
        by_key = {(p.company, p.table, p.finops_key): p for p in map(as_pair, rows)}
        both = [(pair, by_key.get((pair.company, pair.table, pair.finops_key))) for pair in found]
        ruled = [replace(pair, rule=known.rule, score=known.score) for pair, known in both if known]
        return ruled or list(found)

    def _check(self, warehouse: Reader, decisions: Sequence[Decision]) -> None:

        if wrong := conflicts(warehouse, self.overrides.rows, decisions):
            count = "1 record" if len(wrong) == 1 else f"{len(wrong):,} records"
            refuse(
                self.out,
                f"{count} would be in two pairs, as named above; nothing was written.",
                [f"{message}." for _, message in wrong],
            )

    def _write(
        self,
        decisions: Sequence[Decision],
        beside: dict[str, Any] | None = None,
        everywhere: bool = False,
    ) -> None:
        found = self.overrides.write(decisions, everywhere) | (beside or {})
        self.out.data(found)
        self.out.show(*keys_text.written_text(found))
