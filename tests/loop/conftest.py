"""One sandbox and one settled warehouse for all tests of the loop.

`settled` is made once: two runs, and what both services held before and after. Stories that change
something go on from there and leave both systems settled again, so that they may run in any order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

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
    customers: Customers
    products: Products


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
    seeds = Seeds()
    return Settled(
        world, before, first, after, second, rejects,
        Customers(before, seeds), Products(before, seeds),
    )  # fmt: skip
