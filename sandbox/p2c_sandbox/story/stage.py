"""What the story is told with: its products, prices and parts, and the sandbox it plays in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from p2c_sandbox.actions import perform
from p2c_sandbox.process import Running

Moves = Mapping[str, Mapping[str, int]]
COMPANY = "usmf"
TAX_GROUP = "DOM"
FREIGHT = Decimal("25.00")


class StoryDiffers(Exception):
    """A step did not go as the story goes; the sentence names it."""


@dataclass(frozen=True)
class Sold:
    """A line of the quotation: a product of the story, its price and the line's discount."""

    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal(0)


TENT = Sold("Tent", Decimal(3), Decimal("100.00"), Decimal("10.00"))
LAMP = Sold("Lamp", Decimal(5), Decimal("24.50"))
SOLD = (TENT, LAMP)
# What goes with the first packing slip, and with the first invoice, by line.
FIRST_PART: Mapping[int, Decimal] = {1: Decimal(2)}


@dataclass
class Stage:
    """The sandbox, and the numbers that its systems gave on the way."""

    running: Running
    turn: int = 1
    numbers: dict[str, str] = field(default_factory=dict)

    def do(self, action: str, **options: object) -> Mapping[str, object]:
        """Take an action. Raises ActionRefused, httpx.HTTPError."""
        return perform(self.running, action, options)

    def product(self, sold: Sold) -> str:
        """The product's number in this telling of the story."""
        return f"ADV-{self.turn}-{sold.name.upper()}"


@dataclass(frozen=True)
class Step:
    """What happens; `act` says it in a sentence, `moves` is what the next run has to move.

    `goes_on`: in a quick story people do the next step, too, before there is a run.
    """

    name: str
    act: Callable[[Stage], str]
    moves: Moves = field(default_factory=dict)
    goes_on: bool = False
