"""Retry and quarantine, with services in memory."""

from collections.abc import Callable

import pytest

from loaders import (
    Plan,
    last_applied,
    load_plan,
    make_plan,
    outcomes_of,
    plan_changes,
    plan_of_run,
)
from loaders.errors import UnknownRun
from tests.loaders.loader_loop import BAD, Loop, refuse_short
from tests.loaders.loader_rows import change, guid


def test_a_retry_holds_the_failed_rows_alone(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    things = [change(1), change(2, after={"name": "Bad"}), change(3)]
    first = loop.run(things=things)
    assert (first.status, first.written) == ("partial", 2)
    loop.sales.refuse = lambda body: None
    plan = loop.retry()
    assert (plan.kind, loop.keys(plan)) == ("retry", ["N-2"])
    report = loop.apply(plan)
    assert (report.status, report.written) == ("ok", 1)
    assert loop.sales.rows[f"({guid(2)})"]["name"] == "Bad"
    assert loop.sales.versions == {f"({guid(number)})": 1 for number in (1, 2, 3)}
    assert loop.retry().changes == 0


def test_a_retry_reports_its_own_rows(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    loop.run(things=[change(1), change(2, after={"name": "Bad"})])
    report = loop.report(loop.apply(loop.retry()))
    assert (report.kind, report.status) == ("retry", "partial")
    [flow] = report.flows
    assert (flow["source_rows"], flow["create"], flow["failed"]) == (1, 1, 1)


def test_a_retry_takes_new_images_once_the_warehouse_has_them(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    loop.run(things=[change(1, after={"name": "Bad"})])
    loop.world.build(things=[change(1, after={"name": "Better"})])
    loop.apply(loop.retry())
    assert loop.sales.rows[f"({guid(1)})"]["name"] == "Better"
    loop.world.build()
    assert loop.retry().changes == 0


def test_a_record_that_moved_is_stale_in_a_retry(loop: Loop) -> None:
    loop.sales.put(f"({guid(1)})", {"name": "Old name"})
    loop.sales.refuse = refuse_short
    loop.run(things=[change(1, "update", after={"name": "Bad"})])
    loop.sales.refuse = lambda body: None
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    report = loop.apply(loop.retry())
    assert report.counts["things", "sales.widgets"].stale == 1
    assert loop.sales.rows[f"({guid(1)})"]["name"] == "Theirs"


def test_a_blocked_child_goes_with_its_parent_or_stays_blocked(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    owner = {"flow": "owners", "record_key": "O-1", "key_values": {"ownerid": guid(1)}}
    parent = change(1, after={"name": "Bad"}, **owner)
    child = change(2, parents='["sales.owners/O-1"]')
    loop.run(owners=[parent], things=[child])
    for _ in range(2):
        loop.apply(loop.retry())
    assert loop.statuses(loop.retry()) == [("N-2", "blocked")]
    loop.sales.refuse = lambda body: None
    plan = loop.retry(quarantined=True)
    assert loop.apply(plan).written == 2


def test_a_row_that_fails_alike_three_times_is_quarantined(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    bad = change(2, after={"name": "Bad"})
    for _ in range(3):
        assert loop.run(things=[bad]).status == "partial"
    sent = len(loop.sales.requests)
    report = loop.run(things=[bad])
    counts = report.counts["things", "sales.widgets"]
    assert (report.status, counts.failed, counts.quarantined) == ("ok", 1, 1)
    assert len(loop.sales.requests) == sent
    assert loop.report(report).flows[0]["quarantined"] == 0
    [flow] = [f for f in loop.report(report).flows if f["flow"] == "things"]
    assert (flow["create"], flow["failed"], flow["quarantined"]) == (1, 1, 1)
    assert loop.retry().changes == 0
    [row] = plan_changes(loop.ledger, loop.retry(quarantined=True).plan_id)
    assert (row.record_key, row.status) == ("N-2", "planned")


@pytest.fixture
def held(loop: Loop) -> Plan:
    """A plan that was applied and sent nothing, as its one row failed three times before."""
    loop.sales.refuse = refuse_short
    for _ in range(4):
        plan = loop.run(things=[change(2, after={"name": "Bad"})]).plan_id
    return load_plan(loop.ledger, plan)


def planned_once(loop: Loop) -> Plan:
    return make_plan(loop.world.warehouse, loop.graph, loop.ledger, once=True)


def rows_kept(loop: Loop) -> int:
    return int(loop.ledger.connection.execute("select count(*) from outcomes").fetchone()[0])


def test_what_is_held_back_again_is_not_noted_again(loop: Loop, held: Plan) -> None:
    before = rows_kept(loop)
    plan = planned_once(loop)
    assert (plan.plan_id, plan.status) == (held.plan_id, "applied")
    assert rows_kept(loop) == before
    report = outcomes_of(loop.ledger, plan)
    assert (report.status, report.written, report.requests) == ("ok", 0, 0)
    assert report.counts["things", "sales.widgets"].quarantined == 1
    assert report.quarantined[0].startswith("N-2: Quarantined after it failed 3 times")


@pytest.mark.parametrize(
    "edit",
    [
        lambda loop: loop.world.build(things=[change(2, after={"name": "Bad"}), change(3)]),
        lambda loop: loop.world.build(things=[change(2, after={"name": "Sad"})]),
        lambda loop: loop.clock.advance(25 * 3600),
        lambda loop: loop.read(),
        lambda loop: [file.unlink() for file in loop.world.state_dir.glob("plans/*")],
    ],
    ids=["a new row", "another value", "a day later", "read anew", "files lost"],
)
def test_what_differs_is_a_plan_of_its_own(
    loop: Loop, held: Plan, edit: Callable[[Loop], object]
) -> None:
    edit(loop)
    plan = planned_once(loop)
    assert (plan.plan_id != held.plan_id, plan.status) == (True, "planned")


def test_a_guard_judges_what_is_held_back_again(loop: Loop, held: Plan) -> None:
    seen: list[Plan] = []
    make_plan(loop.world.warehouse, loop.graph, loop.ledger, judge=seen.append, once=True)
    assert [plan.counts for plan in seen] == [held.counts]


def test_another_value_or_another_error_starts_the_count_again(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    bad = change(2, after={"name": "Bad"})
    for _ in range(3):
        loop.run(things=[bad])
    assert loop.run(things=[change(2, after={"name": "Sad"})]).status == "partial"
    loop.finops.refuse = lambda body: BAD
    gadget = change(3, system="finops", flow="gadgets")
    loop.run(gadgets=[gadget])
    loop.run(gadgets=[gadget])
    loop.finops.before = lambda request: None
    loop.finops._error = lambda message, code="": {  # type: ignore[method-assign]
        "error": {"innererror": {"message": message, "type": "Another"}}
    }
    assert loop.run(gadgets=[gadget]).status == "partial"
    assert loop.run(gadgets=[gadget]).status == "partial"


def test_a_plan_nobody_applied_does_not_hide_a_failure(loop: Loop) -> None:
    loop.sales.refuse = refuse_short
    loop.run(things=[change(1, after={"name": "Bad"})])
    loop.read()
    make_plan(loop.world.warehouse, loop.graph, loop.ledger)
    assert loop.keys(loop.retry()) == ["N-1"]


def test_runs_and_plans_are_found_by_id(loop: Loop) -> None:
    run_id = loop.ledger.start_run("apply")
    done = loop.run(things=[change(1)])
    loop.ledger.finish_run(run_id, "ok", {"plan_id": done.plan_id})
    assert plan_of_run(loop.ledger, run_id) == done.plan_id
    assert plan_of_run(loop.ledger, done.plan_id) == done.plan_id
    assert last_applied(loop.ledger) == done.plan_id
    with pytest.raises(UnknownRun, match="Nothing in the ledger was written by nobody"):
        plan_of_run(loop.ledger, "nobody")
