"""Whether the warehouse's changes are those of a complete build of the present mapping."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from loaders import check_build, note_build
from loaders.errors import IncompleteBuild, WarehouseError
from tests.loaders.loader_rows import START, change
from tests.loaders.loader_world import World

BEFORE, AFTER = START - timedelta(hours=2), START + timedelta(hours=1)


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
    note_build(built.warehouse, "m-1", BEFORE)
    with pytest.raises(IncompleteBuild, match="tables were read since it was built"):
        check_build(built.warehouse, "m-1")
