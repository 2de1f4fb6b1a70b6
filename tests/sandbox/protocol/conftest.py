"""One sandbox for the facts, asked over HTTP."""

import pytest
from p2c_sandbox.process import Running

from tests.sandbox.faults.conftest import Client, clients


@pytest.fixture(scope="module")
def running(sandbox_base) -> Running:
    return sandbox_base(switches={"finops.failed_part": 500})


@pytest.fixture(scope="module")
def both(running) -> tuple[Client, Client]:
    return clients(running)


@pytest.fixture
def sales(both) -> Client:
    both[0].sign_in()
    return both[0]


@pytest.fixture
def finops(both) -> Client:
    both[1].sign_in()
    return both[1]


@pytest.fixture
def faults(running):
    yield running.faults
    running.faults.clear()
