"""Both systems' records of one world, with the label of each."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.matching_set import customers, goods, people
from benchmarks.matching_set.customers import Record
from benchmarks.matching_set.vocabulary import countries

T = TypeVar("T")
SHARED = 0.70  # of the records on each side
DOUBLED = 0.03  # of the records are a second one of somebody who is there already


@dataclass(frozen=True)
class Sides:
    """What Sales and what F&O have of one entity; records with one `truth` are the same thing."""

    sales: list[Record]
    finops: list[Record]


@dataclass(frozen=True)
class World:
    """A whole set."""

    customers: Sides
    contacts: Sides
    products: Sides


def world(seed: int, size: int, others: bool = True) -> World:
    """`size` records of each entity on each side; `others`: not of customers alone."""
    draw = random.Random(seed)
    lands = countries(seed, min(6000, max(700, size // 20)))
    firms = customers.companies(draw, lands, _population(size))
    parties = _sides(draw, firms, size, customers.record)
    if not others:
        return World(parties, Sides([], []), Sides([], []))
    persons = people.people(draw, firms, _population(size))
    things = goods.products(draw, _population(size))
    return World(
        parties,
        _sides(draw, persons, size, people.record),
        _sides(draw, things, size, goods.record),
    )


def _population(size: int) -> int:
    """How many there are in all: those that both have, and those of one side each."""
    return 2 * size - round(size * SHARED)


def _sides(
    draw: random.Random,
    things: Sequence[T],
    size: int,
    record: Callable[[random.Random, T], Record],
) -> Sides:
    own = size - round(size * SHARED)
    shared, rest = things[: size - own], things[size - own :]
    first = _records(draw, [*shared, *rest[:own]], size, record)
    second = _records(draw, [*shared, *rest[own:]], size, record)
    return Sides(_numbered(draw, first, "S"), _numbered(draw, second, "US-"))


def _records(
    draw: random.Random,
    things: Sequence[T],
    size: int,
    record: Callable[[random.Random, T], Record],
) -> list[Record]:
    """One record of each, but for some that give way to a second one of another."""
    doubled = round(size * DOUBLED)
    kept = draw.sample(things, size - doubled)
    found = [record(draw, thing) for thing in [*kept, *draw.choices(kept, k=doubled)]]
    draw.shuffle(found)
    return found


def _numbered(draw: random.Random, records: list[Record], prefix: str) -> list[Record]:
    """Each system numbers on its own; a few old numbers are the other system's by chance."""
    found = []
    for i, one in enumerate(records):
        number = f"{10_000 + i}" if draw.random() < 0.02 else f"{prefix}{100_000 + i}"
        found.append(one if one.number else replace(one, number=number))
    return found
