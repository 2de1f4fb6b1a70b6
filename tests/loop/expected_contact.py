"""What a record holds after its first contact with `fill` (K3), computed as `expected.py` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from .world import Row

NOTHING = (None, "", 0, Decimal(0))
# What belongs together is filled as a whole or not at all; marks are always written.
CUSTOMER_SETS: tuple[Callable[[str], bool], ...] = (
    lambda name: name.startswith("Address"),
    lambda name: name.startswith("DeliveryAddress"),
    lambda name: name in ("SiteId", "WarehouseId"),
)
PRODUCT_SETS: tuple[Callable[[str], bool], ...] = (
    lambda name: name in ("_transactioncurrencyid_value", "price", "currentcost"),
    lambda name: name in ("_defaultuomid_value", "_defaultuomscheduleid_value"),
)
MARKS = ("IsExternallyMaintained", "msdynce_ismaintainedexternally")


def filled(ours: Row, theirs: Row | None, sets: Iterable[Callable[[str], bool]]) -> Row:
    """`ours` where they have nothing, theirs elsewhere; all of `ours` where they have no record."""
    if theirs is None:
        return ours
    found: Row = {}
    for name, value in ours.items():
        together = next((members for members in sets if members(name)), lambda _: False)
        others = [other for other in ours if other != name and together(other)]
        free = theirs[name] in NOTHING and all(
            theirs[other] in NOTHING or theirs[other] == ours[other] for other in others
        )
        found[name] = value if free or name in MARKS else theirs[name]
    return found
