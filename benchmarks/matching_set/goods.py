"""Products in families that differ by a size or a colour, and what each system has of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.matching_set import noise
from benchmarks.matching_set.customers import Record

KINDS = [
    "Hex bolt",
    "Washer",
    "Spring washer",
    "Lock nut",
    "Ball valve",
    "Gate valve",
    "Hose clamp",
    "Pipe elbow",
    "Pipe tee",
    "Cable tie",
    "LED lamp",
    "Safety glove",
    "Safety shoe",
    "Helmet",
    "Paint roller",
    "Drill bit",
    "Saw blade",
    "Grinding disc",
    "Bearing",
    "Gasket",
    "O-ring",
    "Hydraulic hose",
    "Pressure gauge",
    "Thermostat",
    "Circuit breaker",
    "Cable drum",
    "Work lamp",
    "Tool box",
    "Ladder",
    "Pallet",
]
MATERIALS = [
    "stainless steel",
    "galvanised",
    "brass",
    "rubber",
    "PVC",
    "aluminium",
    "nylon",
    "copper",
    "cast iron",
    "ceramic",
]
COLOURS = ["red", "blue", "black", "white", "yellow", "green", "grey", "orange"]
SIZES = ("M{a}x{b}", "{a} x {b} mm", "DN {a}", "{a} mm", "{b} cm", "{a} W", "size {a}", '{a}"')
SERIES = [
    "Pro",
    "Eco",
    "Max",
    "Plus",
    "Classic",
    "Ultra",
    "Prime",
    "Basic",
    "Flex",
    "Titan",
    "Nova",
    "Delta",
    "Orion",
    "Vega",
]
CHANGES: Sequence[tuple[float, noise.Change]] = (
    (0.12, noise.typing_error),
    (0.15, noise.swapped_words),
    (0.08, noise.capitals),
    (0.08, noise.other_punctuation),
    (0.04, noise.cut),
    (0.06, noise.shortened),
    (0.02, noise.remark),
)


@dataclass(frozen=True)
class Product:
    """One real product with the number that the manufacturer gave it."""

    truth: int
    name: str
    number: str


def products(draw: random.Random, count: int) -> list[Product]:
    """`count` products, families of one to eight beside each other, then shuffled; names differ."""
    by_name: dict[str, Product] = {}
    while len(by_name) < count:
        kind, material = draw.choice(KINDS), draw.choice(MATERIALS)
        series, size = f"{draw.choice(SERIES)} {draw.randint(10, 999)}", draw.choice(SIZES)
        family = f"{draw.choice('ABCDEFGHKLMNPRSTVWXZ')}{len(by_name) * 7 + draw.randint(100, 106)}"
        for member in range(draw.randint(1, 8)):
            measure = size.format(a=draw.randint(2, 60), b=draw.randint(10, 200))
            name = f"{kind} {series} {material} {measure}"
            if draw.random() < 0.4:
                name += f" {draw.choice(COLOURS)}"
            by_name.setdefault(name, Product(len(by_name), name, f"{family}-{member:02}"))
    found = list(by_name.values())[:count]
    draw.shuffle(found)
    return found


def record(draw: random.Random, product: Product) -> Record:
    """What a clerk has typed of one."""
    name = noise.changed(draw, product.name, CHANGES)
    if draw.random() < 0.1:
        name = name.replace(" mm", "mm").replace(" x ", "x")
    if draw.random() < 0.08:
        name = name.replace("stainless steel", draw.choice(("SS", "inox", "st. steel")))
    return Record(product.truth, name, number=_number(draw, product))


def _number(draw: random.Random, product: Product) -> str:
    """Three of four keep the manufacturer's number, in a writing of their own."""
    roll = draw.random()
    if roll < 0.25:
        return f"{draw.randint(100_000, 9_999_999)}"
    if roll < 0.28:
        return noise.typing_error(draw, product.number)
    return draw.choice([product.number, product.number.replace("-", ""), product.number.lower()])
