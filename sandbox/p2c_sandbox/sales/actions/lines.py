"""Lines of draft quotes and orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from p2c_sandbox.sales.actions import documents, orders, quotes
from p2c_sandbox.sales.desk import Row, SalesDesk, SalesRefused, quoted
from p2c_sandbox.sales.rules.kinds import ORDER, QUOTE, Kind

Number = Annotated[str, "Number of the quote or order."]
LineNumber = Annotated[int, "Number of the line (its sequence number)."]


@dataclass(frozen=True)
class _Document:
    kind: Kind
    row: Row

    @property
    def row_id(self) -> str:
        return str(self.row[self.kind.column])


def add_line(
    desk: SalesDesk,
    *,
    document: Number,
    line: Annotated[str, "PRODUCT=QUANTITY[@PRICE][-DISCOUNT]"] = "",
    write_in: Annotated[str, "TEXT=QUANTITY@PRICE instead of a product."] = "",
) -> dict[str, object]:
    """Add a line to a draft."""
    found = _find(desk, document)
    if bool(line) == bool(write_in):
        raise SalesRefused("Give either a line or a write-in.")
    body = documents.line(desk, line) if line else documents.write_in(write_in)
    bound = f"/{found.kind.headers}({found.row_id})"
    created = desk.create(found.kind.lines, {f"{found.kind.column}@odata.bind": bound, **body})
    return _said(desk, found, created["sequencenumber"])


def change_line(
    desk: SalesDesk,
    *,
    document: Number,
    line: LineNumber,
    quantity: Annotated[Decimal | None, "New quantity."] = None,
    price: Annotated[Decimal | None, "New price per unit, instead of the price list's."] = None,
    discount: Annotated[Decimal | None, "New discount of the whole line."] = None,
) -> dict[str, object]:
    """Change a line of a draft."""
    found = _find(desk, document)
    values = {
        "quantity": quantity,
        "priceperunit": price,
        "ispriceoverridden": None if price is None else True,
        "manualdiscountamount": discount,
    }
    body: dict[str, Any] = {column: value for column, value in values.items() if value is not None}
    desk.change(found.kind.lines, _line_id(desk, found, line), body)
    return _said(desk, found, line)


def remove_line(desk: SalesDesk, *, document: Number, line: LineNumber) -> dict[str, object]:
    """Remove a line of a draft; the others keep their numbers."""
    found = _find(desk, document)
    desk.delete(found.kind.lines, _line_id(desk, found, line))
    return _said(desk, found, line)


def _find(desk: SalesDesk, number: str) -> _Document:
    """An order of this number, or else a quote."""
    found = desk.find(ORDER.headers, f"ordernumber eq {quoted(number)}")
    if found:
        return _Document(ORDER, orders.find_order(desk, number))
    return _Document(QUOTE, quotes.find_quote(desk, number))


def _line_id(desk: SalesDesk, found: _Document, number: int) -> str:
    column = f"_{found.kind.column}_value"
    rows = desk.find(found.kind.lines, f"{column} eq {found.row_id} and sequencenumber eq {number}")
    if not rows:
        raise SalesRefused(f"The {found.kind.name} has no line {number}.")
    return str(rows[0][f"{found.kind.lines.removesuffix('s')}id"])


def _said(desk: SalesDesk, found: _Document, line: int) -> dict[str, object]:
    row = desk.get(found.kind.headers, found.row_id)
    return {found.kind.name: row[found.kind.number], "line": line, "total": row["totalamount"]}
