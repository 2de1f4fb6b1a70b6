"""What both services must say when the story is over, worked out from its own inputs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

import httpx
import simplejson

from p2c_sandbox.process import Running
from p2c_sandbox.sales.desk import SalesDesk, session
from p2c_sandbox.story.stage import COMPANY, FIRST_PART, FREIGHT, SOLD, Sold, Stage, StoryDiffers

# Sales tax on items and freight in the company of the story, in percent (docs: sandbox, taxes).
TAX = Decimal("6.5")
INVOICED, WON = 647390003, 2
CENT = Decimal("0.01")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """One number or word of one system; `note` says why the other system rightly says another."""

    what: str
    expected: object
    actual: object
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.expected == self.actual


@dataclass(frozen=True)
class Part:
    """What a quantity of a line comes to."""

    sold: Sold
    quantity: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return _round(self.quantity * self.sold.price)

    @property
    def total(self) -> Decimal:
        return self.gross - self.discount + self.tax


@dataclass(frozen=True)
class Books:
    """Both services, read directly."""

    sales: SalesDesk
    finops: httpx.Client

    @classmethod
    @contextmanager
    def open(cls, running: Running) -> Iterator[Books]:
        """Log on to both. Raises httpx.HTTPError."""
        secret = (running.client_id, running.client_secret)
        one, two = running.sales, running.finops
        with (
            SalesDesk.open(one.url, one.token_url, secret, running.ca_file) as desk,
            session(two.url, two.token_url, secret, running.ca_file) as http,
        ):
            yield cls(desk, http)

    def in_finops(self, entity_set: str, column: str, value: str) -> list[Row]:
        """Rows of the story's company with a value."""
        query = {
            "cross-company": "true",
            "$filter": f"dataAreaId eq '{COMPANY}' and {column} eq '{value}'",
        }
        answer = self.finops.get(f"/data/{entity_set}", params=query).raise_for_status()
        return cast(list[Row], simplejson.loads(answer.text, use_decimal=True)["value"])

    def document(self, number: str, headers: str, lines: str) -> tuple[Row, Sequence[Row]]:
        """A document of Sales with its lines in order; `lines` is named after its header."""
        column = {"salesorders": "ordernumber", "invoices": "invoicenumber"}[headers]
        row = self.sales.one(headers, column, number, headers.removesuffix("s"))
        key = headers.removesuffix("s") + "id"
        term = f"_{key}_value eq {row[key]}"
        return row, self.sales.find(lines, term, "sequencenumber asc")


def check(stage: Stage) -> list[Fact]:
    """Every fact, all of them true. Raises StoryDiffers with the first that is not."""
    with Books.open(stage.running) as books:
        found = list(_facts(books, stage))
    for fact in found:
        if not fact.holds:
            raise StoryDiffers(
                f"At the end {fact.what} should be {_said(fact.expected)}, "
                f"but it is {_said(fact.actual)}."
            )
    return found


def _said(value: object) -> str:
    """Amounts with two digits, whatever scale a service answers with."""
    cents = isinstance(value, Decimal) and value == value.quantize(CENT)
    return f"{value:.2f}" if cents else str(value)


def turn(running: Running) -> int:
    """How often the story was told in this sandbox, this time included."""
    with Books.open(running) as books:
        return len(books.sales.find("accounts", "name eq 'Adventure'")) + 1


def _facts(books: Books, stage: Stage) -> Iterator[Fact]:
    order = stage.numbers["order"]
    whole = [_part(sold, Decimal(0), sold.quantity) for sold in SOLD]
    first = [_part(sold, Decimal(0), FIRST_PART.get(at, Decimal(0))) for at, sold in _numbered()]
    rest = [_part(part.sold, part.quantity, part.sold.quantity) for part in first]
    yield from _order_in_finops(books, order, whole)
    yield from _order_in_sales(books, order, whole)
    freight = FREIGHT
    for name, parts in (("first invoice", first), ("second invoice", rest)):
        yield from _invoice(books, order, stage.numbers[name], parts, freight)
        freight = Decimal(0)
    quote = books.sales.one("quotes", "quotenumber", stage.numbers["quote"], "quote")
    yield Fact("the state of the quote in Sales", WON, quote["statecode"])


def _order_in_finops(books: Books, number: str, whole: list[Part]) -> Iterator[Fact]:
    [row] = books.in_finops("CDSSalesOrderHeaders", "SalesOrderNumber", number)
    where = f"of order {number} in F&O"
    tax = sum((part.tax for part in whole), Decimal(0))
    yield Fact(f"the status {where}", "Invoiced", row["SalesOrderProcessingStatus"])
    yield Fact(f"the freight {where}", FREIGHT, row["OrderTotalChargesAmount"])
    yield Fact(f"the tax on freight {where}", _tax(FREIGHT), row["OrderHeaderTaxAmount"])
    yield Fact(f"all tax {where}", tax + _tax(FREIGHT), row["OrderTotalTaxAmount"])
    yield Fact(f"the total {where}", _total(whole, FREIGHT), row["OrderTotalAmount"])
    lines = books.in_finops("CDSSalesOrderLinesV2", "SalesOrderNumber", number)
    yield Fact(f"the number of lines {where}", len(whole), len(lines))
    for part, line in zip(whole, _in_order(lines), strict=True):
        yield from _line_in_finops(books, where, part, line)


def _line_in_finops(books: Books, where: str, part: Part, line: Row) -> Iterator[Fact]:
    where = f"of {part.sold.name} {where}"
    yield Fact(f"the quantity {where}", part.quantity, line["OrderedSalesQuantity"])
    yield Fact(f"the price {where}", part.sold.price, line["SalesPrice"])
    yield Fact(f"the discount {where}", part.discount, line["TotalDiscountAmount"])
    yield Fact(f"the tax {where}", part.tax, line["TotalTaxAmount"])
    # The standard entity shows how F&O keeps the discount: 3.33 a piece and -0.01 (O5).
    [kept] = books.in_finops("SalesOrderLines", "InventoryLotId", line["InventoryLotId"])
    unit = _per_unit(part.sold)
    rounding = part.quantity * unit - part.discount
    yield Fact(f"the discount per unit {where}", unit, kept["LineDiscountAmount"])
    yield Fact(f"the charge for its rounding {where}", rounding, kept["FixedPriceCharges"])


def _order_in_sales(books: Books, number: str, whole: list[Part]) -> Iterator[Fact]:
    row, lines = books.document(number, "salesorders", "salesorderdetails")
    where = f"of order {number} in Sales"
    yield Fact(f"the status {where}", INVOICED, row["msdynce_processingstatus"])
    yield Fact(f"the owner {where} is F&O", True, row["msdynce_ismaintainedexternally"])
    yield Fact(f"the freight {where}", FREIGHT, row["freightamount"])
    yield Fact(f"the total {where}", _total(whole, FREIGHT), row["totalamount"])
    sold, tax = lines[: len(whole)], lines[len(whole) :]
    yield Fact(f"the number of other lines {where}", 1, len(tax))
    yield Fact(
        f"the name of the write-in line {where}", "Freight Tax", tax[0]["productdescription"]
    )
    yield Fact(f"the Freight Tax {where}", _tax(FREIGHT), tax[0]["priceperunit"])
    for part, line in zip(whole, sold, strict=True):
        yield from _line_in_sales(where, part, line)


def _line_in_sales(where: str, part: Part, line: Row) -> Iterator[Fact]:
    where = f"of {part.sold.name} {where}"
    yield Fact(f"the quantity {where}", part.quantity, line["quantity"])
    yield Fact(f"the price {where}", part.sold.price, line["priceperunit"])
    yield Fact(f"the discount {where}", part.discount, line["manualdiscountamount"] or 0)
    yield Fact(f"the tax {where}", part.tax, line["tax"] or 0)
    yield Fact(f"the amount {where}", part.total, line["extendedamount"])


def _invoice(
    books: Books, order: str, number: str, parts: list[Part], freight: Decimal
) -> Iterator[Fact]:
    """Tax on freight is in F&O's invoice and not carried to Sales' (I3)."""
    headers = "ExternallyMaintainedCustomerSalesInvoiceHeaders"
    [theirs] = books.in_finops(headers, "InvoiceNumber", number)
    total = _total(parts, freight)
    yield Fact(f"the total of invoice {number} in F&O", total, theirs["TotalInvoiceAmount"])
    row, lines = books.document(number, "invoices", "invoicedetails")
    sale, _ = books.document(order, "salesorders", "salesorderdetails")
    where = f"of invoice {number} in Sales"
    tax = _tax(freight)
    note = f"the total {where} is F&O's less {tax} of tax on freight, which is not carried (I3)"
    yield Fact(f"the total {where}", total - tax, row["totalamount"], note if tax else "")
    yield Fact(f"the freight {where}", freight, row["freightamount"] or 0)
    yield Fact(f"the order {where}", sale["salesorderid"], row["_salesorderid_value"])
    yield Fact(f"the owner {where}", sale["_ownerid_value"], row["_ownerid_value"])
    sold = [part for part in parts if part.quantity]
    yield Fact(f"the number of lines {where}", len(sold), len(lines))
    for part, line in zip(sold, lines, strict=True):
        yield from _line_in_sales(where, part, line)


def _part(sold: Sold, before: Decimal, until: Decimal) -> Part:
    """The pieces after `before` up to `until`: what all of them come to, less what came before."""
    discount = _discount(sold, until) - _discount(sold, before)
    tax = _tax_of(sold, until) - _tax_of(sold, before)
    return Part(sold, until - before, discount, tax)


def _discount(sold: Sold, quantity: Decimal) -> Decimal:
    """So many times the discount per unit; the rounding of the whole goes with the first piece."""
    rounding = sold.discount - sold.quantity * _per_unit(sold)
    return quantity * _per_unit(sold) + rounding if quantity else Decimal(0)


def _tax_of(sold: Sold, quantity: Decimal) -> Decimal:
    return _tax(quantity * sold.price - _discount(sold, quantity))


def _per_unit(sold: Sold) -> Decimal:
    return _round(sold.discount / sold.quantity)


def _tax(amount: Decimal) -> Decimal:
    return _round(amount * TAX / 100)


def _total(parts: list[Part], freight: Decimal) -> Decimal:
    return sum((part.total for part in parts), freight + _tax(freight))


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _numbered() -> Iterator[tuple[int, Sold]]:
    return enumerate(SOLD, 1)


def _in_order(lines: list[Row]) -> list[Row]:
    return sorted(lines, key=lambda line: int(line["LineCreationSequenceNumber"]))
