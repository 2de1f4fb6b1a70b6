"""Picking lists and packing slips: what leaves the warehouse."""

from __future__ import annotations

from decimal import Decimal

from p2c_sandbox.finops.actions.words import OrderNumber, Parts
from p2c_sandbox.finops.amounts import plain
from p2c_sandbox.finops.desk import Desk, Quantities
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.rules.documents import LINE, ORDERS, number_of
from p2c_sandbox.finops.rules.status import DELIVERED, ORDERED, PICKED
from p2c_sandbox.finops.rules.totals import write
from p2c_sandbox.odata.model import Row


def pick(desk: Desk, *, order: OrderNumber, quantities: Parts = None) -> dict[str, object]:
    """Post a picking list, for all that remains or for a part."""
    header = desk.open_order(order)
    for line, quantity in _parts(desk, header, quantities, PICKED, "picked"):
        write(desk.store, ORDERS.lines, [(line, {PICKED: number_of(line, PICKED) + quantity})])
    return desk.up_to_date(header)


def packing_slip(desk: Desk, *, order: OrderNumber, quantities: Parts = None) -> dict[str, object]:
    """Post a packing slip, for all that remains or for a part."""
    header = desk.open_order(order)
    deliver(desk, _parts(desk, header, quantities, None, "delivered"))
    return desk.up_to_date(header)


def deliver(desk: Desk, parts: list[tuple[Row, Decimal]]) -> None:
    """Note what was delivered; what was picked goes down by it."""
    for line, quantity in parts:
        delivered = {DELIVERED: number_of(line, DELIVERED) + quantity}
        if number_of(line, PICKED):
            delivered[PICKED] = _nearer_to_zero(number_of(line, PICKED), quantity)
        write(desk.store, ORDERS.lines, [(line, delivered)])


def remaining(line: Row, also: str | None = None) -> Decimal:
    """What is not delivered yet, and not picked either when `also` says so."""
    left = number_of(line, ORDERED) - number_of(line, DELIVERED)
    return left - number_of(line, also) if also else left


def _parts(
    desk: Desk, header: Row, wanted: Quantities | None, also: str | None, verb: str
) -> list[tuple[Row, Decimal]]:
    lines = ORDERS.lines_of(desk.store, header)
    if wanted is None:
        parts = [(line, remaining(line, also)) for line in lines]
    else:
        parts = [(desk.line(header, number), quantity) for number, quantity in wanted.items()]
    for line, quantity in parts:
        check_part(header, line, quantity, remaining(line, also), verb)
    parts = [(line, quantity) for line, quantity in parts if quantity]
    if not parts:
        raise FinopsError(f"{ORDERS.label(header)} has nothing left to be {verb}.")
    return parts


def check_part(header: Row, line: Row, quantity: Decimal, left: Decimal, verb: str) -> None:
    """A part has the sign of the whole and is no larger (lines may have negative quantities)."""
    if quantity * left < 0 or abs(quantity) > abs(left):
        raise FinopsError(
            f"{ORDERS.label(header)}, line {line[LINE]}: {plain(quantity)} cannot be {verb}, "
            f"{plain(left)} are left."
        )


def _nearer_to_zero(picked: Decimal, quantity: Decimal) -> Decimal:
    return picked - quantity if abs(picked) > abs(quantity) else Decimal(0)
