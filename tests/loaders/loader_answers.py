"""What a service in memory answers once, and how often it was written to."""

from collections.abc import Callable

import httpx
import pytest

from tests.loaders.loader_service import FakeService

SYSTEMS = pytest.mark.parametrize("system", ["sales", "finops"])


Change = Callable[[httpx.Request], httpx.Response | None]


def once(answer: httpx.Response, *, tail: str = "") -> Change:
    """Replaces one answer after the work was done."""
    left = [answer]
    return lambda request: left.pop() if left and request.url.path.endswith(tail) else None


def sends(fake: FakeService) -> int:
    """Requests that write, known by what stands in them."""
    written = (b"PATCH ", b"POST https", b'"Targets"', b"DELETE ")
    return sum(any(word in request.content for word in written) for request in fake.requests)
