"""Every pair that agreed is a link: it outlives seed row, number and warehouse (K1)."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.loop.world import Answer, Row, World

pytestmark = pytest.mark.long

OVERRIDES = "seeds/key_overrides.csv"


def run(world: World) -> Answer:
    answer = world.p2c("run", "--select", "accounts", "--json")
    assert answer.exit == 0, answer.err
    return answer


def created(answer: Answer) -> Counter[str]:
    """Records made, by flow."""
    return Counter(
        {flow["flow"]: flow["create"] for flow in answer.json["flows"] if flow["create"]}
    )


def customer(world: World, account: str) -> Row:
    filters = f"$filter=CustomerAccount eq '{account}'&cross-company=true"
    [row] = world.finops.rows("CustomersV2", filters)
    return row


@pytest.fixture
def world(sandboxes, tmp_path: Path) -> World:
    (tmp_path / "loop").mkdir()
    return World(sandboxes.start("demo"), tmp_path / "loop").in_copy(tmp_path / "project")


@pytest.mark.timeout(900)
def test_a_pair_is_known_without_its_seed_row_its_number_and_its_warehouse(world: World) -> None:
    run(world)
    known = [a for a in world.sales.rows("accounts", "$orderby=accountid") if a["accountnumber"]]
    by_hand, renumbered, *_ = [
        a for a in known
        if len(world.finops.rows("CustomersV2", "cross-company=true&$filter=CustomerAccount eq "
                                 f"'{a['accountnumber']}' and dataAreaId eq 'usmf'")) == 1
    ]  # fmt: skip
    former = by_hand["accountnumber"]
    world.sales.update(f"accounts({by_hand['accountid']})", {"accountnumber": "BY-HAND-1"})
    seed = world.project / OVERRIDES
    before = seed.read_text(encoding="utf-8")
    names = before.splitlines()[0].split(",")
    row = {"entity": "customers", "sales_id": by_hand["accountid"], "data_area_id": "usmf",
           "finops_key": former}  # fmt: skip
    line = ",".join(row.get(name, "") for name in names)
    seed.write_text(before.rstrip("\n") + "\n" + line + "\n", encoding="utf-8")
    shutil.rmtree(world.folder / "state")
    world.warehouse.unlink()

    first = run(world)
    assert created(first) == {}

    seed.write_text(before, encoding="utf-8")
    world.sales.update(
        f"accounts({renumbered['accountid']})",
        {"accountnumber": "NEW-NUMBER-1", "name": "Renumbered"},
    )
    world.warehouse.unlink()
    second = run(world)
    assert created(second) == {}
    assert customer(world, str(renumbered["accountnumber"]))["OrganizationName"] == "Renumbered"

    shutil.rmtree(world.folder / "state")
    world.sales.update(f"accounts({by_hand['accountid']})", {"name": "Paired by hand"})
    third = run(world)
    assert created(third) == {}
    assert customer(world, str(former))["OrganizationName"] == "Paired by hand"
