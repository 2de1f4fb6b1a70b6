"""The copy for readers: what is in it, when it is made, and that nobody sees half of it."""

from __future__ import annotations

import os
import signal
import stat
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from loaders import Ledger, publish
from p2c.config.context import load
from p2c.errors import NothingStaged, ReadCopyError
from p2c.run import read_copy

from .cli_world import Call, World
from .copy_world import BUILT, READER, Copies, line, process

TABLES = (
    "select table_schema || '.' || table_name from information_schema.tables "
    "where table_type = 'BASE TABLE' and table_schema <> 'ledger' order by 1"
)
LATER = BUILT + timedelta(hours=1)
# Killed when the copy is written and not yet in its place.
KILLED = """
import os, signal, sys
from pathlib import Path
from p2c.config.context import load
from p2c.run import read_copy
read_copy.put_in_place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
project = Path(sys.argv[1])
read_copy.publish_copy(load(project), project / "read.duckdb")
"""


@pytest.fixture
def copies(project: Path) -> Copies:
    return Copies(project)


def test_it_has_what_the_graph_names_as_tables_and_when_each_source_was_read(
    copies: Copies,
) -> None:
    found = copies.publish()
    assert (found.status, found.as_of) == ("published", BUILT)
    assert [name for (name,) in copies.rows(TABLES)] == [
        "p2c.published",
        "quality.counts",
        "raw_sales.reads",
        "staging.stg_things",
    ]
    assert copies.rows("select * from staging.stg_things where thing_id = 2") == [(2, "thing 2")]
    assert copies.rows("select count(*) from ledger.writes") == [(0,)]
    [(built, published)] = copies.rows("select built_at, published_at from p2c.published")
    assert built == BUILT < published


def test_what_a_run_finds_that_changes_nothing_publishes_nothing(copies: Copies) -> None:
    copies.publish()
    before = copies.path.stat().st_ino
    with Ledger.open(copies.context.path("state_dir")) as ledger:
        ledger.finish_run(ledger.start_run("run"), "ok", {"writes": 0})
        publish(ledger, copies.context.warehouse)
    assert copies.publish().status == "unchanged"
    assert copies.path.stat().st_ino == before
    copies.build(4, LATER)
    assert copies.publish().status == "published"
    assert copies.rows("from quality.counts") == [(4,)]


@pytest.mark.skipif(os.name != "posix", reason="rights on Windows are lists that no mode shows")
@pytest.mark.parametrize(("readers", "mode"), [("owner", 0o600), ("group", 0o640)])
def test_it_is_its_owners_unless_the_setting_says_otherwise(
    copies: Copies, monkeypatch: pytest.MonkeyPatch, readers: str, mode: int
) -> None:
    copies.publish()
    monkeypatch.setenv("P2C__READ_COPY_READERS", readers)
    copies.context = load(copies.context.project_dir)
    copies.path = copies.path.parent / "bi" / "read.duckdb"
    copies.publish()
    os.umask(mask := os.umask(0))
    others = 0 if readers == "owner" else 0o077 & ~mask
    assert stat.S_IMODE(copies.path.parent.stat().st_mode) & 0o077 == others
    assert stat.S_IMODE(copies.path.stat().st_mode) == mode


def test_a_file_of_somebody_else_is_left_alone(copies: Copies) -> None:
    copies.path.write_text("a spreadsheet")
    with pytest.raises(ReadCopyError, match="stays as it is"):
        copies.publish()
    assert copies.path.read_text() == "a spreadsheet"
    copies.path.unlink()
    with duckdb.connect(str(copies.path)) as other:
        other.execute("create table mine as select 1 as one")
    with pytest.raises(ReadCopyError, match="no copy that p2c published"):
        copies.publish()
    assert copies.rows("from mine") == [(1,)]


def test_the_warehouse_is_never_its_own_copy(copies: Copies) -> None:
    with pytest.raises(ReadCopyError, match="is the warehouse"):
        read_copy.publish_copy(copies.context, copies.context.warehouse)


def test_what_is_half_built_is_not_published(copies: Copies) -> None:
    with duckdb.connect(str(copies.context.warehouse)) as warehouse:
        warehouse.execute("delete from ledger.marks")
    with pytest.raises(NothingStaged, match="no complete build"):
        copies.publish()
    assert not copies.path.exists()


def test_one_that_was_killed_leaves_the_old_copy_and_the_next_cleans_up(copies: Copies) -> None:
    copies.publish()
    copies.build(5, LATER)
    with process(KILLED, copies.context.project_dir) as other:
        assert other.wait(60) == -signal.SIGKILL
    left = list(copies.path.parent.glob("read.duckdb?*"))
    assert [path.name for path in left] == ["read.duckdb.unfinished"]
    assert copies.rows("from quality.counts") == [(3,)]
    copies.publish()
    assert list(copies.path.parent.glob("read.duckdb?*")) == []
    assert copies.rows("from quality.counts") == [(5,)]


def test_a_disk_that_is_full_leaves_the_old_copy_and_nothing_else(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.publish()
    copies.build(5, LATER)

    def full(*_: Path) -> None:
        raise OSError(28, "No space left on device", str(copies.path))

    monkeypatch.setattr(read_copy, "put_in_place", full)
    with pytest.raises(ReadCopyError, match="was not written, and stays as it was: No space"):
        copies.publish()
    assert list(copies.path.parent.glob("read.duckdb?*")) == []
    assert copies.rows("from quality.counts") == [(3,)]


def test_on_windows_a_reader_keeps_the_old_copy_and_is_named_as_the_cause(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.publish()
    copies.build(5, LATER)

    def in_use(unfinished: Path, path: Path) -> None:
        raise PermissionError(13, "Access is denied", str(unfinished), None, str(path))

    monkeypatch.setattr(read_copy, "put_in_place", in_use)
    with pytest.raises(ReadCopyError, match=r"has it open.*as of 2026-01-31 10:00"):
        copies.publish()


def test_whoever_has_the_old_copy_open_keeps_it(copies: Copies) -> None:
    copies.publish()
    with duckdb.connect(str(copies.path), read_only=True) as reader:
        copies.build(5, LATER)
        assert copies.publish().status == "published"
        assert reader.execute("select count(*) from staging.stg_things").fetchall() == [(3,)]
    assert copies.rows("select count(*) from staging.stg_things") == [(5,)]


def test_what_a_writer_left_beside_the_old_copy_does_not_reach_the_new_one(copies: Copies) -> None:
    copies.publish()
    copies.path.with_name("read.duckdb.wal").write_bytes(b"blocks of the old file")
    copies.build(5, LATER)
    copies.publish()
    assert [path.name for path in copies.path.parent.glob("read.duckdb*")] == ["read.duckdb"]
    assert copies.rows("from quality.counts") == [(5,)]


def test_a_reader_that_opens_it_all_the_time_stops_no_copy_and_sees_whole_ones(
    copies: Copies,
) -> None:
    copies.publish()
    with process(READER, copies.path) as reader:
        assert line(reader) == "begun"
        assert line(reader) == "3"
        for rows in range(4, 9):
            copies.build(rows, BUILT + timedelta(hours=rows))
            assert copies.publish().status == "published"
        seen = [line(reader)]
        while seen[-1] not in ("8", ""):
            seen.append(line(reader))
        assert seen[-1] == "8", reader.stderr.read() if reader.stderr else ""
        assert set(seen) <= {str(rows) for rows in range(4, 9)}


def test_the_command_publishes_where_the_setting_or_the_option_says(
    copies: Copies, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(copies.context.project_dir))
    assert p2c("publish").code == 2
    found = p2c("publish", "--to", "read.duckdb", "--json").data
    assert found["status"] == "published"
    assert Path(found["path"]) == copies.path
    assert found["bytes"] == copies.path.stat().st_size
    monkeypatch.setenv("P2C__READ_COPY", "read.duckdb")
    assert "holds all of it already" in p2c("publish").out


def test_a_run_whose_copy_cannot_be_made_says_so_and_has_run(
    world: World, p2c: Call, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "read.duckdb").write_text("a spreadsheet")
    (project / "target").mkdir()
    (project / "target/manifest.json").write_text('{"nodes": {}}')
    monkeypatch.setenv("P2C__READ_COPY", "read.duckdb")
    result = p2c("run", "--yes")
    assert result.code == 0
    assert world.asked[-1] == "apply"
    assert "Warning: There is no warehouse" in result.err
