"""Whether the warehouse's changes are those of a complete build of the present mapping."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from loaders import check_build, note_build
from loaders.errors import IncompleteBuild, WarehouseError
from tests.loaders.loader_rows import START, change
from tests.loaders.loader_world import World

AFTER = START + timedelta(hours=1)
LATER = iter(range(2, 100))


def read(world: World, load_id: str, mode: str, rows: int, **more: str) -> None:
    """A read of raw_sales.owners after all others."""
    at = START + timedelta(hours=next(LATER))
    values = [("table_name", "owners"), ("load_id", load_id), ("mode", mode), ("rows", rows)]
    values += [("deletions", 0), ("started_at", at), ("finished_at", at), *more.items()]
    names, marks = ", ".join(name for name, _ in values), ", ".join("?" * len(values))
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute(
            f"insert into raw_sales.reads ({names}) values ({marks})",
            [value for _, value in values],
        )


@pytest.fixture
def built(world: World) -> World:
    """Its tables were read before START, and built after it by the mapping `m-1`."""
    world.build(things=[change(1)])
    note_build(world.warehouse, "m-1", AFTER)
    return world


def test_a_complete_build_of_the_present_mapping_is_gone_by(built: World) -> None:
    check_build(built.warehouse, "m-1")


def test_files_edited_since_the_build_are_told(built: World) -> None:
    with pytest.raises(IncompleteBuild, match="seeds or settings were edited since"):
        check_build(built.warehouse, "m-2")


def test_a_build_that_did_not_end_is_told(built: World) -> None:
    """dbt takes the note away when it begins."""
    with duckdb.connect(str(built.warehouse)) as db:
        db.execute("delete from ledger.marks")
    with pytest.raises(IncompleteBuild, match=r"did not come to its end.*Run `p2c build`"):
        check_build(built.warehouse, "m-1")


def test_a_warehouse_that_was_never_built_is_told(world: World) -> None:
    world.build(things=[])
    with pytest.raises(IncompleteBuild, match="did not come to its end"):
        check_build(world.warehouse, "m-1")
    world.warehouse.unlink()
    with pytest.raises(WarehouseError, match="no warehouse yet"):
        check_build(world.warehouse, "m-1")


def test_tables_that_were_read_since_the_build_are_told(built: World) -> None:
    built.extract("load-2", AFTER)
    with pytest.raises(IncompleteBuild, match="tables were read since it was built"):
        check_build(built.warehouse, "m-1")


def test_a_read_that_brought_nothing_outdates_no_build(built: World) -> None:
    """Told by `data_load_id` where a read says it, and by a delta without rows where not."""
    read(built, "load-2", "delta", rows=0)
    check_build(built.warehouse, "m-1")
    built.sql("alter table raw_sales.reads add column data_load_id varchar")
    read(built, "load-3", "full", rows=10, data_load_id="load-1")
    check_build(built.warehouse, "m-1")
    read(built, "load-4", "full", rows=10, data_load_id="load-4")
    with pytest.raises(IncompleteBuild, match="were read since"):
        check_build(built.warehouse, "m-1")
