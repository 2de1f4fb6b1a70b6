"""A plan is made and applied only from a complete build of the mapping as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Synced
from .world import Answer, World

pytestmark = pytest.mark.long
SEED, MODEL = "seeds/key_overrides.csv", "models/keys/keys_customers.sql"


@pytest.fixture
def edited(synced: Synced, tmp_path: Path) -> World:
    """What the synced world had read and built, with files of its own to edit."""
    return synced.world.with_copied_warehouse(tmp_path / "loop").in_copy(tmp_path / "project")


def plan(world: World) -> Answer:
    return world.p2c("plan", "--no-refresh", "--json")


def edit(world: World, name: str, more: str) -> bytes:
    """What the file held before."""
    path = world.project / name
    before = path.read_bytes()
    path.write_bytes(before + more.encode())
    return before


def refused(answer: Answer, why: str) -> bool:
    output = answer.json["error"]
    return answer.exit == 1 and why in output and "Run `p2c build`, then plan." in output


@pytest.mark.timeout(900)
def test_neither_an_edit_nor_a_build_that_failed_is_planned_or_applied(edited: World) -> None:
    world = edited
    created = plan(world)
    assert created.exit == 0, created.err
    before = edit(world, SEED, "\n")
    assert refused(plan(world), "seeds or settings were edited since")
    assert refused(world.p2c("apply", created.json["plan_id"], "--json"), "were edited since")
    (world.project / SEED).write_bytes(before)
    assert plan(world).exit == 0

    model = edit(world, MODEL, "\nno such sql")
    assert world.p2c("build", "--json").exit == 1
    (world.project / MODEL).write_bytes(model)
    assert refused(plan(world), "did not come to its end")
    assert world.p2c("build", "--json").exit == 0
    assert plan(world).exit == 0
