"""What the arrival of an invoice does to its order (I2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import INVOICE, ORDER
from p2c_sandbox.sales.rules.locks import INVOICED, STATUS

_OWNER = ("ownerid", "ownerid__entity", "owningbusinessunit", "owninguser", "owningteam")
_INVOICED_STATE = {"statecode": 4, "statuscode": 100003}
_CANCELED_STATE = 2


class InvoicedOrders(Rule):
    """The invoice gets the owner of its order, and the order the state Invoiced.

    The processing status is left to F&O (O3): after the first of two part invoices it says
    Partially Invoiced. `invoice_sets_processing_status` sets it to Invoiced here all the same.
    """

    sets = frozenset({INVOICE.headers})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        order = call.row(ORDER.headers, row["salesorderid"]) if row.get("salesorderid") else None
        if order is not None:
            row |= {name: order[name] for name in _OWNER}

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        if row.get("salesorderid"):
            call.later(MarkInvoiced(), row["salesorderid"])

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.get("salesorderid") not in (None, before["salesorderid"]):
            call.later(MarkInvoiced(), changes["salesorderid"])


@dataclass(frozen=True)
class MarkInvoiced:
    """Sets orders to the state Invoiced; canceled ones stay canceled."""

    stage: int = 1

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        wanted: Row = {**_INVOICED_STATE}
        if call.settings.invoice_sets_processing_status:
            wanted[STATUS] = INVOICED
        pairs = [
            (row, dict(wanted))
            for row in call.store.get_many(ORDER.headers, "salesorderid", ids)
            if row["statecode"] != _CANCELED_STATE and not wanted.items() <= row.items()
        ]
        writer.keep(call, call.service.table(ORDER.headers), pairs)
