"""A build of what follows from changed tables leaves the same warehouse as a build of everything.

Records are edited by chance on both sides, then written. After each of these two copies of the
warehouse read and build: one as a run does, the other with its last build's note taken away.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from .conftest import Synced
from .test_changes import customer_path, released_path
from .world import World

pytestmark = pytest.mark.long
BUILT = ("staging", "match", "keys", "common", "target", "compare", "changes", "quality")
# When a build first found something, or a read missed it: neither was at the same moment.
MOMENTS = ("since", "oldest_since", "deleted_at")
EACH = 6


def edit(world: World, chance: random.Random) -> None:
    """Some of everything: renamed, repriced, deleted, new, on either side."""
    seen = world.look()
    for account in chance.sample(seen.accounts, EACH):
        world.sales.update(f"accounts({account['accountid']})", {"name": _text(chance)})
    world.sales.create("accounts", {"name": _text(chance)})
    for product in chance.sample(seen.products, EACH):
        world.sales.update(f"products({product['productid']})", {"name": _text(chance)})
    for key in chance.sample(sorted(seen.customers), EACH):
        world.finops.update(customer_path(key), {"OrganizationName": _text(chance)})
    for released in chance.sample(seen.released, EACH):
        price = chance.randrange(1, 10_000) / 4
        world.finops.update(released_path(released), {"SalesPrice": price})
    gone = chance.choice(world.sales.rows("contacts"))
    world.sales.delete(f"contacts({quote(gone['contactid'])})")


def _text(chance: random.Random) -> str:
    return f"Edited by chance {chance.randrange(10**9)}"


def forget_build(world: World) -> None:
    """Nothing says any more what the last build was made of."""
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute("delete from ledger.marks where name = 'made_of'")


def rows(world: World) -> dict[str, tuple[Any, ...]]:
    """Count and content of every table that dbt built, of moments whether there is one."""
    with duckdb.connect(str(world.warehouse), read_only=True) as db:
        found = db.execute(
            "select table_schema, table_name, list(column_name) from information_schema.columns "
            "where list_contains($1, table_schema) group by all",
            [list(BUILT)],
        ).fetchall()
        contents = {}
        for schema, table, columns in found:
            kept = ", ".join(
                f'"{name}" is null' if name in MOMENTS else f'"{name}"' for name in columns
            )
            content = f'select {kept} from {schema}."{table}"'
            sql = f"select count(*), bit_xor(hash(one)) from ({content}) as one"
            contents[f"{schema}.{table}"] = db.execute(sql).fetchone() or ()
        return contents


def built(world: World) -> set[str]:
    """What dbt's last command ran."""
    results = json.loads((world.folder / "target/run_results.json").read_text())["results"]
    return {result["unique_id"] for result in results}


def views_and_seeds(world: World) -> set[str]:
    """What the mapping alone decides, by dbt's names."""
    nodes = json.loads((world.folder / "target/manifest.json").read_text())["nodes"]
    return {
        name
        for name, node in nodes.items()
        if node["resource_type"] in {"model", "seed"}
        and node["config"]["materialized"] in {"view", "seed"}
    }


def compare(world: World, folder: Path) -> set[str]:
    """Build both ways; the same rows from fewer nodes, which are returned."""
    partly, wholly = (world.with_copied_warehouse(folder / name) for name in ("partly", "wholly"))
    forget_build(wholly)
    plans = [copy.p2c("plan", "--json") for copy in (partly, wholly)]
    assert [plan.exit for plan in plans] == [0, 0], [plan.err for plan in plans]
    assert built(partly) < built(wholly)
    assert plans[0].flows == plans[1].flows
    assert rows(partly) == rows(wholly)
    return built(wholly) - built(partly)


@pytest.mark.timeout(900)
def test_a_build_in_part_leaves_what_a_whole_one_does(synced: Synced, tmp_path: Path) -> None:
    world = synced.world
    assert world.p2c("run", "--json").exit == 0  # with what the run before it found to agree
    edit(world, random.Random(35))
    spared = compare(world, tmp_path / "after_edits")
    assert spared > views_and_seeds(world), "tables that no edit reached, too"
    run = world.p2c("run", "--json")
    assert run.exit == 0
    assert any(flow["update"] for flow in run.flows.values())
    spared = compare(world, tmp_path / "after_writes")
    assert spared == views_and_seeds(world), "the ledger says which record is which"
    assert world.p2c("run", "--json").exit == 0  # both agree again, for the tests after this one
