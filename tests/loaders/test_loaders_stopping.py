"""An apply that was stopped or killed goes on without doubling or losing a row."""

import signal
import threading
from datetime import timedelta

import httpx
import pytest

from loaders import (
    plan_changes,
    read_targets,
    recover_in_flight,
)
from loaders.applying.interrupt import stop_on_interrupt
from tests.loaders.loader_apply import Applied
from tests.loaders.loader_rows import FakeClock, change, guid


def dies(request: httpx.Request) -> httpx.Response:
    raise SystemExit("killed")


def test_a_killed_apply_is_resumed_without_doubling_or_losing(applied: Applied) -> None:
    applied.world.build(things=[change(number) for number in range(1, 11)])
    plan = applied.plan()
    applied.sales.after = lambda request: dies(request) if len(applied.sales.rows) >= 4 else None
    with pytest.raises(SystemExit):
        applied.apply(plan, sales_rows_per_request=2, workers=1)
    assert "sent" in applied.statuses(plan).values()
    applied.sales.after = lambda request: None
    report = applied.apply(plan, sales_rows_per_request=2)
    assert (report.status, report.written) == ("ok", 10)
    assert set(applied.sales.versions.values()) == {1}
    assert len(applied.sales.rows) == 10


def test_writes_a_killed_run_left_open_are_recovered_before_the_next_plan(
    applied: Applied, clock: FakeClock
) -> None:
    applied.world.build(things=[change(1), change(2)])
    first = applied.plan()
    landed, lost = (row.write_id for row in plan_changes(applied.ledger, first.plan_id))
    applied.ledger.mark_sent([landed, lost])
    applied.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    graph = read_targets(applied.world.manifest_path)
    assert recover_in_flight(graph, applied.ledger, {"sales": applied.sales.service()}) == 2
    assert list(applied.statuses(first).values()) == ["acknowledged", "planned"]
    assert recover_in_flight(graph, applied.ledger, {"sales": applied.sales.service()}) == 0


def test_a_record_in_doubt_is_not_written_before_it_can_be_read(applied: Applied) -> None:
    """One record that cannot be read back stops no run; its next write waits."""
    applied.world.build(things=[change(1), change(2)])
    first = applied.plan()
    applied.ledger.mark_sent(row.write_id for row in plan_changes(applied.ledger, first.plan_id))
    applied.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    get = applied.sales._get
    odd = (500, {}, {"error": {"code": "0x1", "message": "odd plug-in"}})
    applied.sales._get = lambda key: odd if key == f"({guid(2)})" else get(key)  # type: ignore[method-assign]
    graph = read_targets(applied.world.manifest_path)
    recover_in_flight(graph, applied.ledger, {"sales": applied.sales.service()})
    assert list(applied.statuses(first).values()) == ["acknowledged", "unresolved"]
    applied.world.build(things=[change(2), change(3)])
    applied.world.extract("load-2", applied.ledger.clock.now() + timedelta(hours=1))
    second = applied.plan()
    assert applied.statuses(second) == {"things N-2": "blocked", "things N-3": "planned"}
    [held, _] = plan_changes(applied.ledger, second.plan_id)
    assert "odd plug-in" in str(held.error_message)
    assert applied.apply(second).counts["things", "sales.widgets"].blocked == 1
    assert f"({guid(2)})" not in applied.sales.rows
    applied.sales._get = get  # type: ignore[method-assign]
    assert recover_in_flight(graph, applied.ledger, {"sales": applied.sales.service()}) == 1
    assert not applied.ledger.unanswered()


def test_an_outage_ends_the_run_and_the_plan_goes_on_later(applied: Applied) -> None:
    applied.world.build(
        things=[change(number) for number in range(1, 7)],
        gadgets=[change(1, system="finops", flow="gadgets")],
    )
    plan = applied.plan()

    def down(request: httpx.Request) -> httpx.Response | None:
        if len(applied.sales.rows) >= 2:
            raise httpx.ConnectError("refused")
        return None

    applied.sales.before = down
    report = applied.apply(plan, sales_rows_per_request=2, workers=1)
    assert report.status == "aborted"
    assert "cannot be reached" in str(report.error)
    counts = report.counts["things", "sales.widgets"]
    assert (counts.written, counts.unsent) == (2, 4)
    applied.sales.before = lambda request: None
    report = applied.apply(plan)
    assert (report.status, report.written) == ("ok", 7)


def test_stopping_finishes_what_is_in_flight_and_leaves_the_rest(applied: Applied) -> None:
    applied.world.build(things=[change(number) for number in range(1, 9)])
    plan = applied.plan()
    applied.sales.after = lambda request: (
        applied.stop.set() if len(applied.sales.rows) >= 2 else None
    )
    report = applied.apply(plan, sales_rows_per_request=2, workers=1)
    assert report.status == "interrupted"
    counts = report.counts["things", "sales.widgets"]
    assert counts.written == len(applied.sales.rows)
    assert counts.written + counts.unsent == 8
    assert set(applied.statuses(plan).values()) == {"acknowledged", "planned"}
    applied.stop.clear()
    applied.sales.after = lambda request: None
    assert applied.apply(plan).written == 8


def test_the_first_ctrl_c_asks_the_second_interrupts() -> None:
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(stop):
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_sigterm_asks_like_a_ctrl_c() -> None:
    """What `kill` and a container's end send lets the requests in flight finish, too."""
    stop = threading.Event()
    with stop_on_interrupt(stop):
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
