"""`p2c plan --compare`: two versions of the mapping, both really built on what one run staged."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.parsed import FILE

from .conftest import Synced
from .world import Answer, World

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]
GROUP = 'customer_group: "10"'
AGREED = """
select flow, record_key from quality.record_fates
where target = 'finops.CustomersV2' and fate = 'identical'
"""


@pytest.fixture
def edited(synced: Synced, tmp_path: Path) -> World:
    """A copy of a synced world, its project a repository of one commit."""
    copied = synced.world.with_copied_warehouse(tmp_path / "loop")
    found = copied.in_copy(tmp_path / "repository/erp")
    (tmp_path / "repository/.gitignore").write_text("__pycache__/\nlogs/\n")
    git(found, "init", "-q")
    commit(found, "the mapping")
    return found


def git(world: World, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(world.project.parent), *who, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(world: World, message: str) -> None:
    git(world, "add", "-A")
    git(world, "commit", "-q", "-m", message)


def edit(world: World, name: str, old: str, new: str) -> None:
    path = world.project / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def state(world: World) -> dict[str, str]:
    """Every file of warehouse, ledger and project, and what git sees."""
    paths = [*world.folder.rglob("*"), *(world.project / "logs").rglob("*")]
    ours = [p for p in paths if p.is_file() and p.suffix != ".lock" and p.name != FILE]
    files = {path: path.read_bytes() for path in ours}
    found = {str(path): hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return found | {"git": git(world, "status", "--porcelain")}


def test_an_edit_is_shown_by_what_it_would_write_and_nothing_is_touched(
    edited: World, synced: Synced
) -> None:
    edit(edited, "dbt_project.yml", GROUP, 'customer_group: "97"')
    before = state(edited)
    answer = compared(edited, "HEAD")
    assert state(edited) == before
    # No row of the value map gives a group of its own, so that everybody gets the setting; where
    # F&O kept another group at first contact, the setting's new value is a change like any other.
    moved = {(flow, key): group(synced, key) for flow, key in edited.query(AGREED)}
    assert len(set(moved.values())) == 2
    changes = {(c["flow"], c["record_key"]): c for c in answer.json["changes"]}
    assert changes.keys() == moved.keys()
    for place, change in changes.items():
        assert change["operation"] == {"old": None, "new": "update"}
        assert change["fields"] == {"CustomerGroupId": {"held": moved[place], "new": "97"}}
        assert change["fate"] == "identical"
    assert answer.exit == 2
    totals: dict[str, int] = {}
    for flow in answer.json["flows"]:
        totals[flow["flow"]] = totals.get(flow["flow"], 0) + flow["only_new"]
    assert sum(totals.values()) == len(moved)


def test_the_version_that_does_not_build_is_named(edited: World) -> None:
    model = "models/common/accounts.sql"
    edit(edited, model, "select", "select no_such_column,")
    assert refused(edited, "HEAD").startswith("The working tree does not build. dbt: ")
    commit(edited, "broken")
    git(edited, "revert", "--no-edit", "HEAD")
    error = refused(edited, "HEAD~1")
    assert error.startswith("The mapping of HEAD~1 (")
    assert "no_such_column" in error


def group(synced: Synced, key: str) -> Any:
    """What F&O held in the end, asked over HTTP."""
    company, _, account = key.partition("/")
    return synced.after.customers[company, account]["CustomerGroupId"]


def compared(world: World, ref: str) -> Answer:
    answer = world.p2c("plan", "--compare", ref, "--json", "--detailed-exitcode")
    assert answer.exit in (0, 2), answer.out + answer.err
    return answer


def refused(world: World, ref: str) -> str:
    before = state(world)
    answer = world.p2c("plan", "--compare", ref, "--json")
    assert answer.exit == 1
    assert state(world) == before
    return str(answer.json["error"])
