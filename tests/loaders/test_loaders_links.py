"""Links grow in the warehouse and live in the ledger too: either brings them back (K1)."""

from __future__ import annotations

from pathlib import Path

import duckdb

from loaders import Ledger, publish
from tests.loaders.loader_world import World

LINK = {"link_id": "l-1", "flow": "things", "system": "sales", "entity_set": "widgets"}


def find(warehouse: Path, changed_at: str, **values: str | None) -> None:
    """As dbt's hook: the pair of a source record, at a moment."""
    row = {**LINK, "source_key": "s-1", "record_key": "N-1", **values, "changed_at": changed_at}
    with duckdb.connect(str(warehouse)) as db:
        db.execute("create schema if not exists ledger")
        db.execute(
            "create table if not exists ledger.links (link_id varchar, flow varchar,"
            " system varchar, entity_set varchar, source_key varchar, record_key varchar,"
            " record_id varchar, key_values varchar, first_seen timestamptz,"
            " changed_at timestamptz, ended_at timestamptz)"
        )
        db.execute("delete from ledger.links where link_id = ?", [row["link_id"]])
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        db.execute(f"insert into ledger.links ({names}) values ({marks})", [*row.values()])


def held(world: World) -> list[tuple[object, ...]]:
    return world.sql("select link_id, record_key, ended_at is null from ledger.links order by 1")


def test_a_lost_warehouse_gets_its_links_back(world: World, ledger: Ledger) -> None:
    find(world.warehouse, "2026-01-01 00:00:00+00")
    publish(ledger, world.warehouse)
    world.warehouse.unlink()
    publish(ledger, world.warehouse)
    assert held(world) == [("l-1", "N-1", True)]


def test_the_newest_pair_is_kept_on_both_sides(world: World, ledger: Ledger) -> None:
    find(world.warehouse, "2026-01-01 00:00:00+00")
    publish(ledger, world.warehouse)
    find(world.warehouse, "2026-01-02 00:00:00+00", record_key="N-2")
    find(world.warehouse, "2026-01-03 00:00:00+00", link_id="l-2")
    publish(ledger, world.warehouse)
    kept = ledger.connection.execute("select link_id, record_key from links order by 1").fetchall()
    assert [tuple(row) for row in kept] == [("l-1", "N-2"), ("l-2", "N-1")]
    assert held(world) == [("l-1", "N-2", True), ("l-2", "N-1", True)]


def test_an_end_is_kept_too(world: World, ledger: Ledger) -> None:
    find(world.warehouse, "2026-01-01 00:00:00+00")
    publish(ledger, world.warehouse)
    find(world.warehouse, "2026-01-02 00:00:00+00", ended_at="2026-01-02 00:00:00+00")
    publish(ledger, world.warehouse)
    world.warehouse.unlink()
    publish(ledger, world.warehouse)
    assert held(world) == [("l-1", "N-1", False)]


def test_an_older_copy_of_the_warehouse_takes_no_pair_back(world: World, ledger: Ledger) -> None:
    find(world.warehouse, "2026-01-01 00:00:00+00")
    publish(ledger, world.warehouse)
    copy = world.warehouse.read_bytes()
    find(world.warehouse, "2026-01-02 00:00:00+00", record_key="N-2")
    publish(ledger, world.warehouse)
    world.warehouse.write_bytes(copy)
    publish(ledger, world.warehouse)
    assert held(world) == [("l-1", "N-2", True)]


def test_nothing_travels_when_nothing_changed(world: World, ledger: Ledger) -> None:
    find(world.warehouse, "2026-01-01 00:00:00+00")
    assert publish(ledger, world.warehouse) == 1
    assert publish(ledger, world.warehouse) == 0
