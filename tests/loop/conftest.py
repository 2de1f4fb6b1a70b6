"""One sandbox and one synced warehouse for all tests of the loop.

`synced` is made once: two runs, and what both services held before and after. Stories that change
something go on from there and leave both systems in sync again, so that they may run in any order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from p2c_sandbox import process

from tests.conftest import IDLE_SECONDS, Data

from .expected import Customers, Seeds
from .expected_products import Products
from .world import Answer, Snapshot, World


@dataclass(frozen=True)
class Synced:
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


@contextmanager
def a_world(data: Data, folder: Path, demo: str, patience: int = IDLE_SECONDS) -> Iterator[World]:
    """A sandbox with this data and an empty warehouse, both under `folder`."""
    process.copy_data(data.of(demo), folder / "sandbox")
    (folder / "loop").mkdir()
    with process.start(folder / "sandbox", parent=os.getpid(), idle_timeout=patience) as running:
        yield World(running, folder / "loop")


@pytest.fixture(scope="session")
def world(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(
        sandbox_data, tmp_path_factory.mktemp("world"), "demo", PATIENCE_SECONDS
    ) as created:
        yield created


@pytest.fixture(scope="session")
def synced(world: World) -> Synced:
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
    return Synced(
        world, before, first, after, second, rejects, rejected, {*disagreements},
        Customers(before, seeds), Products(before, seeds),
    )  # fmt: skip
