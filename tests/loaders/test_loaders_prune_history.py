"""Runs, plans without rows and counts: thinned by age to the last of each day, then dropped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from loaders import Ledger, Plan, PrunedHistory, prune, prune_history, publish
from loaders.clock import stamp
from loaders.ledger import store
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_world import World
from tests.loaders.test_loaders_prune import DAY, Past

EACH, A_DAY, DAYS = DAY / 4, 4, 4


def run(ledger: Ledger, clock: FakeClock, writes: int = 0, status: str = "ok") -> str:
    """A run of six hours ago, with counts of how both systems stood."""
    run_id = ledger.start_run("run")
    with store.changing(ledger.connection) as touched:
        for table in ("reconciliation", "reconciliation_columns"):
            row = {"entry_id": f"{run_id}/0", "run_id": run_id, "noted_at": stamp(clock.now())}
            store.upsert(ledger.connection, table, [row], touched)
    ledger.finish_run(run_id, status, {"writes": writes})
    clock.advance(EACH)
    return run_id


def pruned(
    world: World, ledger: Ledger, detail: float, history: float, *, dry_run: bool = False
) -> PrunedHistory:
    """As `p2c prune` does it, with the same days for the rows of plans as for the history."""
    now = ledger.clock.now()
    prune(ledger, world.warehouse, history, dry_run=dry_run)
    ages = now - timedelta(days=detail), now - timedelta(days=history)
    return prune_history(ledger, world.warehouse, *ages, dry_run=dry_run)


def known(ledger: Ledger, table: str, key: str = "run_id") -> set[str]:
    return {row[0] for row in ledger.connection.execute(f"select distinct {key} from {table}")}


@pytest.fixture
def hours(world: World, ledger: Ledger, clock: FakeClock) -> dict[str, list[str]]:
    """Four runs a day for four days, one of each day wrote; the ledger and its copy have them."""
    begin = clock.now().replace(hour=0, minute=30)
    clock.advance((begin + timedelta(days=1) - clock.now()).total_seconds())
    found: dict[str, list[str]] = {"quiet": [], "wrote": []}
    for number in range(A_DAY * DAYS):
        kind = "wrote" if number % A_DAY == 1 else "quiet"
        found[kind].append(run(ledger, clock, writes=int(kind == "wrote")))
    publish(ledger, world.warehouse)
    return found


def test_of_older_days_what_wrote_stays_and_the_last_of_each(
    world: World, ledger: Ledger, hours: dict[str, list[str]]
) -> None:
    found = pruned(world, ledger, 2, 365)
    last_of_day = [hours["quiet"][day * 3 + 2] for day in range(DAYS)]
    recent = hours["quiet"][2 * 3 :]
    assert known(ledger, "runs") == {*hours["wrote"], *last_of_day, *recent}
    counted = {*last_of_day, *recent, *hours["wrote"][2:]}
    assert known(ledger, "reconciliation") == counted
    assert known(ledger, "reconciliation_columns") == counted
    assert found == PrunedHistory(runs=2 * 2, plans=0, counts=2 * 3)
    for table in ("runs", "reconciliation", "reconciliation_columns"):
        copied = world.sql(f"select distinct run_id from ledger.{table}")
        assert {run_id for (run_id,) in copied} == known(ledger, table)


def test_what_is_older_still_goes_but_for_the_newest_of_its_kind(
    world: World, ledger: Ledger, clock: FakeClock, hours: dict[str, list[str]]
) -> None:
    failed = run(ledger, clock, status="failed")
    clock.advance(100 * DAY)
    pruned(world, ledger, 2, 30)
    assert known(ledger, "runs") == {hours["quiet"][-1], failed}
    assert known(ledger, "reconciliation") == {failed}, "the newest set"


def test_a_dry_run_counts_the_same_and_drops_nothing(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    past = Past(world, ledger, clock)
    for _ in range(3):
        past.day([change(1, "update")], ["acknowledged"])
    clock.advance(100 * DAY)
    past.day([change(9)], ["acknowledged"])
    before = known(ledger, "plans", "plan_id")
    counted = pruned(world, ledger, 2, 30, dry_run=True)
    assert known(ledger, "plans", "plan_id") == before
    assert counted == pruned(world, ledger, 2, 30) == PrunedHistory(runs=0, plans=2, counts=0)
    assert known(ledger, "plans", "plan_id") == {"plan-3", "plan-4"}
    assert {plan for (plan,) in world.sql("select plan_id from ledger.plans")} == {
        "plan-3",
        "plan-4",
    }


def test_a_plan_that_keeps_a_row_keeps_its_run(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    past = Past(world, ledger, clock)
    plan = past.day([change(1)], ["acknowledged"])
    ledger.connection.execute(
        "update plans set run_id = ? where plan_id = ?", [run(ledger, clock), plan.plan_id]
    )
    for _ in range(3):
        run(ledger, clock)
    clock.advance(100 * DAY)
    past.day([change(9)], ["acknowledged"])
    pruned(world, ledger, 2, 30)
    [kept] = ledger.connection.execute("select run_id from plans where plan_id = 'plan-1'")
    assert kept["run_id"] in known(ledger, "runs")


def test_the_highest_number_of_a_plan_is_never_given_twice(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    plan = Plan("plan-x", None, clock.now(), "planned", "v", (), {}, (), None, {})
    ledger.add_plan(plan, [])
    clock.advance(400 * DAY)
    assert pruned(world, ledger, 2, 30).plans == 0


def test_a_run_is_stamped_as_the_copy_is_asked(ledger: Ledger, clock: FakeClock) -> None:
    """The day of a run is the beginning of its text."""
    run(ledger, clock)
    [row] = ledger.connection.execute("select started_at from runs").fetchall()
    assert datetime.fromisoformat(row["started_at"]).date().isoformat() == row["started_at"][:10]
