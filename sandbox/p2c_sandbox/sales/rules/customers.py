"""`msdynce_isactivecustomer` of contacts (C2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import HEADERS, KINDS

_FLAG = "msdynce_isactivecustomer"
_CHUNK = 500


class ActiveCustomers(Rule):
    """A contact is an active customer exactly while a quote, order or invoice is made out to it.

    Worked out when such a document is made, gets another customer, or is deleted. The column itself
    stays writable, for the contacts that were there before the solution.
    """

    sets = HEADERS

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        self._note(call, row)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if "customerid" in changes:
            self._note(call, before)
            self._note(call, changes)

    def after_delete(self, call: Call, table: Table, row: Row) -> None:
        self._note(call, row)

    def _note(self, call: Call, document: Row) -> None:
        if document.get("customerid__entity") == "contact":
            call.later(FlagContacts(), document["customerid"])


@dataclass(frozen=True)
class FlagContacts:
    """Sets the flag of contacts where it is not what it should be."""

    stage: int = 3
    set: ClassVar[str] = "contacts"

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        active = _customers(call, ids)
        pairs: list[tuple[Row, Row]] = [
            (row, {_FLAG: row["contactid"] in active})
            for row in call.store.get_many(self.set, "contactid", ids)
            if row[_FLAG] != (row["contactid"] in active)
        ]
        writer.keep(call, call.service.table(self.set), pairs)


def _customers(call: Call, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are customers of a document."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        for kind in KINDS:
            sql = f'SELECT DISTINCT customerid FROM "{kind.headers}" WHERE customerid IN ({marks})'
            found |= {row[0] for row in call.store.execute(sql, chunk)}
    return found
