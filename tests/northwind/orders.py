"""Northwind's orders: as CSV files for Sales, and what each must come to.

All amounts are worked out here from Northwind's CSV files alone, to the cent, half up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .convert import CURRENCY, Row, read, write

ORDERS = "sales.salesorders.csv"
LINES = "sales.salesorderdetails.csv"
PRICE_LIST, UNIT = "CRM Service USA (sample)", "Primary Unit"
SEED = 1996
# Customers of the United States pay tax on what they buy and on freight; the others pay none.
TAXED_COUNTRY, TAX_PERCENT = "USA", Decimal("6.5")


@dataclass(frozen=True)
class Line:
    """What one line sells; `fraction` of the price is discount."""

    number: int
    product: str
    quantity: Decimal
    price: Decimal
    fraction: Decimal
    percent: Decimal

    @property
    def gross(self) -> Decimal:
        return cents(self.quantity * self.price)

    @property
    def discount(self) -> Decimal:
        """Of the whole line."""
        return cents(self.quantity * self.price * self.fraction)

    @property
    def tax(self) -> Decimal:
        return cents((self.gross - self.discount) * self.percent / 100)


@dataclass(frozen=True)
class Order:
    """An order with its lines; amounts as both systems must show them."""

    number: str
    customer: str
    row: Row
    lines: Sequence[Line]
    percent: Decimal

    @property
    def freight(self) -> Decimal:
        return cents(Decimal(self.row["freight"]))

    @property
    def freight_tax(self) -> Decimal:
        return cents(self.freight * self.percent / 100)

    @property
    def discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), Decimal(0))

    @property
    def line_tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What the customer pays, with freight and all tax."""
        goods = sum((line.gross for line in self.lines), Decimal(0)) - self.discount
        return goods + self.freight + self.line_tax + self.freight_tax


def cents(amount: Decimal) -> Decimal:
    """Rounded to cents, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def chosen(northwind: Path, how_many: str) -> list[Order]:
    """All orders, or a number of them by chance."""
    found = list(_orders(northwind))
    if how_many == "all":
        return found
    return random.Random(SEED).sample(found, int(how_many))


def _orders(northwind: Path) -> Iterator[Order]:
    country = {row["customer_id"]: row["country"] for row in read(northwind / "customers.csv")}
    details: dict[str, list[Row]] = {}
    for row in read(northwind / "order_details.csv"):
        details.setdefault(row["order_id"], []).append(row)
    for row in read(northwind / "orders.csv"):
        customer = row["customer_id"]
        percent = TAX_PERCENT if country[customer] == TAXED_COUNTRY else Decimal(0)
        lines = [_line(n, one, percent) for n, one in enumerate(details[row["order_id"]], 1)]
        yield Order(f"NW-{row['order_id']}", customer, row, lines, percent)


def _line(number: int, row: Row, percent: Decimal) -> Line:
    product = f"NW-{int(row['product_id']):04d}"
    quantity, price, fraction = (
        Decimal(row[name]) for name in ("quantity", "unit_price", "discount")
    )
    return Line(number, product, quantity, price, fraction, percent)


def write_orders(orders: Sequence[Order], output: Path) -> None:
    """Draft orders of Sales with their lines, as `p2c sandbox load` takes them.

    Freight is left out: Sales shows it only after F&O charged it (G5).
    """
    write(output / ORDERS, (_header_row(order) for order in orders))
    write(output / LINES, (_line_row(order, line) for order in orders for line in order.lines))


def _header_row(order: Order) -> Row:
    return {
        "ordernumber": order.number,
        "name": f"Order {order.row['order_id']}",
        "customerid_account.accountnumber": order.customer,
        "transactioncurrencyid.isocurrencycode": CURRENCY,
        "pricelevelid.name": PRICE_LIST,
        "shipto_line1": order.row["ship_address"],
        "shipto_city": order.row["ship_city"],
        "shipto_stateorprovince": order.row["ship_region"],
        "shipto_postalcode": order.row["ship_postal_code"],
        "shipto_country": order.row["ship_country"],
    }


def _line_row(order: Order, line: Line) -> Row:
    return {
        "salesorderid.ordernumber": order.number,
        "sequencenumber": str(line.number),
        "productid.productnumber": line.product,
        "uomid.name": UNIT,
        "quantity": str(line.quantity),
        "ispriceoverridden": "true",
        "priceperunit": str(line.price),
        "manualdiscountamount": str(line.discount),
    }
