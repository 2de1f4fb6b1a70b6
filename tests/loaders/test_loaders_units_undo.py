"""What came as one unit is taken back as one unit: all of a document goes, or none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.loaders.loader_loop import Loop
from tests.loaders.loader_rows import FakeClock, guid
from tests.loaders.loader_world import World
from tests.loaders.test_loaders_units import as_documents, both, document, fates, keys, there


@pytest.fixture
def loop(world: World, clock: FakeClock) -> Iterator[Loop]:
    loop = Loop(world, clock)
    loop.graph = as_documents(world)
    yield loop
    loop.ledger.close()


def test_what_came_whole_is_taken_back_whole(loop: Loop) -> None:
    plan = loop.undo(loop.run(**document(1)).plan_id)
    sent = len(loop.sales.requests)
    done = loop.apply(plan)
    assert (done.status, done.written) == ("ok", 3)
    assert loop.sales.rows == {}
    [written] = [r for r in loop.sales.requests[sent:] if b"DELETE" in r.content]
    assert written.content.count(b"boundary=changeset_") == 1


def test_a_document_that_somebody_changes_meanwhile_stays_whole(loop: Loop) -> None:
    plan = loop.undo(loop.run(**document(1)).plan_id)
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    done = loop.apply(plan)
    assert done.written == 0
    assert there(loop) == keys(1, 11, 12)
    found = fates(loop, plan.plan_id)
    assert {status for status, _ in found.values()} == {"stale"}
    assert found["N-11"][1] == "N-11 stays: O-1, which goes with it, was changed."


@pytest.mark.parametrize("status", [None, 429, 504])
def test_what_its_own_lines_move_as_they_go_is_no_change_of_a_document(
    loop: Loop, status: int | None
) -> None:
    """Totals of a document, and flags of its other lines, follow each line that is deleted."""
    plan = loop.undo(loop.run(**both(document(1, 3), document(2))).plan_id)
    loop.sales.moves = lambda gone: [key for key in loop.sales.rows if key in keys(1, 11, 12, 13)]
    if status:
        loop.sales.before = fail_once(status, lambda: None)
    done = loop.apply(plan)
    assert (done.status, done.written) == ("ok", 7)
    assert there(loop) == set()


@pytest.mark.parametrize("status", [429, 504])
@pytest.mark.parametrize("number", [1, 12])
def test_a_document_that_somebody_changes_between_two_tries_stays_whole(
    loop: Loop, status: int, number: int
) -> None:
    plan = loop.undo(loop.run(**document(1)).plan_id)
    change_it = lambda: loop.sales.put(f"({guid(number)})", {"note": "Theirs"})  # noqa: E731
    loop.sales.before = fail_once(status, change_it)
    assert loop.apply(plan).written == 0
    assert there(loop) == keys(1, 11, 12)
    assert {status for status, _ in fates(loop, plan.plan_id).values()} == {"stale"}


def fail_once(
    status: int, meanwhile: Callable[[], None]
) -> Callable[[httpx.Request], httpx.Response | None]:
    """The first request with a delete is not processed; then somebody does something."""
    failed: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response | None:
        if b"DELETE" not in request.content or failed:
            return None
        failed.append(request)
        meanwhile()
        return httpx.Response(status, text="<html>Not now</html>", headers={"Retry-After": "1"})

    return fail
