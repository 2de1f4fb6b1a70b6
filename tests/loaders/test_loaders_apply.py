"""A plan is applied in order and once, and every row is counted."""

import threading

import httpx
import pytest

from loaders import (
    Ledger,
    apply_plan,
    read_targets,
    verify_plan,
)
from loaders.errors import PlanAlreadyApplied
from tests.loaders.loader_apply import Applied, owner
from tests.loaders.loader_rows import change, guid


def test_every_row_is_written_and_counted(applied: Applied) -> None:
    applied.world.build(
        owners=[owner(1)],
        things=[change(number) for number in range(1, 8)],
        gadgets=[change(number, system="finops", flow="gadgets") for number in range(1, 4)],
    )
    plan = applied.plan()
    report = applied.apply(plan, sales_rows_per_request=2, finops_rows_per_request=2)
    assert report.status == "ok"
    assert report.written == 11
    assert report.counts["things", "sales.widgets"].written == 7
    assert len(applied.sales.rows) == 8
    assert len(applied.finops.rows) == 3
    last = {progress.target: (progress.done, progress.total) for progress in applied.seen}
    assert last == {"sales.owners": (1, 1), "sales.widgets": (7, 7), "finops.Gadgets": (3, 3)}
    assert report.requests == len(applied.sales.requests) + len(applied.finops.requests)


def test_parents_are_written_before_children(applied: Applied) -> None:
    applied.world.build(owners=[owner(1), owner(2)], things=[change(1), change(2)])
    applied.apply(applied.plan())
    paths = [
        request.url.path
        for request in applied.sales.requests
        if "CreateMultiple" in request.url.path
    ]
    assert [path.split("/")[-2] for path in paths] == ["owners", "widgets"]


def test_children_of_a_record_that_was_not_created_are_blocked(applied: Applied) -> None:
    applied.sales.refuse = lambda body: "No such owner" if body.get("name") == "bad" else None
    applied.world.build(
        owners=[owner(1, after={"name": "bad"}), owner(2)],
        things=[
            change(1, parents='["sales.owners/O-1"]'),
            change(2, parents='["sales.owners/O-2"]'),
            change(3, parents='["sales.owners/O-1", "sales.owners/O-2"]'),
        ],
    )
    plan = applied.plan()
    report = applied.apply(plan)
    assert applied.statuses(plan) == {
        "owners O-1": "rejected",
        "owners O-2": "acknowledged",
        "things N-1": "blocked",
        "things N-2": "acknowledged",
        "things N-3": "blocked",
    }
    assert report.status == "partial"
    counts = report.counts["things", "sales.widgets"]
    assert (counts.written, counts.blocked, counts.failed) == (1, 2, 0)


def test_an_update_its_parent_refused_blocks_no_child(applied: Applied) -> None:
    applied.sales.put(f"({guid(101)})", {"name": "before"})
    applied.sales.refuse = lambda body: "no" if body.get("name") == "bad" else None
    refused = owner(1, operation="update", etag='W/"1"', after={"name": "bad"})
    applied.world.build(owners=[refused], things=[change(1, parents='["sales.owners/O-1"]')])
    plan = applied.plan()
    applied.apply(plan)
    assert applied.statuses(plan)["things N-1"] == "acknowledged"


def test_rows_are_in_the_ledger_as_sent_before_the_request_leaves(applied: Applied) -> None:
    seen: list[int] = []

    def look(request: httpx.Request) -> None:
        with Ledger.open(applied.world.state_dir) as other:
            seen.append(len(other.unanswered()))

    applied.world.build(things=[change(1), change(2), change(3)])
    applied.sales.before = look
    applied.apply(applied.plan())
    assert seen
    assert set(seen) == {3}


def test_a_second_apply_of_a_plan_writes_nothing(applied: Applied) -> None:
    applied.world.build(things=[change(1)])
    plan = applied.plan()
    applied.apply(plan)
    with pytest.raises(PlanAlreadyApplied):
        applied.apply(plan)
    assert applied.sales.versions == {f"({guid(1)})": 1}


def test_no_more_requests_at_once_than_workers(applied: Applied) -> None:
    together: list[int] = []
    now, lock = [0], threading.Lock()
    meeting = threading.Barrier(2, timeout=5)

    def enter(request: httpx.Request) -> None:
        with lock:
            now[0] += 1
            together.append(now[0])
        if "CreateMultiple" in request.url.path:
            meeting.wait()

    def leave(request: httpx.Request) -> None:
        with lock:
            now[0] -= 1

    applied.sales.before, applied.sales.after = enter, leave
    applied.world.build(things=[change(number) for number in range(1, 17)])
    report = applied.apply(applied.plan(), sales_rows_per_request=2, workers=2)
    assert report.written == 16
    assert max(together) == 2


def test_a_service_that_is_not_set_up_is_named(applied: Applied) -> None:
    applied.world.build(things=[change(1)])
    plan = applied.plan()
    graph = read_targets(applied.world.manifest_path)
    report = apply_plan(applied.world.warehouse, graph, applied.ledger, plan.plan_id, {})
    assert report.status == "aborted"
    assert "[sources.sales]" in str(report.error)


def test_an_empty_plan_is_applied_without_a_request(applied: Applied) -> None:
    applied.world.build()
    report = applied.apply(applied.plan())
    assert (report.status, report.written, report.requests) == ("ok", 0, 0)


def test_a_record_that_moved_since_it_was_read_stays_as_it_is(applied: Applied) -> None:
    applied.sales.put(f"({guid(1)})", {"name": "as read"})
    applied.world.build(things=[change(1, "update", after={"name": "from us"})])
    plan = applied.plan()
    applied.sales.put(f"({guid(1)})", {"name": "from them"})
    report = applied.apply(plan)
    assert report.counts["things", "sales.widgets"].stale == 1
    assert applied.sales.rows[f"({guid(1)})"] == {"name": "from them"}


def test_what_was_written_is_verified_by_reading_it_back(applied: Applied) -> None:
    applied.world.build(
        things=[change(1), change(2)],
        gadgets=[change(3, system="finops", flow="gadgets")],
    )
    plan = applied.plan()
    applied.apply(plan)
    applied.sales.put(f"({guid(2)})", {"name": "cut"})
    services = {"sales": applied.sales.service(), "finops": applied.finops.service()}
    found = verify_plan(
        read_targets(applied.world.manifest_path), applied.ledger, plan.plan_id, services
    )
    assert found.right == {("things", "sales.widgets"): 1, ("gadgets", "finops.Gadgets"): 1}
    assert found.wrong == {("things", "sales.widgets"): 1, ("gadgets", "finops.Gadgets"): 0}
    rows = applied.ledger.connection.execute(
        "select record_key, status, error_code, error_message from writes where system = 'sales'"
    ).fetchall()
    assert tuple(rows[0]) == ("N-1", "verified", None, None)
    assert tuple(rows[1])[:3] == ("N-2", "acknowledged", "not_persisted")
    assert "name is 'cut', not 'Thing 2'" in rows[1]["error_message"]
    assert applied.ledger.not_persisted(plan.plan_id) == {("things", "sales.widgets"): 1}
