"""What is pruned is what nothing follows from any more; the rest is found as before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from loaders import (
    Ledger,
    apply_plan,
    make_plan,
    make_undo,
    plan_changes,
    prune,
    publish,
    read_targets,
    restore,
)
from loaders.errors import StalePlan, UndoRefused
from loaders.ledger.history import to_quarantine, unwritten
from loaders.models import Change, Outcome, Plan
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_world import World

DAY = timedelta(days=1).total_seconds()


class Past:
    """Plans on successive days, each with the outcomes of its rows."""

    def __init__(self, world: World, ledger: Ledger, clock: FakeClock) -> None:
        self.world, self.ledger, self.clock = world, ledger, clock

    def day(self, rows: list[Change], statuses: list[str]) -> Plan:
        self.clock.advance(DAY)
        self.world.build(things=rows)
        self.world.extract(f"load-{self.clock.monotonic()}", self.clock.now())
        self.clock.advance(1)
        graph = read_targets(self.world.manifest_path)
        plan = make_plan(self.world.warehouse, graph, self.ledger, quarantine_after=99)
        self.ledger.set_plan_status(plan.plan_id, "applying")
        became = dict(zip((row.record_key for row in rows), statuses, strict=True))
        planned = list(plan_changes(self.ledger, plan.plan_id))
        self.ledger.mark_sent(row for row in planned if became[row.record_key] != "planned")
        self.ledger.record(
            Outcome(row.write_id, status, error_message="no" if status == "rejected" else None)
            for row in planned
            if (status := became[row.record_key]) not in ("planned", "sent")
        )
        self.ledger.set_plan_status(plan.plan_id, "applied")
        publish(self.ledger, self.world.warehouse)
        return plan

    def prune(self, days: float = 90, **more: bool) -> tuple[int, int]:
        found = prune(self.ledger, self.world.warehouse, days, **more)
        return found.plans, found.rows

    def known(self) -> set[tuple[str, str, str]]:
        rows = self.ledger.connection.execute("select plan_id, record_key, status from writes")
        return {tuple(row) for row in rows}


@pytest.fixture
def past(world: World, ledger: Ledger, clock: FakeClock) -> Past:
    """A create of three records, three updates of the first, and what was never sent of a plan."""
    past = Past(world, ledger, clock)
    past.day([change(1), change(2), change(3)], ["acknowledged", "acknowledged", "rejected"])
    past.day([change(1, "update"), change(3)], ["acknowledged", "rejected"])
    past.day([change(1, "update"), change(3)], ["acknowledged", "sent"])
    past.day([change(1, "update"), change(4)], ["acknowledged", "planned"])
    clock.advance(100 * DAY)
    past.day([change(9)], ["acknowledged"])
    return past


def test_rows_that_something_follows_from_stay(past: Past) -> None:
    before = past.known()
    assert past.prune() == (4, 5)  # what was never sent of plan-4, too
    assert past.known() == before - {
        ("plan-2", "N-1", "acknowledged"),
        ("plan-3", "N-1", "acknowledged"),
        ("plan-1", "N-3", "rejected"),
        ("plan-2", "N-3", "rejected"),
    }
    assert [row.record_key for row in plan_changes(past.ledger, "plan-4")] == ["N-1"]
    assert [row.after for row in plan_changes(past.ledger, "plan-1")] == [
        '{"name": "Thing 1"}',
        '{"name": "Thing 2"}',
    ]
    assert list(plan_changes(past.ledger, "plan-2")) == []
    assert [row.write_id for _, row in past.ledger.unanswered()] == ["plan-3-000001"]


def test_the_copy_in_the_warehouse_loses_the_same_rows(past: Past, world: World) -> None:
    past.prune()
    sql = "select plan_id, record_key, status from ledger.writes"
    assert set(world.sql(sql)) == past.known()
    world.warehouse.unlink()
    world.build()
    publish(past.ledger, world.warehouse)
    assert set(world.sql(sql)) == past.known()
    assert world.sql("select count(*) from ledger.writes where after is null") == [(0,)]


def test_a_dry_run_says_the_same_and_drops_nothing(past: Past) -> None:
    before, files = past.known(), sorted(past.ledger.path.parent.glob("plans/*"))
    assert past.prune(dry_run=True) == (4, 5)
    assert past.known() == before
    assert sorted(past.ledger.path.parent.glob("plans/*")) == files
    found = prune(past.ledger, past.world.warehouse, 90, dry_run=True)
    assert dict(found.kept) == {"agreed": 3, "unanswered": 1}


def test_a_second_prune_finds_nothing(past: Past) -> None:
    past.prune()
    before = past.known()
    assert past.prune() == (0, 0)
    assert past.known() == before


def test_what_is_younger_or_was_applied_last_stays_whole(past: Past, clock: FakeClock) -> None:
    assert past.prune(days=1000) == (0, 0)
    clock.advance(1000 * DAY)
    past.prune()
    assert past.ledger.plan("plan-5").is_pruned is False


def test_a_pruned_plan_is_neither_applied_nor_undone(past: Past, world: World) -> None:
    past.prune()
    graph = read_targets(world.manifest_path)
    past.ledger.set_plan_status("plan-4", "interrupted")
    with pytest.raises(StalePlan, match="dropped for their age"):
        apply_plan(world.warehouse, graph, past.ledger, "plan-4", {})
    with pytest.raises(UndoRefused, match="dropped for their age"):
        make_undo(graph, past.ledger, "plan-2", {})


def test_what_waits_and_what_fails_alike_is_still_known(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    past = Past(world, ledger, clock)
    for _ in range(3):
        past.day([change(1)], ["rejected"])
    past.prune(days=0.5)
    assert [row["record_key"] for row in unwritten(ledger)] == ["N-1"]
    clock.advance(200 * DAY)
    past.day([change(2)], ["acknowledged"])
    past.prune()
    assert [row["record_key"] for row in unwritten(ledger)] == ["N-1"]
    assert to_quarantine(ledger, 3) == {}


def test_a_lost_ledger_comes_back_as_it_was_pruned(past: Past, world: World) -> None:
    past.prune()
    before, folder = past.known(), past.ledger.path.parent
    publish(past.ledger, world.warehouse)
    past.ledger.close()
    for path in [*folder.glob("ledger*"), *folder.glob("plans/*")]:
        path.unlink()
    with Ledger.open(folder, past.clock) as new:
        restore(new, world.warehouse)
        rows = new.connection.execute("select plan_id, record_key, status from writes")
        assert {tuple(row) for row in rows} == before
        assert [row.record_key for row in plan_changes(new, "plan-4")] == ["N-1"]


def test_files_that_no_plan_names_are_swept(past: Past) -> None:
    folder: Path = past.ledger.path.parent / "plans"
    (folder / "plan-77.parquet").write_text("")
    (folder / "plan-78.parquet.unfinished").write_text("")
    past.prune()
    assert sorted(path.name for path in folder.iterdir()) == [
        "plan-1.parquet",
        "plan-3.parquet",
        "plan-4.parquet",
        "plan-5.parquet",
    ]


def test_the_file_shrinks(world: World, ledger: Ledger, clock: FakeClock) -> None:
    past = Past(world, ledger, clock)
    rows = [change(n, "update") for n in range(300)]
    for _ in range(4):
        past.day(rows, ["acknowledged"] * 300)
    clock.advance(100 * DAY)
    past.day([change(1)], ["acknowledged"])
    found = prune(ledger, world.warehouse, 90)
    assert found.rows == 900
    assert found.bytes_after < found.bytes_before / 2
