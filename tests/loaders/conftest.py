"""Fixtures of the loaders' tests. Back-offs are off: time passes in the fake clock only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from loaders import Ledger
from tests.loaders.loader_apply import Applied
from tests.loaders.loader_bench import Bench
from tests.loaders.loader_loop import Loop
from tests.loaders.loader_rows import FakeClock
from tests.loaders.loader_world import World


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6, cap=True):
        yield


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def ledger(world: World, clock: FakeClock) -> Iterator[Ledger]:
    with Ledger.open(world.state_dir, clock) as opened:
        yield opened


@pytest.fixture
def sales(clock: FakeClock) -> Bench:
    return Bench(clock)


@pytest.fixture
def finops(clock: FakeClock) -> Bench:
    return Bench(clock, "finops")


@pytest.fixture
def trusting(clock: FakeClock) -> Bench:
    """F&O where an old ETag is refused, and known to be."""
    return Bench(clock, "finops", read_before_update=False)


@pytest.fixture
def applied(world: World, ledger: Ledger) -> Applied:
    return Applied(world, ledger)


@pytest.fixture
def loop(world: World, clock: FakeClock) -> Iterator[Loop]:
    runs = Loop(world, clock)
    yield runs
    runs.ledger.close()
