"""Demo quotes and orders of Sales, in every state, in two legal entities.

Their business unit decides the company (flows G1). Accounts of Contoso Global are customers in both
companies: their documents take turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from p2c_sandbox.demo.catalogue import IN_BOTH, SERVICES, Product, offered
from p2c_sandbox.demo.contacts import CUSTOMERS, account_of, contact_unit
from p2c_sandbox.demo.ids import Row, currency_id, record_id, team_id

QUOTES, ORDERS = 30, 40
ACCOUNTS_NEEDED = 250
PRICE_LISTS = {"USD": "CRM Service USA (sample)", "EUR": "Europe"}
# State of the n-th quote or order of ten.
QUOTE_STATES = (
    "draft", "draft", "active", "active", "active", "active", "active", "won", "lost", "draft",
)  # fmt: skip
ORDER_STATES = (
    "draft", "draft", "active", "active", "active", "active", "active", "draft", "active",
    "cancelled",
)  # fmt: skip
# Places in a ten with a write-in line, which keeps the whole document back (flows Q1, O1).
QUOTES_WITH_WRITE_IN, ORDERS_WITH_WRITE_IN = (6, 9), (7,)
WITHOUT_LINES = 20
DISCOUNTS = (None, Decimal(10), None, Decimal("0.05"), Decimal("33.33"))


@dataclass(frozen=True)
class Document:
    """A quote or order to enter: bodies for the service, and the state to bring it to."""

    header: Row
    lines: Sequence[Row]
    state: str


def quotes(seed: int) -> Iterator[Document]:
    """The quotes of the demo."""
    sold = _sold(seed)
    for number in range(QUOTES):
        header = _header("quote", "Quote", number)
        write_in = number % 10 in QUOTES_WITH_WRITE_IN
        lines = _lines(number, sold, _unit(number), write_in=write_in)
        yield Document(header, lines, QUOTE_STATES[number % 10])


def orders(seed: int) -> Iterator[Document]:
    """The orders of the demo."""
    sold = _sold(seed)
    for number in range(ORDERS):
        header = _header("salesorder", "Order", number)
        write_in = number % 10 in ORDERS_WITH_WRITE_IN
        lines = _lines(number + 3, sold, _unit(number), write_in=write_in)
        yield Document(header, [] if number == WITHOUT_LINES else lines, ORDER_STATES[number % 10])


def _unit(number: int) -> str:
    return {4: "Contoso Germany", 5: "Contoso Global"}.get(number % 6, "Contoso US")


def _header(entity: str, word: str, number: int) -> Row:
    unit = _unit(number)
    team = unit
    if unit == "Contoso Global":
        team = ("Contoso US", "Contoso Germany")[number // 6 % 2]
    customer = _customer(number, unit)
    currency = "EUR" if team == "Contoso Germany" else "USD"
    price_list = record_id("pricelevels", PRICE_LISTS[currency])
    return {
        f"{entity}id": record_id(f"{entity}s", str(number)),
        "name": f"{word} {number + 1} of the demo",
        **customer,
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency_id(currency)})",
        "pricelevelid@odata.bind": f"/pricelevels({price_list})",
        "ownerid_team@odata.bind": f"/teams({team_id(team)})",
        "shipto_line1": f"Dock {number % 7 + 1}",
        "shipto_city": "Hamburg" if currency == "EUR" else "Portland",
        "shipto_country": ("Germany", None)[number % 2] if currency == "EUR" else "US",
    }


def _customer(number: int, unit: str) -> Row:
    """Every fifth document is a contact's own; the contact becomes an active customer (C2)."""
    if number % 5 == 3 and unit != "Contoso Global":
        buyers = [n for n in range(60) if n % 10 in CUSTOMERS and contact_unit(n) == unit]
        contact = record_id("contacts", str(buyers[number // 5 % len(buyers)]))
        return {"customerid_contact@odata.bind": f"/contacts({contact})"}
    account = record_id("accounts", str(account_of(unit, number // 6 % 4)))
    return {"customerid_account@odata.bind": f"/accounts({account})"}


def _sold(seed: int) -> dict[int, Product]:
    return {number: Product.of(row) for number, row in offered(seed).items()}


def _lines(number: int, sold: dict[int, Product], unit: str, *, write_in: bool) -> list[Row]:
    count = number % 4 + 1
    lines = [_line(number + place, sold[_choice(number, place, unit)]) for place in range(count)]
    if write_in:
        lines.append(
            {
                "isproductoverridden": True,
                "ispriceoverridden": True,
                "productdescription": "Gift wrapping",
                "quantity": Decimal(1),
                "priceperunit": Decimal("4.5"),
            }
        )
    return lines


def _choice(number: int, place: int, unit: str) -> int:
    """Services are released in the US only."""
    if unit == "Contoso US" and place == 2:
        return SERVICES[number % len(SERVICES)]
    return IN_BOTH[(number * 5 + place) % len(IN_BOTH)]


def _line(number: int, product: Product) -> Row:
    line: Row = {
        "productid@odata.bind": f"/products({product.row_id})",
        "uomid@odata.bind": f"/uoms({record_id('uoms', product.unit)})",
        "quantity": Decimal(number % 6 + 1),
        "ispriceoverridden": True,
        "priceperunit": Decimal(5_000 + number * 1_237 % 20_000) / 100,
    }
    if discount := DISCOUNTS[number % len(DISCOUNTS)]:
        line["manualdiscountamount"] = discount
    return line
