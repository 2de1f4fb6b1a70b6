"""The role that `p2c setup sales` makes suffices for whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import a_world
from .world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

USER = "00000001-0000-0000-0000-000000000000"
ROLES = f"systemusers({USER})/systemuserroles_association"
ROLE = "Prospect to cash integration"


def without_administrator(world: World) -> None:
    """What a person does after setup: the application keeps the new role alone."""
    assigned = {row["name"]: row["roleid"] for row in world.sales.rows(ROLES)}
    assert assigned.keys() == {ROLE, "System Administrator"}
    world.sales.delete(f"{ROLES}({assigned['System Administrator']})/$ref")


def test_a_run_with_the_role_alone_writes_all_flows(sandbox_data: Data, tmp_path: Path) -> None:
    with a_world(sandbox_data, tmp_path, "demo") as world:
        setup = world.p2c("setup", "sales", "--yes", "--json")
        assert setup.exit == 0, setup.err
        without_administrator(world)
        first = world.p2c("run", "--yes", "--json")
        assert first.exit == 0, first.err
        assert sum(flow["failed"] for flow in first.flows.values()) == 0
        written = {target for (_, target), flow in first.flows.items() if flow["written"]}
        assert {"sales.products", "sales.salesorderdetails", "sales.invoicedetails"} <= written
        assert world.p2c("run", "--yes", "--json").json["writes"] == 0
