"""Money of documents: rounding, the split of a line discount, and how a line adds up.

Rule O5: a client gives the discount of the whole line; it is kept as an amount per unit, rounded to
the currency, and what the rounding loses or gains as a charge on the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

ZERO = Decimal(0)
CENT = Decimal("0.01")
# More digits than two stored numbers can have together, so that products stay exact.
_DIGITS = 60


def money(value: Decimal, unit: Decimal = CENT) -> Decimal:
    """Rounded to the currency, half up."""
    with localcontext() as context:
        context.prec = _DIGITS
        return value.quantize(unit, ROUND_HALF_UP)


def times(quantity: Decimal, amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """Quantity times an amount per unit, rounded once."""
    with localcontext() as context:
        context.prec = _DIGITS
        return money(quantity * amount, unit)


def plain(number: Decimal) -> str:
    """As a person writes it: 2.5, not 2.500000."""
    return f"{number.normalize():f}"


@dataclass(frozen=True)
class Discount:
    """`per_unit` is LineDiscountAmount, `charge` is FixedPriceCharges, e.g. 3.33 and -0.01."""

    per_unit: Decimal
    charge: Decimal

    def of_line(self, quantity: Decimal, unit: Decimal = CENT) -> Decimal:
        """TotalDiscountAmount: 3 x 3.33 + 0.01 = 10.00."""
        return times(quantity, self.per_unit, unit) - self.charge


def split(total: Decimal, quantity: Decimal, unit: Decimal = CENT) -> Discount:
    """The parts of a line's discount; `of_line` with the same quantity gives `total` back.

    A line without quantity has no amount per unit: all of it becomes the charge.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        per_unit = money(total / quantity, unit) if quantity else ZERO
    return Discount(per_unit, times(quantity, per_unit, unit) - total)


@dataclass(frozen=True)
class Terms:
    """What a line's amounts follow from. `charges` are those of the line besides the discount's
    rounding; `rate` is the tax in percent."""

    price: Decimal
    discount: Discount
    charges: Decimal
    rate: Decimal
    unit: Decimal = CENT


@dataclass(frozen=True)
class Amounts:
    """A line's amounts. `net` is LineAmount of an order's line, which knows the discount per unit
    only; `invoiced` is that of an invoice's line, with the charge of the discount's rounding. What
    the customer pays before tax is `invoiced + charges`."""

    gross: Decimal = ZERO
    net: Decimal = ZERO
    discount: Decimal = ZERO
    charges: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def invoiced(self) -> Decimal:
        """Without the line's other charges and tax."""
        return self.gross - self.discount

    @property
    def total(self) -> Decimal:
        """With tax."""
        return self.invoiced + self.charges + self.tax

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.gross + other.gross,
            self.net + other.net,
            self.discount + other.discount,
            self.charges + other.charges,
            self.tax + other.tax,
        )

    def __sub__(self, other: Amounts) -> Amounts:
        """What is left when `other` was invoiced before: parts always add up to the whole."""
        return Amounts(
            self.gross - other.gross,
            self.net - other.net,
            self.discount - other.discount,
            self.charges - other.charges,
            self.tax - other.tax,
        )


def line_amounts(terms: Terms, quantity: Decimal) -> Amounts:
    """The amounts of a quantity, with all charges of the line (its discount's rounding too)."""
    gross = times(quantity, terms.price, terms.unit)
    discount = terms.discount.of_line(quantity, terms.unit)
    net = gross - times(quantity, terms.discount.per_unit, terms.unit)
    taxed = gross - discount + terms.charges
    return Amounts(gross, net, discount, terms.charges, percent(terms.rate, taxed, terms.unit))


def percent(rate: Decimal, amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """A share of an amount, rounded to the currency."""
    return times(rate / 100, amount, unit)
