"""A document made from another: a revision of a quote, an order from a quote."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.rules.kinds import EXTERNAL, Kind
from p2c_sandbox.sales.writing import Writer

_OWN = frozenset(
    {"statecode", "statuscode", "overriddencreatedon", "importsequencenumber", EXTERNAL}
)  # fmt: skip


def copy_document(
    call: Call, writer: Writer, header: Row, kinds: tuple[Kind, Kind], **sent: str | int | bool
) -> str:
    """Copy a header and its lines; the guid of the new header.

    `kinds` are what it is and what it becomes; `given` are columns of the new header. The owner,
    prices, discounts and places of lines stay; states, flags and numbers start anew.
    """
    old, new = kinds
    tables = call.service.table
    values = _common(tables(old.headers), tables(new.headers), header)
    values.pop(old.number, None)
    row_id = writer.add(call, tables(new.headers), {**values, **sent})
    lines = call.store.find(old.lines, {old.column: header[old.column]})
    for line in sorted(lines, key=_place):
        values = _common(tables(old.lines), tables(new.lines), line)
        writer.add(call, tables(new.lines), {**values, new.column: row_id})
    return row_id


def _common(old: Table, new: Table, row: Row) -> Row:
    """What both tables have and a client may give on create."""
    values: Row = {}
    for column in new.columns.values():
        writable = column.access in ("write", "create") and column.name not in _OWN
        if column.name not in old.columns or not writable or column.name == old.key_column:
            continue
        values[column.name] = row[column.name]
        if name := column.entity_column:
            values[name] = row[name]
    return values


def _place(line: Row) -> tuple[int, int]:
    return int(str(line["sequencenumber"] or 0)), int(str(line["_id"]))
