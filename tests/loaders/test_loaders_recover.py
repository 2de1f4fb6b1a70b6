"""A ledger or a warehouse that is lost, new or an older copy is noticed and mended."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from loaders import (
    Ledger,
    caught_up,
    has_missed,
    make_plan,
    plan_changes,
    publish,
    read_targets,
    restore,
)
from loaders.models import Outcome, Plan
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_world import World


@pytest.fixture
def plan(world: World, ledger: Ledger) -> Plan:
    """Three planned writes that the warehouse has a copy of."""
    world.build(things=[change(1), change(2), change(3)])
    plan = make_plan(world.warehouse, read_targets(world.manifest_path), ledger)
    assert restore(ledger, world.warehouse) == []
    publish(ledger, world.warehouse)
    return plan


def statuses(ledger: Ledger) -> list[str]:
    [plan] = ledger.connection.execute("select plan_id from plans").fetchall()
    counts = ledger.statuses(plan["plan_id"])["things", "sales.widgets"]
    return [status for status, rows in counts.items() for _ in range(rows)]


def acknowledge(ledger: Ledger, plan: Plan) -> None:
    ids = [row.write_id for row in plan_changes(ledger, plan.plan_id)]
    ledger.mark_sent(ids)
    ledger.record(Outcome(write_id, "acknowledged", 204) for write_id in ids)


def test_nothing_is_said_while_both_go_on_together(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    acknowledge(ledger, plan)
    ledger.record([])
    assert restore(ledger, world.warehouse) == []
    publish(ledger, world.warehouse)
    assert restore(ledger, world.warehouse) == []
    assert not has_missed(world.warehouse)


def test_a_lost_ledger_gets_its_rows_back(
    world: World, ledger: Ledger, plan: Plan, clock: FakeClock
) -> None:
    acknowledge(ledger, plan)
    publish(ledger, world.warehouse)
    before = [tuple(row)[2:] for row in ledger.connection.execute("select * from writes")]
    rows = list(plan_changes(ledger, plan.plan_id))
    ledger.close()
    shutil.rmtree(world.state_dir)
    with Ledger.open(world.state_dir, clock) as new:
        new.start_run("run")
        [message] = restore(new, world.warehouse)
        assert "is new" in message
        assert "4 rows of earlier runs were taken back" in message
        assert [tuple(row)[2:] for row in new.connection.execute("select * from writes")] == before
        assert new.plan(plan.plan_id).changes == 3
        assert list(plan_changes(new, plan.plan_id)) == rows
        publish(new, world.warehouse)
        assert restore(new, world.warehouse) == []


def test_a_new_ledger_beside_a_warehouse_without_runs_is_no_news(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    publish(ledger, world.warehouse)
    with Ledger.open(world.folder / "other", clock) as other:
        assert restore(other, world.warehouse) == []


def test_an_older_copy_of_the_ledger_is_brought_up_to_date(
    world: World, ledger: Ledger, plan: Plan, clock: FakeClock
) -> None:
    ledger.connection.execute("pragma wal_checkpoint(truncate)")
    copy = ledger.path.read_bytes()
    acknowledge(ledger, plan)
    publish(ledger, world.warehouse)
    ledger.close()
    shutil.rmtree(world.state_dir)
    world.state_dir.mkdir()
    ledger.path.write_bytes(copy)
    with Ledger.open(world.state_dir, clock) as older:
        assert statuses(older) == ["planned"] * 3
        [message] = restore(older, world.warehouse)
        assert "is older than the warehouse" in message
        assert statuses(older) == ["acknowledged"] * 3
        run = older.start_run("run")
        publish(older, world.warehouse)
        assert world.sql("select run_id from ledger.runs") == [(run,)]
        assert restore(older, world.warehouse) == []


def test_an_older_copy_of_the_warehouse_is_read_in_full_until_all_of_it_was(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    copy = world.warehouse.read_bytes()
    acknowledge(ledger, plan)
    publish(ledger, world.warehouse)
    world.warehouse.write_bytes(copy)
    [message] = restore(ledger, world.warehouse)
    assert "is older than the ledger" in message
    publish(ledger, world.warehouse)
    assert restore(ledger, world.warehouse) == []
    assert world.sql("select distinct status from ledger.writes") == [("acknowledged",)]
    assert has_missed(world.warehouse)
    caught_up(world.warehouse)
    assert not has_missed(world.warehouse)


def test_a_warehouse_that_knows_nothing_is_no_news(world: World, ledger: Ledger) -> None:
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute("create schema another")
    assert restore(ledger, world.warehouse) == []
