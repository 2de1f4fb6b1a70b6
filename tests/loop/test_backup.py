"""The warehouse, the state folder, or both are lost, and a copy of the ledger is put back (K4)."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.loop.world import World

pytestmark = pytest.mark.long
PAIRS = "select entity, sales_id, data_area_id, finops_key from keys.keys_crosswalk order by all"


@pytest.fixture
def world(sandboxes, tmp_path: Path) -> World:
    (tmp_path / "loop").mkdir()
    return World(sandboxes.start("demo", accounts=40, products=20), tmp_path / "loop")


def records(world: World) -> Counter[tuple[str, str]]:
    """Customers and orders of F&O, and products of Sales, by their names."""
    found: Counter[tuple[str, str]] = Counter()
    for api, entity_set, name in (
        (world.finops, "CustomersV2", "OrganizationName"),
        (world.finops, "CDSSalesOrderHeaders", "SalesOrderNumber"),
        (world.sales, "products", "name"),
    ):
        query = "cross-company=true" if api is world.finops else ""
        found.update((entity_set, str(row[name])) for row in api.rows(entity_set, query))
    return found


def run(world: World) -> int:
    """Run; how many records it wrote."""
    answer = world.p2c("run", "--yes", "--json")
    assert answer.exit == 0, answer.err
    return int(answer.json["writes"])


@pytest.mark.timeout(1500)
def test_nothing_is_written_twice_whatever_is_lost_and_put_back(
    world: World, tmp_path: Path
) -> None:
    assert run(world) > 0
    state, copy = world.folder / "state", tmp_path / "backup"
    assert world.p2c("ledger", "backup", str(copy)).exit == 0
    account = world.sales.rows("accounts", "$orderby=accountid")[0]
    world.sales.update(f"accounts({account['accountid']})", {"name": "After the backup"})
    assert run(world) == 1
    assert run(world) == 0, "a build after the writes, which knows all pairs"
    before, pairs = records(world), world.query(PAIRS)

    world.warehouse.unlink()
    assert run(world) == 0
    assert world.query(PAIRS) == pairs

    shutil.rmtree(state)
    answer = world.p2c("run", "--yes", "--json")
    assert "taken back from the warehouse" in answer.err
    assert answer.json["writes"] == 0

    for path in state.glob("ledger.sqlite*"):
        path.unlink()
    shutil.copytree(copy, state, dirs_exist_ok=True)
    answer = world.p2c("run", "--yes", "--json")
    assert "taken back from the warehouse" in answer.err
    assert answer.json["writes"] == 0

    world.warehouse.unlink()
    shutil.rmtree(state)
    shutil.copytree(copy, state)
    assert run(world) == 0
    assert records(world) == before
    assert world.query(PAIRS) == pairs
