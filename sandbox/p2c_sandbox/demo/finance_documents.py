"""Orders that were born in F&O of the demo: what should come to Sales, and what should not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from p2c_sandbox.demo.accounts import account_number
from p2c_sandbox.demo.catalogue import IN_BOTH
from p2c_sandbox.demo.products import product_number
from p2c_sandbox.finops.actions import ACTIONS
from p2c_sandbox.finops.desk import Desk
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.store import Store

# Accounts whose customers are in F&O and kept in Sales already (finance.KNOWN_CUSTOMERS).
AMERICAN, GERMAN = (43, 45), 41
SHIPPED_PART = {1: Decimal(1)}


@dataclass(frozen=True)
class _Order:
    """An order to enter: a customer, what is done with it in turn, and what is special."""

    customer: str
    steps: tuple[str, ...]
    company: str = "usmf"
    freight: Decimal = Decimal(0)
    number: str = ""
    work_order: bool = False


def enter(store: Store, seed: int) -> None:
    """Enter the orders and bring each as far as it goes."""
    writings = Writings(store, FinopsSettings())
    for place, order in enumerate(_orders(seed)):
        _enter(Desk(writings, order.company), order, place)


def _orders(seed: int) -> tuple[_Order, ...]:
    one, two = (account_number(number, seed) for number in AMERICAN)
    german = account_number(GERMAN, seed)
    done = ("confirm", "totals")
    return (
        _Order(one, done, freight=Decimal(25)),
        _Order(two, (*done, "pick")),
        _Order(one, (*done, "ship part")),
        _Order(two, (*done, "invoice"), freight=Decimal("12.5")),
        _Order(one, (*done, "ship part", "invoice part")),
        _Order(two, (*done, "cancel")),
        _Order(german, done, "demf", Decimal("9.9")),
        _Order(german, (*done, "invoice"), "demf"),
        # What does not come, each for a reason of its own (flows O2, O9).
        _Order(one, ("totals",)),
        _Order(two, ("confirm",)),
        _Order(one, done, work_order=True),
        _Order("US-001", (*done, "invoice")),
        _Order("DE-001", done, "demf"),
        _Order(german, done, "demf", number="SO000000001"),
    )


def _enter(desk: Desk, order: _Order, place: int) -> None:
    created = ACTIONS["create-order"](
        desk,
        customer=order.customer,
        order=order.number,
        reference=f"PO {7000 + place}",
        work_order=order.work_order,
    )
    number = str(created["order"])
    for line in range(place % 3 + 1):
        ACTIONS["add-line"](
            desk,
            order=number,
            product=product_number(IN_BOTH[(place + line) % len(IN_BOTH)]),
            quantity=Decimal(place % 4 + 2),
            price=Decimal(2_000 + place * 731) / 100,
            discount=Decimal(10) if line == 0 else Decimal(0),
        )
    if order.freight:
        ACTIONS["add-charge"](desk, order=number, amount=order.freight)
    for step in order.steps:
        _STEPS[step](desk, number)


_STEPS: dict[str, Callable[[Desk, str], object]] = {
    "confirm": lambda desk, order: ACTIONS["confirm-order"](desk, order=order),
    "totals": lambda desk, order: ACTIONS["calculate-totals"](desk, order=order),
    "pick": lambda desk, order: ACTIONS["pick"](desk, order=order),
    "cancel": lambda desk, order: ACTIONS["cancel-order"](desk, order=order),
    "ship part": lambda desk, order: ACTIONS["packing-slip"](
        desk, order=order, quantities=SHIPPED_PART
    ),
    "invoice part": lambda desk, order: ACTIONS["invoice"](desk, order=order),
    "invoice": lambda desk, order: ACTIONS["invoice"](desk, order=order, whole=True),
}
