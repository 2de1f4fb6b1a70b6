"""One sandbox and one settled warehouse for all tests of the loop.

`settled` is made once: two runs, and what both services held before and after. Stories that change
something go on from there and leave both systems settled again, so that they may run in any order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import process
from tests.conftest import Data

from .expected import Customers, Products, Seeds
from .world import Answer, Snapshot, World


@dataclass(frozen=True)
class Settled:
    """A world after its first two runs. `expected…` is computed from `before` alone."""

    world: World
    before: Snapshot
    first: Answer
    after: Snapshot
    second: Answer
    rejects: Answer
    rejected: list[tuple[Any, ...]]
    disagreements: set[tuple[str, str]]
    customers: Customers
    products: Products


REJECTED = (
    "select flow, target, source_key, code, column_name, value, message "
    "from quality.rejected_records"
)
# Other files' tests may come in between: it ends with this process.
PATIENCE_SECONDS = 1800


@pytest.fixture(scope="session")
def world(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("sandbox")
    process.copy_data(sandbox_data.of("demo"), folder)
    with process.start(folder, parent=os.getpid(), idle_timeout=PATIENCE_SECONDS) as running:
        yield World(running, tmp_path_factory.mktemp("loop"))


@pytest.fixture(scope="session")
def settled(world: World) -> Settled:
    before = world.look()
    first = world.p2c("run", "--json")
    assert first.exit == 0, first.err
    after = world.look()
    second = world.p2c("run", "--json")
    assert second.exit == 0, second.err
    rejects = world.p2c("rejects", "--json")
    rejected = world.query(REJECTED)
    disagreements = world.query(
        "select product_number, column_name from quality.product_disagreements"
    )
    seeds = Seeds()
    return Settled(
        world, before, first, after, second, rejects, rejected, {*disagreements},
        Customers(before, seeds), Products(before, seeds),
    )  # fmt: skip
