"""The life of a quote: only activation is a plain update (protocols A13)."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import QUOTE

DRAFT, ACTIVE, WON, CLOSED = range(4)


class QuoteMoves(Rule):
    """Draft → Active by PATCH; WinQuote, CloseQuote and ReviseQuote do the rest."""

    sets = frozenset({QUOTE.headers})

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        state, target = before["statecode"], changes.get("statecode", before["statecode"])
        if call.system or target in (state, None) or (state, target) == (DRAFT, ACTIVE):
            return
        if target == ACTIVE:
            raise refused("0x80100003", "The quote can be activated only while it is a draft.")
        raise refused(
            "0x8004f00e",
            "A quote is won, closed and revised by the actions WinQuote, CloseQuote and "
            "ReviseQuote.",
        )
