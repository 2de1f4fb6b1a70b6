"""A plan is applied in order, once, and goes on where it stopped."""

import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from loaders import (
    ApplyReport,
    ApplySettings,
    Ledger,
    apply_plan,
    make_plan,
    plan_changes,
    read_targets,
    recover_in_flight,
    verify_plan,
)
from loaders.applying.interrupt import stop_on_interrupt
from loaders.errors import PlanAlreadyApplied
from loaders.models import Change, Plan, Progress
from tests.loaders.loader_world import FakeClock, FakeService, World, change, guid


def owner(number: int, **more: object) -> Change:
    key = {"ownerid": guid(100 + number)}
    return change(number, flow="owners", record_key=f"O-{number}", key_values=key, **more)


class Run:
    """Two services in memory, and the plan of a world applied to them."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.sales, self.finops = FakeService("sales"), FakeService("finops")
        self.stop = threading.Event()
        self.seen: list[Progress] = []

    def plan(self) -> Plan:
        return make_plan(self.world.warehouse, read_targets(self.world.manifest_path), self.ledger)

    def apply(self, plan: Plan, **settings: int) -> ApplyReport:
        return apply_plan(
            self.world.warehouse,
            read_targets(self.world.manifest_path),
            self.ledger,
            plan.plan_id,
            {"sales": self.sales.service(), "finops": self.finops.service()},
            settings=ApplySettings(**{"workers": 2, **settings}),
            progress=self.seen.append,
            stop=self.stop,
        )

    def statuses(self, plan: Plan) -> dict[str, str]:
        rows = plan_changes(self.ledger, plan.plan_id)
        return {f"{row.flow} {row.record_key}": row.status for row in rows}


@pytest.fixture
def run(world: World, ledger: Ledger) -> Run:
    return Run(world, ledger)


def test_every_row_is_written_and_counted(run: Run) -> None:
    run.world.build(
        owners=[owner(1)],
        things=[change(number) for number in range(1, 8)],
        gadgets=[change(number, system="finops", flow="gadgets") for number in range(1, 4)],
    )
    plan = run.plan()
    report = run.apply(plan, sales_rows_per_request=2, finops_rows_per_request=2)
    assert report.status == "ok"
    assert report.written == 11
    assert report.counts["things", "sales.widgets"].written == 7
    assert len(run.sales.rows) == 8
    assert len(run.finops.rows) == 3
    last = {progress.target: (progress.done, progress.total) for progress in run.seen}
    assert last == {"sales.owners": (1, 1), "sales.widgets": (7, 7), "finops.Gadgets": (3, 3)}
    assert report.requests == len(run.sales.requests) + len(run.finops.requests)


def test_parents_are_written_before_children(run: Run) -> None:
    run.world.build(owners=[owner(1), owner(2)], things=[change(1), change(2)])
    run.apply(run.plan())
    paths = [
        request.url.path for request in run.sales.requests if "CreateMultiple" in request.url.path
    ]
    assert [path.split("/")[-2] for path in paths] == ["owners", "widgets"]


def test_children_of_a_record_that_was_not_created_are_blocked(run: Run) -> None:
    run.sales.refuse = lambda body: "No such owner" if body.get("name") == "bad" else None
    run.world.build(
        owners=[owner(1, after={"name": "bad"}), owner(2)],
        things=[
            change(1, parents='["sales.owners/O-1"]'),
            change(2, parents='["sales.owners/O-2"]'),
            change(3, parents='["sales.owners/O-1", "sales.owners/O-2"]'),
        ],
    )
    plan = run.plan()
    report = run.apply(plan)
    assert run.statuses(plan) == {
        "owners O-1": "rejected",
        "owners O-2": "acknowledged",
        "things N-1": "blocked",
        "things N-2": "acknowledged",
        "things N-3": "blocked",
    }
    assert report.status == "partial"
    counts = report.counts["things", "sales.widgets"]
    assert (counts.written, counts.blocked, counts.failed) == (1, 2, 0)


def test_an_update_its_parent_refused_blocks_no_child(run: Run) -> None:
    run.sales.put(f"({guid(101)})", {"name": "before"})
    run.sales.refuse = lambda body: "no" if body.get("name") == "bad" else None
    refused = owner(1, operation="update", etag='W/"1"', after={"name": "bad"})
    run.world.build(owners=[refused], things=[change(1, parents='["sales.owners/O-1"]')])
    plan = run.plan()
    run.apply(plan)
    assert run.statuses(plan)["things N-1"] == "acknowledged"


def test_rows_are_in_the_ledger_as_sent_before_the_request_leaves(run: Run) -> None:
    seen: list[int] = []

    def look(request: httpx.Request) -> None:
        with Ledger.open(run.world.state_dir) as other:
            seen.append(len(other.unanswered()))

    run.world.build(things=[change(1), change(2), change(3)])
    run.sales.before = look
    run.apply(run.plan())
    assert seen
    assert set(seen) == {3}


def test_a_second_apply_of_a_plan_writes_nothing(run: Run) -> None:
    run.world.build(things=[change(1)])
    plan = run.plan()
    run.apply(plan)
    with pytest.raises(PlanAlreadyApplied):
        run.apply(plan)
    assert run.sales.versions == {f"({guid(1)})": 1}


def dies(request: httpx.Request) -> httpx.Response:
    raise SystemExit("killed")


def test_a_killed_apply_is_resumed_without_doubling_or_losing(run: Run) -> None:
    run.world.build(things=[change(number) for number in range(1, 11)])
    plan = run.plan()
    run.sales.after = lambda request: dies(request) if len(run.sales.rows) >= 4 else None
    with pytest.raises(SystemExit):
        run.apply(plan, sales_rows_per_request=2, workers=1)
    assert "sent" in run.statuses(plan).values()
    run.sales.after = lambda request: None
    report = run.apply(plan, sales_rows_per_request=2)
    assert (report.status, report.written) == ("ok", 10)
    assert set(run.sales.versions.values()) == {1}
    assert len(run.sales.rows) == 10


def test_writes_a_killed_run_left_open_are_settled_before_the_next_plan(
    run: Run, clock: FakeClock
) -> None:
    run.world.build(things=[change(1), change(2)])
    first = run.plan()
    landed, lost = (row.write_id for row in plan_changes(run.ledger, first.plan_id))
    run.ledger.mark_sent([landed, lost])
    run.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    graph = read_targets(run.world.manifest_path)
    assert recover_in_flight(graph, run.ledger, {"sales": run.sales.service()}) == 2
    assert list(run.statuses(first).values()) == ["acknowledged", "planned"]
    assert recover_in_flight(graph, run.ledger, {"sales": run.sales.service()}) == 0


def test_a_record_in_doubt_is_not_written_before_it_can_be_read(run: Run) -> None:
    """One record that cannot be read back stops no run; its next write waits."""
    run.world.build(things=[change(1), change(2)])
    first = run.plan()
    run.ledger.mark_sent(row.write_id for row in plan_changes(run.ledger, first.plan_id))
    run.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    get = run.sales._get
    odd = (500, {}, {"error": {"code": "0x1", "message": "odd plug-in"}})
    run.sales._get = lambda key: odd if key == f"({guid(2)})" else get(key)  # type: ignore[method-assign]
    graph = read_targets(run.world.manifest_path)
    recover_in_flight(graph, run.ledger, {"sales": run.sales.service()})
    assert list(run.statuses(first).values()) == ["acknowledged", "unresolved"]
    run.world.build(things=[change(2), change(3)])
    run.world.extract("load-2", run.ledger.clock.now() + timedelta(hours=1))
    second = run.plan()
    assert run.statuses(second) == {"things N-2": "blocked", "things N-3": "planned"}
    [held, _] = plan_changes(run.ledger, second.plan_id)
    assert "odd plug-in" in str(held.error_message)
    assert run.apply(second).counts["things", "sales.widgets"].blocked == 1
    assert f"({guid(2)})" not in run.sales.rows
    run.sales._get = get  # type: ignore[method-assign]
    assert recover_in_flight(graph, run.ledger, {"sales": run.sales.service()}) == 1
    assert not run.ledger.unanswered()


def test_an_outage_ends_the_run_and_the_plan_goes_on_later(run: Run) -> None:
    run.world.build(
        things=[change(number) for number in range(1, 7)],
        gadgets=[change(1, system="finops", flow="gadgets")],
    )
    plan = run.plan()

    def down(request: httpx.Request) -> httpx.Response | None:
        if len(run.sales.rows) >= 2:
            raise httpx.ConnectError("refused")
        return None

    run.sales.before = down
    report = run.apply(plan, sales_rows_per_request=2, workers=1)
    assert report.status == "aborted"
    assert "cannot be reached" in str(report.error)
    counts = report.counts["things", "sales.widgets"]
    assert (counts.written, counts.unsent) == (2, 4)
    run.sales.before = lambda request: None
    report = run.apply(plan)
    assert (report.status, report.written) == ("ok", 7)


def test_stopping_finishes_what_is_in_flight_and_leaves_the_rest(run: Run) -> None:
    run.world.build(things=[change(number) for number in range(1, 9)])
    plan = run.plan()
    run.sales.after = lambda request: run.stop.set() if len(run.sales.rows) >= 2 else None
    report = run.apply(plan, sales_rows_per_request=2, workers=1)
    assert report.status == "interrupted"
    counts = report.counts["things", "sales.widgets"]
    assert counts.written == len(run.sales.rows)
    assert counts.written + counts.unsent == 8
    assert set(run.statuses(plan).values()) == {"acknowledged", "planned"}
    run.stop.clear()
    run.sales.after = lambda request: None
    assert run.apply(plan).written == 8


def test_the_first_ctrl_c_asks_the_second_interrupts() -> None:
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(stop):
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_no_more_requests_at_once_than_workers(run: Run) -> None:
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

    run.sales.before, run.sales.after = enter, leave
    run.world.build(things=[change(number) for number in range(1, 17)])
    report = run.apply(run.plan(), sales_rows_per_request=2, workers=2)
    assert report.written == 16
    assert max(together) == 2


def test_a_service_that_is_not_set_up_is_named(run: Run) -> None:
    run.world.build(things=[change(1)])
    plan = run.plan()
    graph = read_targets(run.world.manifest_path)
    report = apply_plan(run.world.warehouse, graph, run.ledger, plan.plan_id, {})
    assert report.status == "aborted"
    assert "[sources.sales]" in str(report.error)


def test_an_empty_plan_is_applied_without_a_request(run: Run) -> None:
    run.world.build()
    report = run.apply(run.plan())
    assert (report.status, report.written, report.requests) == ("ok", 0, 0)


def test_a_record_that_moved_since_it_was_read_stays_as_it_is(run: Run) -> None:
    run.sales.put(f"({guid(1)})", {"name": "as read"})
    run.world.build(things=[change(1, "update", after={"name": "from us"})])
    plan = run.plan()
    run.sales.put(f"({guid(1)})", {"name": "from them"})
    report = run.apply(plan)
    assert report.counts["things", "sales.widgets"].stale == 1
    assert run.sales.rows[f"({guid(1)})"] == {"name": "from them"}


def test_what_was_written_is_verified_by_reading_it_back(run: Run) -> None:
    run.world.build(
        things=[change(1), change(2)],
        gadgets=[change(3, system="finops", flow="gadgets")],
    )
    plan = run.plan()
    run.apply(plan)
    run.sales.put(f"({guid(2)})", {"name": "cut"})
    services = {"sales": run.sales.service(), "finops": run.finops.service()}
    found = verify_plan(read_targets(run.world.manifest_path), run.ledger, plan.plan_id, services)
    assert found.right == {("things", "sales.widgets"): 1, ("gadgets", "finops.Gadgets"): 1}
    assert found.wrong == {("things", "sales.widgets"): 1, ("gadgets", "finops.Gadgets"): 0}
    rows = run.ledger.connection.execute(
        "select record_key, status, error_code, error_message from writes where system = 'sales'"
    ).fetchall()
    assert tuple(rows[0]) == ("N-1", "verified", None, None)
    assert tuple(rows[1])[:3] == ("N-2", "acknowledged", "not_persisted")
    assert "name is 'cut', not 'Thing 2'" in rows[1]["error_message"]
    assert run.ledger.not_persisted(plan.plan_id) == {("things", "sales.widgets"): 1}


def test_a_sigterm_asks_like_a_ctrl_c() -> None:
    """What `kill` and a container's end send lets the requests in flight finish, too."""
    stop = threading.Event()
    with stop_on_interrupt(stop):
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


PRIVILEGE = "Principal user (Id={id}) is missing prvCreateWidget privilege."


def refuse_things(run: Run, message: Callable[[str], str | None]) -> None:
    """Refuses creates of things by their name."""
    run.sales.refuse = lambda body: message(str(body["name"])) if "widgetid" in body else None
    apply = run.sales._apply

    def refused(
        method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        said = message(str(body.get("name"))) if method == "PATCH" else None
        if said and "/widgets" in run.sales.requests[-1].content.decode():
            return 403, {}, {"error": {"code": "0x80040220", "message": said}}
        return apply(method, key, headers, body)

    run.sales._apply = refused  # type: ignore[method-assign]


@pytest.mark.parametrize("bulk", [True, False])
def test_a_target_that_fails_alike_stops_and_its_rest_stays_planned(run: Run, bulk: bool) -> None:
    """A missing privilege costs `stop_after` rows, not one request for each row."""
    run.sales.bulk = bulk
    refuse_things(run, lambda name: PRIVILEGE.format(id=guid(len(name))))
    things = [change(number) for number in range(1, 101)]
    run.world.build(things=things, owners=[owner(1)], gadgets=[change(1, system="finops")])
    plan = run.plan()
    report = run.apply(plan, stop_after=10)
    things_counts = report.counts["things", "sales.widgets"]
    assert (things_counts.failed, things_counts.unsent) == (10, 90)
    assert report.counts["owners", "sales.owners"].written == 1
    assert report.counts["gadgets", "finops.Gadgets"].written == 1
    assert (report.status, report.error) == ("partial", None)
    [said] = report.stopped
    assert said.startswith("sales.widgets stopped: 10 rows in a row were refused")
    assert "missing prvCreateWidget" in said
    assert "0x80040220" in said
    assert "The other 90 rows stay planned" in said


def test_a_plan_with_a_target_that_stopped_goes_on_once_the_cause_is_mended(run: Run) -> None:
    """The rest is sent by applying the same plan again."""
    refuse_things(run, lambda name: PRIVILEGE)
    run.world.build(things=[change(number) for number in range(1, 31)])
    plan = run.plan()
    run.apply(plan, stop_after=10)
    assert run.ledger.plan(plan.plan_id).status == "partial"
    refuse_things(run, lambda name: None)
    run.sales.refuse = lambda body: None
    run.sales._apply = FakeService._apply.__get__(run.sales)  # type: ignore[method-assign]
    report = run.apply(plan, stop_after=10)
    assert report.counts["things", "sales.widgets"].written == 20
    assert run.ledger.plan(plan.plan_id).status == "applied"


def test_records_that_may_not_be_read_stop_their_target_too(run: Run) -> None:
    """The look before an update is refused with the same words for each of them."""
    rows = [change(number, "update", "finops") for number in range(1, 31)]
    refused = (403, {}, {"error": {"message": "User is not authorized to read view Gadgets."}})
    run.finops._get = lambda key: refused  # type: ignore[method-assign]
    run.world.build(gadgets=rows)
    report = run.apply(run.plan(), stop_after=8)
    counts = report.counts["gadgets", "finops.Gadgets"]
    assert (counts.failed, counts.unsent) == (8, 22)
    assert "not authorized to read view" in report.stopped[0]


@pytest.mark.parametrize("size", [3, 500])
def test_rows_that_fail_for_different_reasons_stop_nobody(run: Run, size: int) -> None:
    """One bad record costs one record; a success in between starts the count again."""
    refuse_things(
        run, lambda name: None if name.endswith("7") else f"{name} has no parent of its own."
    )
    run.world.build(things=[change(number) for number in range(1, 41)])
    report = run.apply(run.plan(), stop_after=5, sales_rows_per_request=size)
    counts = report.counts["things", "sales.widgets"]
    assert (counts.failed, counts.written, counts.unsent) == (36, 4, 0)
    assert report.stopped == ()


def test_what_refers_to_a_record_of_a_stopped_target_waits_with_it(run: Run) -> None:
    """Its children stay planned, not blocked: the same plan can write them later."""
    run.sales.bulk = False
    apply = run.sales._apply

    def no_owners(method: str, key: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        if b"/owners(" in run.sales.requests[-1].content:
            return 403, {}, {"error": {"code": "0x80040220", "message": "missing prvCreateOwner"}}
        return apply(method, key, headers, body)

    run.sales._apply = no_owners  # type: ignore[method-assign]
    owners = [owner(number) for number in range(1, 9)]
    children = [change(1, parents='["sales.owners/O-8"]'), change(2), change(3, parents="[]")]
    run.world.build(owners=owners, things=children)
    plan = run.plan()
    report = run.apply(plan, stop_after=4)
    statuses = run.statuses(plan)
    assert [statuses[f"owners O-{n}"] for n in (1, 4, 5, 8)] == ["rejected"] * 2 + ["planned"] * 2
    assert statuses["things N-1"] == "planned"
    assert statuses["things N-2"] == statuses["things N-3"] == "acknowledged"
    assert report.status == "partial"
