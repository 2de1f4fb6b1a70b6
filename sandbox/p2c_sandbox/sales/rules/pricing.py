"""System pricing: what Sales works out on lines and headers (protocols A13, G8).

Public descriptions of the columns give these sums; all amounts in the document's currency:

    line    baseamount                  quantity × priceperunit
            extendedamount              baseamount − manualdiscountamount + tax
    header  totallineitemamount         sum of (baseamount − manualdiscountamount)
            totallineitemdiscountamount sum of manualdiscountamount
            totaldiscountamount         the above + discountamount
                                        + totallineitemamount × discountpercentage / 100
            totalamountlessfreight      totallineitemamount − the header's own discounts
            totaltax                    sum of tax
            totalamount                 totalamountlessfreight + freightamount + totaltax

Volume discounts come from discount lists, which the sandbox has not. Amounts are rounded to the
currency's precision half to even, as .NET's Math.Round does (7.75 × 3.5 = 27.12).

Who writes does not matter: with system pricing on, the integration's own `totalamount` or
`extendedamount` is worked out anew like anybody's. Only in integration mode (both switches of
protocols A13, off in the sandbox) are orders and invoices stored as that user sends them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

from p2c_sandbox.odata.model import Row, Value
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.kinds import QUOTE, Kind
from p2c_sandbox.sales.rules.states import integration_mode

LINE_AMOUNTS = ("baseamount", "extendedamount")
TOTALS = (
    "totallineitemamount", "totallineitemdiscountamount", "totaldiscountamount",
    "totalamountlessfreight", "totaltax", "totalamount",
)  # fmt: skip
DETAIL_ERROR, MISSING_PRICE, BAD_METHOD, NOT_IN_LIST = 1, 5, 9, 11
_LIMIT = Decimal(922337203685477)
Round = Callable[[Decimal], Decimal]


def calculates(call: Call, kind: Kind) -> bool:
    """Whether system pricing works out the amounts of such a document for this caller."""
    if not call.organization["oobpricecalculationenabled"]:
        return False
    return kind is QUOTE or not integration_mode(call)


def rounding(call: Call, decimals: int) -> Round:
    """Rounds to this many decimals, as the settings say."""
    half_even = call.settings.amount_rounding == "half_even"
    how = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
    unit = Decimal(1).scaleb(-decimals)

    def fit(value: Decimal) -> Decimal:
        with localcontext() as context:
            context.prec = 60
            return value.quantize(unit, rounding=how)

    return fit


def line_amounts(call: Call, header: Row, line: Row) -> Row:
    """`baseamount` and `extendedamount` of a line. Raises ServiceError when they are too large.

    Price, quantity, discount and tax count with the decimals their columns keep.
    """
    currency = header.get("transactioncurrencyid")
    fit = rounding(call, call.currency_precision(str(currency) if currency else None))
    price = rounding(call, int(call.organization["pricingdecimalprecision"] or 0))
    quantity = rounding(call, 5)(number(line.get("quantity")))
    with localcontext() as context:
        context.prec = 60
        base = fit(price(number(line.get("priceperunit"))) * quantity)
        discount = fit(number(line.get("manualdiscountamount")))
        extended = base - discount + fit(number(line.get("tax")))
    return {"baseamount": _within(base), "extendedamount": _within(extended)}


@dataclass(frozen=True)
class LineSums:
    """What the lines of a document add up to."""

    amount: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


def totals(call: Call, header: Row, lines: LineSums) -> Row:
    """The totals of a header."""
    currency = header.get("transactioncurrencyid")
    fit = rounding(call, call.currency_precision(str(currency) if currency else None))
    percentage = number(header.get("discountpercentage"))
    own = fit(number(header.get("discountamount"))) + fit(lines.amount * percentage / 100)
    less_freight = lines.amount - own
    freight = fit(number(header.get("freightamount")))
    return {
        "totallineitemamount": _within(lines.amount),
        "totallineitemdiscountamount": _within(lines.discount),
        "totaldiscountamount": _within(lines.discount + own),
        "totalamountlessfreight": _within(less_freight),
        "totaltax": _within(lines.tax),
        "totalamount": _within(less_freight + freight + lines.tax),
    }


def list_price(call: Call, header: Row, line: Row) -> tuple[Value, int]:
    """Price of the line's product and unit on the document's price list, and an error code."""
    key = {
        "pricelevelid": header.get("pricelevelid"),
        "productid": line.get("productid"),
        "uomid": line.get("uomid"),
    }
    items = call.store.find("productpricelevels", key, limit=1)
    if not items:
        return None, NOT_IN_LIST
    if items[0]["pricingmethodcode"] != 1:  # percentages of costs are not offered
        return None, BAD_METHOD
    return items[0]["amount"], 0


def number(value: Value) -> Decimal:
    """An amount of a row; absent ones count as nothing."""
    return value if isinstance(value, Decimal) else Decimal(int(value or 0))


def _within(amount: Decimal) -> Decimal:
    if abs(amount) > _LIMIT:
        raise refused("0x80044330", "A calculated amount is outside the valid range.")
    return amount
