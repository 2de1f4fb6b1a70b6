"""Retry, quarantine, verify and undo, with services in memory."""

import json
from collections.abc import Iterator

import pytest

from loaders import (
    ApplyReport,
    GuardSettings,
    Ledger,
    Plan,
    apply_plan,
    check_guards,
    flow_report,
    last_applied,
    load_plan,
    make_plan,
    make_retry,
    make_undo,
    plan_changes,
    plan_of_run,
    read_targets,
    verify_plan,
)
from loaders.errors import UndoRefused, UnknownRun
from tests.loaders.loader_world import FakeClock, FakeService, World, change, guid

BAD = "The name is too short."


class Loop:
    """Both services, and runs against them. Each run pretends an extract before it."""

    def __init__(self, world: World, clock: FakeClock) -> None:
        self.world, self.clock = world, clock
        self.ledger = Ledger.open(world.state_dir, clock)
        self.sales, self.finops = FakeService("sales"), FakeService("finops")
        self.graph = read_targets(world.manifest_path)
        self.extracts = 1

    @property
    def services(self):
        return {"sales": self.sales.service(), "finops": self.finops.service()}

    def read(self) -> None:
        self.extracts += 1
        self.clock.advance(60)
        self.world.extract(f"load-{self.extracts}", self.clock.now())

    def run(self, **changes) -> ApplyReport:
        self.world.build(**changes)
        self.read()
        return self.apply(make_plan(self.world.warehouse, self.graph, self.ledger))

    def apply(self, plan: Plan) -> ApplyReport:
        return apply_plan(
            self.world.warehouse, self.graph, self.ledger, plan.plan_id, self.services
        )

    def retry(self, **options) -> Plan:
        return make_retry(self.world.warehouse, self.graph, self.ledger, **options)

    def undo(self, plan_id: str) -> Plan:
        return make_undo(self.graph, self.ledger, plan_id, self.services)

    def keys(self, plan: Plan) -> list[str]:
        return [row.record_key for row in plan_changes(self.ledger, plan.plan_id)]

    def statuses(self, plan: Plan) -> list[tuple[str, str]]:
        rows = plan_changes(self.ledger, plan.plan_id)
        return [(row.record_key, row.status) for row in rows]

    def report(self, applied: ApplyReport):
        plan = load_plan(self.ledger, applied.plan_id)
        return flow_report(self.world.warehouse, self.graph, plan, applied, run_id="r", seconds=1.0)


@pytest.fixture
def loop(world: World, clock: FakeClock) -> Iterator[Loop]:
    made = Loop(world, clock)
    yield made
    made.ledger.close()


def refuse_short(body: dict) -> str | None:
    return BAD if len(body.get("name", "long")) < 4 else None


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


def test_a_value_sent_twice_is_read_back_and_reported_once(loop: Loop) -> None:
    """The service takes the name and keeps another."""
    key = f"({guid(1)})"
    loop.sales.put(key, {"name": "first"})
    loop.run(things=[change(1, "update", after={"name": "Wanted"})])
    loop.sales.put(key, {"name": "Wan"})
    put = loop.sales.put
    loop.sales.put = lambda key, values: put(key, {**values, "name": "Wan"})  # type: ignore[method-assign]
    update = change(1, "update", after={"name": "Wanted"}, etag='W/"3"')
    report = loop.run(things=[update])
    assert report.counts["things", "sales.widgets"].unverified == 1
    [row] = plan_changes(loop.ledger, report.plan_id)
    assert row.not_persisted == '{"name":"Wan"}'


def test_verify_leaves_out_what_a_later_plan_wrote(loop: Loop) -> None:
    first = loop.run(things=[change(1), change(2)])
    loop.run(things=[change(1, "update", after={"name": "Newer"})])
    found = verify_plan(loop.graph, loop.ledger, first.plan_id, loop.services)
    assert (found.right, found.later) == ({("things", "sales.widgets"): 1}, 1)


# undo


def test_an_undo_takes_back_creates_and_updates(loop: Loop) -> None:
    key = f"({guid(9)})"
    loop.sales.put(key, {"name": "Before"})
    done = loop.run(
        owners=[change(5, key_values={"ownerid": guid(5)}, flow="owners", record_key="O-5")],
        things=[
            change(1),
            change(9, "update", after={"name": "After"}, before={"name": "Before"}),
        ],
        gadgets=[change(3, system="finops", flow="gadgets")],
    )
    plan = loop.undo(done.plan_id)
    rows = list(plan_changes(loop.ledger, plan.plan_id))
    assert [(row.record_key, row.operation) for row in rows] == [
        ("N-9", "update"),
        ("N-1", "delete"),
        ("O-5", "delete"),
        ("N-3", "delete"),
    ]
    check_guards(loop.world.warehouse, loop.ledger, plan, GuardSettings())
    report = loop.apply(plan)
    assert (report.status, report.written) == ("ok", 4)
    assert loop.sales.rows == {key: {"name": "Before"}}
    assert loop.finops.rows == {}
    flows = {flow["flow"]: flow for flow in loop.report(report).flows}
    assert (flows["things"]["update"], flows["things"]["deactivate"]) == (1, 1)


def test_the_undo_of_an_undone_update_writes_it_again(loop: Loop) -> None:
    loop.sales.put(f"({guid(9)})", {"name": "Before"})
    done = loop.run(things=[change(9, "update", after={"name": "A"}, before={"name": "Before"})])
    back = loop.apply(loop.undo(done.plan_id))
    loop.apply(loop.undo(back.plan_id))
    assert loop.sales.rows[f"({guid(9)})"]["name"] == "A"


def test_what_somebody_changed_since_is_not_undone(loop: Loop) -> None:
    done = loop.run(things=[change(1), change(2)])
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    plan = loop.undo(done.plan_id)
    assert loop.statuses(plan) == [("N-2", "planned"), ("N-1", "blocked")]
    report = loop.apply(plan)
    assert (report.written, report.counts["things", "sales.widgets"].blocked) == (1, 1)
    assert [row["name"] for row in loop.sales.rows.values()] == ["Theirs"]


def test_what_changes_between_undo_and_apply_is_stale(loop: Loop) -> None:
    done = loop.run(things=[change(1)])
    plan = loop.undo(done.plan_id)
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    assert loop.apply(plan).counts["things", "sales.widgets"].stale == 1
    assert [row["name"] for row in loop.sales.rows.values()] == ["Theirs"]


def test_a_parent_stays_when_its_child_does(loop: Loop) -> None:
    done = loop.run(
        things=[change(1), change(2, parents='["sales.widgets/N-1"]')],
    )
    loop.sales.put(f"({guid(2)})", {"name": "Theirs"})
    with pytest.raises(UndoRefused, match="stays, because a record that refers to it does"):
        loop.undo(done.plan_id)


def test_what_a_later_run_wrote_again_is_not_undone(loop: Loop) -> None:
    done = loop.run(things=[change(1)])
    loop.run(things=[change(1, "update", after={"name": "Newer"})])
    with pytest.raises(UndoRefused, match=r"written again by .*: undo that first"):
        loop.undo(done.plan_id)


def test_deleted_records_cannot_be_undone(loop: Loop) -> None:
    loop.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    done = loop.run(things=[change(1, "delete", after=None)])
    with pytest.raises(UndoRefused, match="a deleted record is not kept"):
        loop.undo(done.plan_id)


def test_a_target_decides_how_its_records_are_taken_back(world: World, clock: FakeClock) -> None:
    loop = Loop(world, clock)
    writes = {"undo": "deactivate", "deactivate": {"active": False}}
    loop.graph = with_writes(world, "changes_sales__things", writes)
    done = loop.run(things=[change(1)])
    loop.apply(loop.undo(done.plan_id))
    assert loop.sales.rows[f"({guid(1)})"]["active"] is False
    writes = {"undo": "none", "undo_reason": "posted documents stay."}
    loop.graph = with_writes(world, "changes_sales__things", writes)
    done = loop.run(things=[change(2)])
    with pytest.raises(UndoRefused, match="N-2: posted documents stay"):
        loop.undo(done.plan_id)
    loop.ledger.close()


def with_writes(world: World, model: str, writes: dict):
    content = json.loads(world.manifest_path.read_text())
    content["nodes"][f"model.p.{model}"]["config"]["meta"]["writes"].update(writes)
    world.manifest_path.write_text(json.dumps(content))
    return read_targets(world.manifest_path)


def test_runs_and_plans_are_found_by_id(loop: Loop) -> None:
    run_id = loop.ledger.start_run("apply")
    done = loop.run(things=[change(1)])
    loop.ledger.finish_run(run_id, "ok", {"plan_id": done.plan_id})
    assert plan_of_run(loop.ledger, run_id) == done.plan_id
    assert plan_of_run(loop.ledger, done.plan_id) == done.plan_id
    assert last_applied(loop.ledger) == done.plan_id
    with pytest.raises(UnknownRun, match="Nothing in the ledger was written by nobody"):
        plan_of_run(loop.ledger, "nobody")
