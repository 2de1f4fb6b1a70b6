"""`p2c prune`: everything that grows, by one command, and once a day after a run."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from loaders import Clock, Ledger
from loaders.warehouse import open_warehouse
from p2c.config.context import load
from p2c.lock import hold
from p2c.run import retention

from .cli_world import Call, World
from .copy_world import line, process
from .test_lock import READER

LONG_AGO = datetime.now(UTC) - timedelta(days=40)
READS = """
create schema raw_sales;
create table raw_sales._dlt_loads (load_id varchar, status bigint, inserted_at timestamptz);
create table raw_sales.reads (table_name varchar, load_id varchar, mode varchar,
    started_at timestamptz);
insert into raw_sales.reads values ('a', '1', 'full', now() - interval 40 day),
    ('a', '2', 'full', now());
insert into raw_sales._dlt_loads values ('1', 0, now() - interval 40 day), ('2', 0, now());
"""


class Then(Clock):
    """A run of each of two hours, forty days ago."""

    hour = 0

    def now(self) -> datetime:
        return LONG_AGO.replace(hour=self.hour)


@pytest.fixture
def grown(world: World, project: Path) -> Path:
    """Two runs of one day that wrote nothing, old reads, an old log file and a younger one."""
    context = load(project)
    clock = Then()
    with Ledger.open(context.path("state_dir"), clock) as ledger:
        for hour in (1, 2):
            clock.hour = hour
            ledger.finish_run(ledger.start_run("run"), "ok", {"writes": 0})
        clock.hour = 3
        ledger.finish_run(ledger.start_run("run"), "ok", {"writes": 2})
    with duckdb.connect(str(context.warehouse)) as warehouse:
        warehouse.execute(READS)
    logs = project / "logs"
    logs.mkdir()
    for name, at in (("dbt.log.1", datetime.now(UTC)), ("dbt.log.2", LONG_AGO)):
        (logs / name).write_text("lines\n")
        os.utime(logs / name, (at.timestamp(), at.timestamp()))
    return project


def test_one_command_drops_all_that_is_old_and_a_dry_run_says_so_before(
    grown: Path, p2c: Call
) -> None:
    counted = p2c("prune", "--dry-run", "--json").data
    assert (grown / "logs/dbt.log.2").exists()
    done = p2c("prune", "--json").data
    assert counted.pop("dry_run") is True
    assert done.pop("dry_run") is False
    for found in (counted, done):
        del found["ledger"]["bytes_after"], found["ledger"]["bytes_before"]
        del found["ledger"]["before"]
    assert counted == done
    assert done["history"] == {"runs": 1, "plans": 0, "counts": 0}
    assert done["reads"] == {"reads": 1, "deletions": 0, "states": 0, "packages": 1}
    assert (done["files"], done["file_bytes"]) == (1, 6)
    assert [path.name for path in (grown / "logs").iterdir()] == ["dbt.log.1"]
    again = p2c("prune", "--json").data
    assert (again["history"]["runs"], again["reads"]["reads"], again["files"]) == (0, 0, 0)


def test_its_words_are_counts_of_each_subject(grown: Path, p2c: Call) -> None:
    text = p2c("prune").out
    assert "0 rows of 0 plans that ended before" in text
    assert "runs that wrote nothing, or are past their age" in text
    assert "reads of a table" in text
    assert "0.0 MB" in text


def test_more_days_keep_more(grown: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2C__DETAIL_DAYS", "60")
    assert p2c("prune", "--dry-run", "--json").data["reads"]["reads"] == 0
    assert p2c("prune", "--dry-run", "--days", "30", "--json").data["reads"]["reads"] == 1
    assert p2c("prune", "--dry-run", "--days", "99", "--json").data["reads"]["reads"] == 0


def test_it_waits_for_a_run_only_when_told_to(grown: Path, p2c: Call) -> None:
    warehouse = load(grown).warehouse
    with hold(warehouse, "run"):
        refused = p2c("prune")
    assert refused.code == 1
    assert "is held by" in refused.err
    with process(READER, warehouse) as reader:
        assert line(reader) == "held"
        waited = p2c("prune", "--wait", "0.3")
        assert waited.code == 1
        assert str(reader.pid) in waited.err
        assert reader.stdin
        reader.stdin.close()
        assert p2c("prune", "--wait", "60", "--json").data["reads"]["reads"] == 1


def test_after_a_run_it_is_done_once_a_day_and_only_where_it_is_wanted(
    grown: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[float | None] = []
    monkeypatch.setattr(retention, "prune_all", lambda *_: days.append(None))
    p2c("run", "--yes")
    assert days == []
    monkeypatch.setenv("P2C__PRUNE_AFTER_RUN", "true")
    p2c("run", "--yes")
    p2c("run", "--yes")
    assert days == [None]


def test_what_a_killed_plan_left_goes_when_the_next_command_takes_the_lock(
    grown: Path, p2c: Call
) -> None:
    folder = load(grown).path("state_dir") / "plans"
    folder.mkdir(exist_ok=True)
    for name in ("plan-1.parquet", "plan-2.parquet.unfinished", "tmp_plan-2.parquet.unfinished"):
        (folder / name).write_text("")
    p2c("run", "--yes")
    assert [path.name for path in folder.iterdir()] == ["plan-1.parquet"]


def test_tables_that_are_built_again_take_the_room_of_the_old_ones(tmp_path: Path) -> None:
    """Why no command shrinks the warehouse: each build opens it, replaces its tables, closes it."""
    path, blocks = tmp_path / "w.duckdb", []
    for number in range(10):
        with open_warehouse(path, read_only=False) as warehouse:
            warehouse.execute(
                f"create or replace table built as select hash(i + {number}) as h "
                "from range(200000) as t(i)"
            )
        with open_warehouse(path) as warehouse:
            size = "select total_blocks from pragma_database_size()"
            blocks += [row[0] for row in warehouse.execute(size).fetchall()]
    assert max(blocks) <= 2 * blocks[0] + 2
    assert blocks[-1] <= max(blocks[:3])
