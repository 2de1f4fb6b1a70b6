"""When a build made now would bring the same rows as the last one, and when that is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import duckdb
import pytest

from loaders import Standing, note_build, standing_build
from loaders.ledger import marks, schema
from tests.loaders.loader_rows import START, change
from tests.loaders.loader_world import World

BUILT = START + timedelta(hours=1)
NOW = BUILT + timedelta(minutes=5)
BEFORE = START - timedelta(days=1)
WRITE = (
    "insert into ledger.writes (write_id, status, record_id, finished_at) "
    "values ('w-1', 'acknowledged', 'r-1', '2026-01-01 00:00:00+00')"
)


@pytest.fixture
def noted(world: World) -> World:
    """Built at BUILT by `m-1` and `p2c 1`, of one read, one write and one pair."""
    world.build(things=[change(1)])
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute("create schema if not exists ledger")
        for table in ("writes", "links"):
            for statement in schema.duckdb_statements(table):
                db.execute(statement)
        db.execute(WRITE)
        db.execute("insert into ledger.links (link_id, changed_at) values ('l-1', ?)", [BEFORE])
        db.execute("create table ledger.agreed_things (record_key varchar, agreed_at timestamptz)")
        db.execute("insert into ledger.agreed_things values ('r-1', ?)", [BEFORE])
    note_build(world.warehouse, "m-1", BUILT, "p2c 1")
    return world


def stands(world: World, mapping: str = "m-1", programs: str = "p2c 1") -> bool:
    found = standing_build(world.warehouse, mapping, programs, NOW)
    return found is not None and found.holds


def test_a_build_stands_while_nothing_changed(noted: World) -> None:
    assert standing_build(noted.warehouse, "m-1", "p2c 1", NOW) == Standing(BUILT)
    for status in ("planned", "blocked", "quarantined"):
        noted.sql(f"insert into ledger.writes (write_id, status) values ('w-2', '{status}')")
        assert stands(noted), f"what is {status} is seen by no model"


def test_a_refusal_like_the_last_one_changes_nothing(noted: World) -> None:
    """Models see of what a service refused which records it refused last."""
    refused = (
        "insert into ledger.writes (write_id, flow, system, entity_set, record_key, status, "
        "sent_at) values ('{0}', 'f', 'sales', 'widgets', 'r-1', '{1}', '{2}')"
    )
    noted.sql(refused.format("w-2", "rejected", "2026-01-02"))
    assert not stands(noted)
    note_build(noted.warehouse, "m-1", BUILT, "p2c 1")
    noted.sql(refused.format("w-3", "rejected", "2026-01-03"))
    assert stands(noted)
    noted.sql(refused.format("w-4", "stale", "2026-01-04"))
    assert not stands(noted)


@pytest.mark.parametrize(
    "edit",
    [
        WRITE.replace("w-1", "w-2"),
        "update ledger.writes set status = 'verified'",
        "update ledger.writes set not_persisted = '{}'",
        "delete from ledger.writes",
        "update ledger.links set ended_at = now()",
        "insert into ledger.links (link_id) values ('l-2')",
        "delete from ledger.marks where name = 'built'",
        "delete from ledger.marks where name = 'made_of'",
        "insert into raw_finops.reads select * from raw_finops.reads; "
        "update raw_finops.reads set load_id = 'load-2'",
    ],
)
def test_any_of_what_it_was_made_of_may_have_changed(noted: World, edit: str) -> None:
    with duckdb.connect(str(noted.warehouse)) as db:
        db.execute(edit)
    assert not stands(noted)


def test_tables_that_brought_rows_since_are_named(noted: World) -> None:
    """What follows from them is to be built, and nothing else."""
    noted.sql(
        "insert into raw_sales.reads (table_name, load_id, mode, rows, deletions, started_at, "
        "finished_at) values ('widgets', 'load-9', 'delta', 1, 0, '2030-01-01', '2030-01-01')"
    )
    found = standing_build(noted.warehouse, "m-1", "p2c 1", NOW)
    assert found == Standing(BUILT, frozenset({"raw_sales.widgets"}))


def test_another_mapping_or_version(noted: World) -> None:
    assert standing_build(noted.warehouse, "m-2", "p2c 1", NOW) is None
    assert standing_build(noted.warehouse, "m-1", "p2c 2", NOW) is None


def test_on_another_day_and_with_another_ledger_all_tables_are_built(noted: World) -> None:
    """Views and seeds are as they were: only the mapping says what they are."""
    anew = Standing(BUILT, all_tables=True)
    assert standing_build(noted.warehouse, "m-1", "p2c 1", NOW + timedelta(days=1)) == anew
    noted.sql("delete from ledger.writes")
    assert standing_build(noted.warehouse, "m-1", "p2c 1", NOW) == anew


def test_a_warehouse_that_is_behind_the_ledger_is_built(noted: World) -> None:
    with duckdb.connect(str(noted.warehouse)) as db:
        marks.put(db, marks.BEHIND, "plan-1", NOW)
    assert not stands(noted)


def test_nothing_stands_without_a_warehouse(noted: World) -> None:
    noted.warehouse.unlink()
    assert not stands(noted)


@pytest.mark.parametrize(
    "learned",
    [
        lambda db: db.execute("update ledger.agreed_things set agreed_at = ?", [BUILT]),
        lambda db: db.execute("update ledger.links set changed_at = ?", [BUILT]),
        lambda db: db.execute("update ledger.links set ended_at = ?", [BUILT]),
    ],
)
def test_what_a_build_learned_is_built_with_once(
    noted: World, learned: Callable[[duckdb.DuckDBPyConnection], object]
) -> None:
    """Pairs that it found to agree are there before the next build compares."""
    with duckdb.connect(str(noted.warehouse)) as db:
        learned(db)
    note_build(noted.warehouse, "m-1", BUILT, "p2c 1")
    assert not stands(noted)
    note_build(noted.warehouse, "m-1", BUILT + timedelta(seconds=1), "p2c 1")
    assert stands(noted)
