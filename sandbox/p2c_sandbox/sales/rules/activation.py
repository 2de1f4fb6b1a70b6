"""Activation of an order: its processing status goes from Draft to Active (O1a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import EXTERNAL, ONLY_EXTERNAL, ORDER, label
from p2c_sandbox.sales.rules.locks import ACTIVE, DRAFT, STATUS

_SUBMITTED = "msdynce_orderissubmitted"
_CODE = "0x80040265"


class OrderActivation(Rule):
    """Allowed with at least one line, only externally maintained products, and while Sales owns
    the order. People make no other move of the processing status (O3)."""

    sets = frozenset({ORDER.headers})

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.get(STATUS, before[STATUS]) == before[STATUS]:
            return
        if call.by_person and changes[STATUS] != ACTIVE:
            raise refused(_CODE, "Only Finance and Operations moves the processing status on.")
        if _activates(before, changes):
            _check(call, before)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if _activates(before, changes):
            call.later(SubmitLines(), before["salesorderid"])


def _activates(before: Row, changes: Row) -> bool:
    """What the integration sets on an order of F&O is no activation."""
    moves = before[STATUS] == DRAFT and changes.get(STATUS) == ACTIVE
    return moves and not changes.get(EXTERNAL)


def _check(call: Call, order: Row) -> None:
    reason = None
    if order[EXTERNAL]:
        reason = "it is maintained externally"
    elif not call.store.find(ORDER.lines, {ORDER.column: order["salesorderid"]}, limit=1):
        reason = "it has no lines"
    elif not order[ONLY_EXTERNAL]:
        reason = "it has products that are not externally maintained"
    if reason:
        raise refused(_CODE, f"The {label(ORDER, order)} cannot be activated because {reason}.")


@dataclass(frozen=True)
class SubmitLines:
    """Marks every line of an activated order as submitted."""

    stage: int = 1

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        table = call.service.table(ORDER.lines)
        lines = call.store.get_many(ORDER.lines, ORDER.column, ids)
        writer.keep(call, table, [(line, {_SUBMITTED: True}) for line in lines])
