"""Headers follow their lines: totals, and whether all products are externally maintained.

Lines only note their document; each header is worked out once for a request, and is written only
when something differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from p2c_sandbox.odata.model import MONEY_SCALE, Row, Table
from p2c_sandbox.odata.values import unscaled
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import (
    BY_HEADERS,
    BY_LINES,
    HEADERS,
    LINES,
    MISC_TAX_LINE,
    ONLY_EXTERNAL,
    Kind,
    header_of,
    row_number,
)
from p2c_sandbox.sales.rules.pricing import DETAIL_ERROR, TOTALS, LineSums, calculates, totals

_INPUTS = frozenset({"discountamount", "discountpercentage", "freightamount", *TOTALS})
_CHUNK = 500


@dataclass(frozen=True)
class Lines:
    """All that a header needs to know of its lines."""

    sums: LineSums = field(default_factory=LineSums)
    errors: bool = False
    only_external: bool = True


class HeaderTotals(Rule):
    """Totals of a header that is written itself; what was sent for them is dropped."""

    sets = HEADERS

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        row[ONLY_EXTERNAL] = True
        if calculates(call, BY_HEADERS[table.set]):
            row |= totals(call, row, LineSums())

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        kind = BY_HEADERS[table.set]
        changes.pop(ONLY_EXTERNAL, None)
        if not calculates(call, kind) or not changes.keys() & _INPUTS:
            return
        row_id = str(before[table.key_column])
        found = _read(call, kind, [row_id]).get(row_id, Lines())
        changes |= totals(call, {**before, **changes}, found.sums)


class LineFlags(Rule):
    """Lines have their document counted anew, and carry a copy of its flag (field-mapping 1.3)."""

    sets = LINES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        header, flag = header_of(call, table, row), BY_LINES[table.set].line_flag
        if header is not None and flag:
            row[flag] = header[ONLY_EXTERNAL]

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        self._note(call, table, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if flag := BY_LINES[table.set].line_flag:
            changes.pop(flag, None)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        self._note(call, table, before)

    def after_delete(self, call: Call, table: Table, row: Row) -> None:
        self._note(call, table, row)

    def _note(self, call: Call, table: Table, line: Row) -> None:
        kind = BY_LINES[table.set]
        if line.get(kind.column):
            call.later(Recount(kind), line[kind.column])


@dataclass(frozen=True)
class Recount:
    """Works headers out from their lines."""

    kind: Kind
    stage: int = 2

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        kind = self.kind
        table = call.service.table(kind.headers)
        found = _read(call, kind, ids)
        pairs = []
        for header in call.store.get_many(kind.headers, table.key_column, ids):
            lines = found.get(str(header[table.key_column]), Lines())
            wanted = _wanted(call, kind, header, lines)
            changes = {name: value for name, value in wanted.items() if header[name] != value}
            if changes:
                pairs.append((header, changes))
        writer.keep(call, table, pairs)
        if kind.line_flag:
            _copy_flag(call, writer, kind, ids, found)


def _wanted(call: Call, kind: Kind, header: Row, lines: Lines) -> Row:
    wanted: Row = {ONLY_EXTERNAL: lines.only_external}
    if calculates(call, kind):
        wanted |= totals(call, header, lines.sums)
        wanted["pricingerrorcode"] = DETAIL_ERROR if lines.errors else 0
    return wanted


def _copy_flag(
    call: Call, writer: RowWriter, kind: Kind, ids: Sequence[str], found: Mapping[str, Lines]
) -> None:
    """Lines whose copy of the header's flag is out of date."""
    flag, pairs = str(kind.line_flag), []
    for value in (True, False):
        some = [row_id for row_id in ids if found.get(row_id, Lines()).only_external is value]
        stale = _stale(call, kind, flag, some, value)
        rows = call.store.get_many(kind.lines, "_id", stale)
        pairs += [(row, {flag: value}) for row in sorted(rows, key=row_number)]
    writer.keep(call, call.service.table(kind.lines), pairs)  # type: ignore[arg-type]


def _stale(call: Call, kind: Kind, flag: str, ids: Sequence[str], value: bool) -> list[int]:
    found: list[int] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        sql = (
            f'SELECT _id FROM "{kind.lines}" WHERE "{kind.column}" IN ({marks})'
            f' AND "{flag}" IS NOT {int(value)}'
        )
        found += [row[0] for row in call.store.execute(sql, chunk)]
    return found


def _read(call: Call, kind: Kind, ids: Sequence[str]) -> dict[str, Lines]:
    """By header; documents without lines are absent. The solution's own `Freight Tax` line does
    not count as a write-in."""
    own = f'l."{MISC_TAX_LINE}" = 1' if kind.misc_tax else "0"
    found = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        sql = _SUMS.format(
            lines=kind.lines, column=kind.column, own=own, marks=",".join("?" * len(chunk))
        )
        for row_id, amount, discount, tax, errors, external in call.store.execute(sql, chunk):
            sums = LineSums(*(unscaled(value, MONEY_SCALE) for value in (amount, discount, tax)))
            found[str(row_id)] = Lines(sums, bool(errors), bool(external))
    return found


_SUMS = """
SELECT l."{column}",
  sum(coalesce(l.baseamount, 0) - coalesce(l.manualdiscountamount, 0)),
  sum(coalesce(l.manualdiscountamount, 0)),
  sum(coalesce(l.tax, 0)),
  max(coalesce(l.pricingerrorcode, 0) <> 0),
  min(CASE WHEN {own} THEN 1 WHEN l.isproductoverridden = 1 THEN 0
    ELSE coalesce(p.msdynce_ismaintainedexternally, 0) END)
FROM "{lines}" l LEFT JOIN products p ON p.productid = l.productid
WHERE l."{column}" IN ({marks})
GROUP BY 1
"""
