"""A sandbox over https, as clients made for the real services expect it."""

from collections.abc import Iterator

import pytest
from p2c_sandbox.process import Running


@pytest.fixture(scope="module")
def running(sandbox_base) -> Running:
    return sandbox_base(tls=True)


@pytest.fixture
def faults(running) -> Iterator[object]:
    yield running.faults
    running.faults.clear()
