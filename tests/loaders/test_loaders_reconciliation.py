"""How records stood is kept with each run, and outlives the warehouse and the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders import Ledger, keep_reconciliation, publish, restore
from tests.loaders.loader_rows import FakeClock
from tests.loaders.loader_world import World

COUNTED = """
create or replace table quality.reconciliation as select * from (values
    ('things', 'sales.widgets', 'usmf', 'agree', 'equal', {agree}, {agree}, {agree}, null),
    ('things', 'sales.widgets', null, 'differ', 'kept', 3, 3, 3, timestamptz '2026-01-01 10:00:00Z')
) as t (flow, target, data_area_id, status, reason, records, source_records, target_records,
    oldest_since)
"""
COLUMNS = """
create or replace table quality.reconciliation_columns as select * from (values
    ('things', 'sales.widgets', null, 'name', 7, 3),
    ('things', 'sales.widgets', null, 'size', 10, 0)
) as t (flow, target, data_area_id, column_name, agree, differ)
"""
TREND = "select run_id, sum(records) from ledger.reconciliation group by all order by min(noted_at)"


def built(world: World, agree: int) -> None:
    world.sql(COUNTED.format(agree=agree))
    world.sql(COLUMNS)


def test_each_run_has_its_own_set_and_a_trend_is_a_query(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    built(world, 7)
    assert keep_reconciliation(ledger, world.warehouse, "run-1") == 3
    clock.advance(60)
    built(world, 9)
    keep_reconciliation(ledger, world.warehouse, "run-2")
    publish(ledger, world.warehouse)
    assert world.sql(TREND) == [("run-1", 10), ("run-2", 12)]
    [(since,)] = world.sql(
        "select epoch(oldest_since) from ledger.reconciliation "
        "where run_id = 'run-1' and oldest_since is not null"
    )
    assert since == 1767261600  # 2026-01-01 10:00 UTC


def test_a_column_that_agrees_everywhere_takes_no_room(world: World, ledger: Ledger) -> None:
    built(world, 7)
    keep_reconciliation(ledger, world.warehouse, "run-1")
    publish(ledger, world.warehouse)
    found = world.sql("select column_name, agree, differ from ledger.reconciliation_columns")
    assert found == [("name", 7, 3)]


def test_a_run_that_is_noted_again_is_not_doubled(world: World, ledger: Ledger) -> None:
    built(world, 7)
    for _ in range(2):
        keep_reconciliation(ledger, world.warehouse, "run-1")
    publish(ledger, world.warehouse)
    assert world.sql(TREND) == [("run-1", 10)]


def test_a_warehouse_without_counts_has_none_to_keep(world: World, ledger: Ledger) -> None:
    assert keep_reconciliation(ledger, world.warehouse, "run-1") == 0


def test_the_history_survives_the_warehouse(world: World, ledger: Ledger) -> None:
    built(world, 7)
    keep_reconciliation(ledger, world.warehouse, "run-1")
    publish(ledger, world.warehouse)
    world.warehouse.unlink()
    publish(ledger, world.warehouse)
    assert world.sql(TREND) == [("run-1", 10)]


def test_the_history_survives_the_ledger(
    world: World, ledger: Ledger, tmp_path: Path, clock: FakeClock
) -> None:
    built(world, 7)
    keep_reconciliation(ledger, world.warehouse, "run-1")
    publish(ledger, world.warehouse)
    with Ledger.open(tmp_path / "new", clock) as new:
        [message] = restore(new, world.warehouse)
        assert "taken back from the warehouse" in message
        kept = new.connection.execute("select run_id, records from reconciliation order by records")
        assert [tuple(row) for row in kept.fetchall()] == [("run-1", 3), ("run-1", 7)]


@pytest.mark.parametrize("table", ["reconciliation", "reconciliation_columns"])
def test_a_ledger_of_an_earlier_version_gets_the_table(
    world: World, ledger: Ledger, clock: FakeClock, table: str
) -> None:
    ledger.connection.execute(f"drop table {table}")
    ledger.close()
    with Ledger.open(world.state_dir, clock) as again:
        assert again.connection.execute(f"select count(*) from {table}").fetchone()[0] == 0
