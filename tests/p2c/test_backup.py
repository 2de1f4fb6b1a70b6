"""A copy of the ledger is whole whenever it is taken, and can be put in its place."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from loaders import Ledger, Plan, plan_changes
from loaders.clock import Clock
from loaders.ledger import plan_file
from p2c.config.context import Context, load
from p2c.errors import BackupError
from p2c.run import backup
from p2c.run.backup import back_up

from .cli_world import Call
from .copy_world import line, process

# Writes runs into the ledger as fast as it can, each with one number in two transactions.
WRITER = """
import sys
from pathlib import Path
from loaders import Ledger
with Ledger.open(Path(sys.argv[1])) as ledger:
    print("begun", flush=True)
    while True:
        ledger.finish_run(ledger.start_run("run"), "ok", {"writes": 1})
"""
ROW = {
    **dict.fromkeys(plan_file.TEXTS),
    "change_id": "c", "model": "changes_m", "flow": "f", "system": "sales", "entity_set": "things",
    "operation": "update", "record_key": "N-1", "source_key": "s-1", "key_values": "{}",
    "before": "{}", "after": '{"name": "new"}', "changed_columns": '["name"]', "parents": "[]",
    "idempotency_key": "00", "status": "planned",
}  # fmt: skip


def planned(ledger: Ledger, plan_id: str) -> None:
    plan = Plan(plan_id, None, Clock().now(), "planned", "v", (), {}, (), None, {})
    ledger.add_plan(plan, [ROW])


@pytest.fixture
def context(project: Path) -> Context:
    """A project whose ledger has one plan of one row."""
    found = load(project)
    with Ledger.open(found.path("state_dir")) as ledger:
        planned(ledger, "plan-1")
    return found


def test_what_is_put_back_is_what_was_there(context: Context, tmp_path: Path) -> None:
    state, folder = context.path("state_dir"), tmp_path / "copy"
    found = back_up(context, folder)
    assert (found.plans, found.new_plans) == (1, 1)
    assert found.bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with Ledger.open(state) as ledger:
        before = ledger.connection.execute("select * from plans").fetchall()
        planned(ledger, "plan-2")
    shutil.rmtree(state)
    shutil.copytree(folder, state)
    with Ledger.open(state) as ledger:
        rows = ledger.connection.execute("select * from plans").fetchall()
        assert [tuple(row) for row in rows] == [tuple(row) for row in before]
        assert [row.after for row in plan_changes(ledger, "plan-1")] == ['{"name": "new"}']


def test_only_what_is_new_is_copied_again_and_what_was_pruned_goes(
    context: Context, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    back_up(context, folder)
    with Ledger.open(context.path("state_dir")) as ledger:
        planned(ledger, "plan-2")
        ledger.file("plan-1").unlink()
    found = back_up(context, folder)
    assert (found.plans, found.new_plans) == (2, 1), "a file that is lost is in the copy"
    with Ledger.open(context.path("state_dir")) as ledger:
        ledger.connection.execute("update plans set pruned_at = 'now' where plan_id = 'plan-1'")
    found = back_up(context, folder)
    assert (found.plans, found.new_plans) == (1, 0)
    assert sorted(path.name for path in folder.rglob("*.*")) == ["ledger.sqlite", "plan-2.parquet"]


def test_it_is_whole_while_others_write_and_stops_nobody(context: Context, tmp_path: Path) -> None:
    with process(WRITER, context.path("state_dir")) as writer:
        assert line(writer) == "begun"
        seen = []
        for number in range(2):
            folder = tmp_path / f"copy-{number}"
            back_up(context, folder)
            with Ledger.open(folder) as copy:
                [row] = copy.connection.execute(
                    "select count(*), count(*) filter (where status = 'running') from runs"
                ).fetchall()
            seen.append(row[0])
            assert row[1] <= 1, "only the one that had begun"
        assert writer.poll() is None, writer.stderr.read() if writer.stderr else ""
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_it_is_its_owners(context: Context, tmp_path: Path) -> None:
    back_up(context, tmp_path / "copy")
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (tmp_path / "copy").rglob("*")}
    assert modes == {0}


def test_one_that_is_cut_off_leaves_the_earlier_copy(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copy"
    back_up(context, folder)
    before = (folder / "ledger.sqlite").read_bytes()
    with Ledger.open(context.path("state_dir")) as ledger:
        planned(ledger, "plan-2")

    def killed(*_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backup, "put_in_place", killed)
        with pytest.raises(KeyboardInterrupt):
            back_up(context, folder)
    assert (folder / "ledger.sqlite").read_bytes() == before
    back_up(context, folder)
    assert sorted(path.name for path in folder.rglob("*.*")) == [
        "ledger.sqlite",
        "plan-1.parquet",
        "plan-2.parquet",
    ]


def test_a_damaged_ledger_replaces_no_copy(context: Context, tmp_path: Path) -> None:
    folder, state = tmp_path / "copy", context.path("state_dir")
    back_up(context, folder)
    before = (folder / "ledger.sqlite").read_bytes()
    (state / "ledger.sqlite").write_bytes(b"not a database, but long enough to be one" * 100)
    with pytest.raises(BackupError, match="is damaged"):
        back_up(context, folder)
    assert (folder / "ledger.sqlite").read_bytes() == before


def test_neither_another_projects_copy_nor_the_ledger_itself_is_written_over(
    context: Context, tmp_path: Path
) -> None:
    with Ledger.open(tmp_path / "other"):
        pass
    with pytest.raises(BackupError, match="copy of another ledger"):
        back_up(context, tmp_path / "other")
    with pytest.raises(BackupError, match="is where the ledger is"):
        back_up(context, context.path("state_dir"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/ledger.sqlite").write_text("of somebody")
    with pytest.raises(BackupError, match="is no copy of a ledger"):
        back_up(context, tmp_path / "notes")


def test_the_command_says_what_it_copied(
    context: Context, tmp_path: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(context.project_dir))
    folder = tmp_path / "copy"
    found = json.loads(p2c("ledger", "backup", str(folder), "--json").out)
    assert found["folder"] == str(folder)
    assert "1 plans, 0 of them new to it" in p2c("ledger", "backup", str(folder)).out


def test_without_a_ledger_there_is_nothing_to_copy(
    project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    result = p2c("ledger", "backup", "copy")
    assert result.code == 1
    assert "There is no ledger" in result.err
