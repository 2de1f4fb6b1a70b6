"""Puts demo data into the two stores, each in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, cast

from sandbox.demo import finance
from sandbox.demo.accounts import Row
from sandbox.demo.products import products
from sandbox.finops.values import empty_row
from sandbox.odata.model import Value
from sandbox.odata.store import Store

Profile = Literal["base", "demo"]
CHUNK = 5_000


@dataclass(frozen=True)
class Size:
    """How much demo data: accounts of Sales, product numbers of F&O (some in two companies)."""

    accounts: int = 520
    products: int = 420


def seed_finops(store: Store, profile: Profile, size: Size, seed: int) -> None:
    """Setup, and with the profile "demo" products and a few customers."""
    with store.transaction():
        for entity_set, rows in finance.setup().items():
            _insert_finops(store, entity_set, rows)
        if profile == "demo":
            _insert_finops(store, "UnitsOfMeasure", [{"UnitSymbol": "zz"}])
            _insert_finops(store, "SellableReleasedProducts", products(size.products, seed))
            _insert_finops(store, "CustomersV3", finance.customers(seed))


def _insert_finops(store: Store, entity_set: str, rows: Iterable[Row]) -> None:
    """F&O holds no null: what a row leaves out gets its empty form (protocols B6)."""
    blank = empty_row(store.service.table(entity_set), store.service)
    _insert(store, entity_set, ({**blank, **row} for row in rows))


def _insert(store: Store, entity_set: str, rows: Iterable[Row]) -> None:
    for chunk in _chunks(rows):
        store.insert(entity_set, cast(list[Mapping[str, Value]], chunk))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    pending = iter(rows)
    while chunk := list(islice(pending, CHUNK)):
        yield chunk
