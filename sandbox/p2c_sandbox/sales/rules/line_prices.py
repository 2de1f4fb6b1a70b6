"""Prices and amounts of lines (protocols A13; the sums are in pricing.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import BY_HEADERS, BY_LINES, HEADERS, LINES, Kind, header_of
from p2c_sandbox.sales.rules.pricing import (
    LINE_AMOUNTS,
    MISSING_PRICE,
    calculates,
    line_amounts,
    list_price,
)

_PRICED_BY = frozenset({"productid", "uomid", "ispriceoverridden", "priceperunit"})
_INPUTS = _PRICED_BY | {"quantity", "manualdiscountamount", "tax"}


class LinePrices(Rule):
    """The price list's price unless `ispriceoverridden`; then the amounts.

    `ispricelocked` on the header keeps the prices lines have of their product. A price that is
    missing shows in `pricingerrorcode`, and the line counts nothing.
    """

    sets = LINES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        header = header_of(call, table, row)
        if header is None or not calculates(call, BY_LINES[table.set]):
            return
        row |= _price(call, header, row, locked=bool(header.get("ispricelocked")))
        row |= line_amounts(call, header, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        header = header_of(call, table, before)
        if header is None or not calculates(call, BY_LINES[table.set]):
            return
        for name in LINE_AMOUNTS:
            changes.pop(name, None)
        if not changes.keys() & _INPUTS:
            return
        if changes.keys() & _PRICED_BY:
            line = {**before, **changes}
            same = all(line[name] == before[name] for name in ("productid", "uomid"))
            locked = same and bool(header.get("ispricelocked"))
            changes |= _price(call, header, line, locked=locked)
        changes |= line_amounts(call, header, {**before, **changes})


def _price(call: Call, header: Row, line: Row, *, locked: bool) -> Row:
    price, error = line.get("priceperunit"), 0
    free = line.get("isproductoverridden") or line.get("ispriceoverridden")
    if not free and not (locked and price is not None):
        price, error = list_price(call, header, line)
    elif price is None:
        error = MISSING_PRICE
    return {"priceperunit": price, "pricingerrorcode": error}


class Repricing(Rule):
    """Another price list on the header prices the lines anew."""

    sets = HEADERS

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        kind = BY_HEADERS[table.set]
        moved = changes.get("pricelevelid", before["pricelevelid"]) != before["pricelevelid"]
        if moved and calculates(call, kind) and not before.get("ispricelocked"):
            call.later(Reprice(kind), before[f"{table.entity}id"])


@dataclass(frozen=True)
class Reprice:
    """Takes the prices of documents' lines from the price list again."""

    kind: Kind
    stage: int = 0

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        table = call.service.table(self.kind.lines)
        for line in call.store.get_many(self.kind.lines, self.kind.column, ids):
            if not line["ispriceoverridden"] and not line["isproductoverridden"]:
                writer.change(call, table, line, {"uomid": line["uomid"]})
