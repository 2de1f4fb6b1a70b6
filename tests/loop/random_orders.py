"""Orders by chance, entered in Sales or in F&O, and edits by chance of a clerk of F&O.

Only what a seed decides: the same seed gives the same orders and edits.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

PRODUCTS = ("EDIT-1", "EDIT-2", "EDIT-3", "EDIT-4")
# Prices have the four decimals the organisation keeps.
PRICE_DECIMALS = 4
# Quantity and price of the lines of an order, by number.
Terms = dict[int, tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class Money:
    """A currency, the decimals both systems keep of it, and its price list in Sales."""

    code: str
    decimals: int
    price_list: str


@dataclass(frozen=True)
class Line:
    """What a person enters; `discount` is the whole line's."""

    product: str
    quantity: Decimal
    price: Decimal
    discount: Decimal


@dataclass(frozen=True)
class Order:
    """An order of Sales or F&O before anybody edits it."""

    number: str
    customer: str
    money: Money
    freight: Decimal
    lines: Sequence[Line]


@dataclass(frozen=True)
class Edit:
    """One action of a clerk, with its options."""

    action: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chance:
    """Draws orders and edits."""

    random: random.Random

    def orders(self, prefix: str, count: int, customer: str, money: Money) -> list[Order]:
        """Orders of one customer, some with freight."""
        return [
            Order(
                f"{prefix}-{number}", customer, money,
                self.random.choice((Decimal(0), self.amount(Decimal(90), money))),
                [self.line(money) for _ in range(self.random.randint(1, 6))],
            )
            for number in range(1, count + 1)
        ]  # fmt: skip

    def line(self, money: Money) -> Line:
        """Quantities have two to four decimals, half of the lines a discount."""
        quantity, price = self._quantity_and_price(money)
        return Line(
            self.random.choice(PRODUCTS), quantity, price, self._discount(quantity, price, money)
        )

    def edits(self, lines: Terms, money: Money) -> list[Edit]:
        """Up to six actions on an order that has these lines."""
        known, found = dict(lines), []
        for _ in range(self.random.randint(0, 6)):
            found.append(self._edit(known, money))
        return found

    def amount(self, most: Decimal, money: Money) -> Decimal:
        """Up to `most`, with the decimals of the currency."""
        return _whole(most * self._share(), money.decimals)

    def _edit(self, lines: Terms, money: Money) -> Edit:
        """`lines` is kept up to date: a new line has the next number after the highest."""
        action = self.random.choice(
            ("add-line", "add-line", "edit-line", "edit-line", "remove-line", "remove-line",
             "add-charge", "set-order-discount")
        )  # fmt: skip
        if action in ("add-charge", "set-order-discount"):
            return Edit(action, {"amount": str(self.amount(Decimal(20), money))})
        if action == "add-line" or not lines:
            return self._insert(lines, money)
        number = self.random.choice(sorted(lines))
        if action == "remove-line":
            del lines[number]
            return Edit(action, {"line": str(number)})
        return Edit(action, {"line": str(number), **self._change(lines, number, money)})

    def _insert(self, lines: Terms, money: Money) -> Edit:
        line = self.line(money)
        lines[max(lines, default=0) + 1] = line.quantity, line.price
        options = {
            "product": line.product,
            "quantity": str(line.quantity),
            "price": str(line.price),
            "discount": str(line.discount),
        }
        return Edit("add-line", options)

    def _change(self, lines: Terms, number: int, money: Money) -> dict[str, str]:
        """All three, or the quantity alone: it grows, since the discount per unit stays and less
        of it could come below nothing, which Sales does not take."""
        quantity, price = lines[number]
        if self.random.random() < 0.3:
            more = next(n for n in range(1, 99) if not _between(quantity + n, price, money))
            lines[number] = quantity + more, price
            return {"quantity": str(quantity + more)}
        quantity, price = lines[number] = self._quantity_and_price(money)
        discount = self._discount(quantity, price, money)
        return {"quantity": str(quantity), "price": str(price), "discount": str(discount)}

    def _quantity_and_price(self, money: Money) -> tuple[Decimal, Decimal]:
        while True:
            decimals = self.random.choice((2, 3, 4))
            quantity = _whole(Decimal(60) * self._share(), decimals) + Decimal("0.01")
            price = _whole(Decimal(400) * self._share(), PRICE_DECIMALS)
            if not _between(quantity, price, money):
                return quantity, price

    def _discount(self, quantity: Decimal, price: Decimal, money: Money) -> Decimal:
        return self.random.choice((Decimal(0), self.amount(quantity * price, money)))

    def _share(self) -> Decimal:
        return Decimal(self.random.randrange(1_000_000)) / 1_000_000


def _whole(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR)


def _between(quantity: Decimal, price: Decimal, money: Money) -> bool:
    """Their product lies just between two amounts: F&O rounds it up, Sales to the even one, and
    neither is wrong."""
    return (quantity * price).scaleb(money.decimals) % 1 == Decimal("0.5")
