"""The write-in line `Freight Tax` that stands for a document's `msdynce_misctax` (O6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.documents import next_place
from p2c_sandbox.sales.rules.kinds import (
    BY_HEADERS,
    BY_LINES,
    EXTERNAL,
    INVOICE,
    MISC_TAX_LINE,
    ORDER,
    Kind,
    header_of,
)

NAME = "Freight Tax"
_AMOUNT = "msdynce_misctax"


class FreightTax(Rule):
    """The solution makes the line, follows the amount, and removes the line when it is gone."""

    sets = frozenset({ORDER.headers, INVOICE.headers})

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        if row.get(_AMOUNT):
            self._note(call, table, row)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if _AMOUNT in changes and (changes[_AMOUNT] or 0) != (before[_AMOUNT] or 0):
            self._note(call, table, before)

    def _note(self, call: Call, table: Table, row: Row) -> None:
        if call.settings.solution_makes_freight_tax_line:
            call.later(KeepLine(BY_HEADERS[table.set]), row[table.key_column])


class FreightTaxPlace(Rule):
    """The line stands last: it makes room for lines that come with the number it has."""

    sets = frozenset({ORDER.lines, INVOICE.lines})

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        header = header_of(call, table, row)
        if row.get(MISC_TAX_LINE) or header is None or not header[_AMOUNT]:
            return
        if call.settings.solution_makes_freight_tax_line:
            kind = BY_LINES[table.set]
            call.later(KeepLine(kind), row[kind.column])


@dataclass(frozen=True)
class KeepLine:
    """Makes the line of each document what its header says."""

    kind: Kind
    stage: int = 1

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        table = call.service.table(self.kind.headers)
        for header in call.store.get_many(self.kind.headers, table.key_column, ids):
            self._keep(call, writer, header)

    def _keep(self, call: Call, writer: RowWriter, header: Row) -> None:
        kind, table = self.kind, call.service.table(self.kind.lines)
        own: Row = {kind.column: header[kind.column]}
        found = call.store.find(kind.lines, {**own, MISC_TAX_LINE: True})
        if not header[_AMOUNT]:
            for line in found:
                writer.delete(call, table, line)
        elif not found:
            writer.add(call, table, own | _new(header))
        else:
            self._follow(call, writer, found[0], header)

    def _follow(self, call: Call, writer: RowWriter, line: Row, header: Row) -> None:
        kind, table = self.kind, call.service.table(self.kind.lines)
        changes: Row = {}
        if line["priceperunit"] != header[_AMOUNT]:
            changes["priceperunit"] = header[_AMOUNT]
        last = next_place(call, kind.lines, kind.column, line, "sequencenumber") - 1
        if line["sequencenumber"] != last or self._shared(call, line):
            changes["sequencenumber"] = last + 1
        if changes:
            writer.change(call, table, line, changes)

    def _shared(self, call: Call, line: Row) -> bool:
        names = (self.kind.column, "sequencenumber")
        return len(call.store.find(self.kind.lines, {name: line[name] for name in names})) > 1


def _new(header: Row) -> Row:
    return {
        "isproductoverridden": True,
        "ispriceoverridden": True,
        "productdescription": NAME,
        "quantity": Decimal(1),
        "priceperunit": header[_AMOUNT],
        MISC_TAX_LINE: True,
        EXTERNAL: header[EXTERNAL],
    }
