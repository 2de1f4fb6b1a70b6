"""Quotes, orders and invoices: three documents of one build, each a header with lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call

ONLY_EXTERNAL = "msdynce_hasexternallymaintainedproductsonly"
EXTERNAL = "msdynce_ismaintainedexternally"
MISC_TAX_LINE = "msdynce_ismisctax"


@dataclass(frozen=True)
class Kind:
    """Entity sets of a document; `column` is the lookup of its lines to the header.

    `line_flag` is the lines' copy of `ONLY_EXTERNAL` (field-mapping 1.3), `number` the column that
    people know a document by.
    """

    name: str
    headers: str
    lines: str
    column: str
    number: str
    line_flag: str | None = None
    misc_tax: bool = True


QUOTE = Kind(
    "quote", "quotes", "quotedetails", "quoteid", "quotenumber",
    "msdynce_quotehasexternalmaintainedproductsonly", misc_tax=False,
)  # fmt: skip
ORDER = Kind(
    "order", "salesorders", "salesorderdetails", "salesorderid", "ordernumber",
    "msdynce_orderhasexternalmaintainedproductsonly",
)  # fmt: skip
INVOICE = Kind("invoice", "invoices", "invoicedetails", "invoiceid", "invoicenumber")
KINDS = (QUOTE, ORDER, INVOICE)
BY_HEADERS = {kind.headers: kind for kind in KINDS}
BY_LINES = {kind.lines: kind for kind in KINDS}
HEADERS = frozenset(BY_HEADERS)
LINES = frozenset(BY_LINES)


def header_of(call: Call, table: Table, line: Row) -> Row | None:
    """The document a line belongs to."""
    kind = BY_LINES[table.set]
    row_id = line.get(kind.column)
    return call.row(kind.headers, row_id) if row_id else None


def label(kind: Kind, header: Row) -> str:
    """How a message names a document, e.g. `order ORD-01000-BVRCPS`."""
    return f"{kind.name} {header.get(kind.number)}"


def row_number(row: Row) -> int:
    """The store's own number of a row."""
    return cast(int, row["_id"])
