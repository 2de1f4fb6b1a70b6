"""Of an extract's book-keeping stays what the next one goes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.common.prune import PrunedReads, prune_reads

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLES = """
create schema raw_sales; create schema raw_sales_staging;
create table raw_sales_staging._dlt_version (version bigint);
create table raw_sales.accounts (id integer, _dlt_load_id varchar);
create table raw_sales.reads (table_name varchar, load_id varchar, mode varchar,
    started_at timestamptz, _dlt_load_id varchar);
create table raw_sales.deletions (table_name varchar, record_id varchar, deleted_at timestamptz,
    _dlt_load_id varchar);
create table raw_sales._dlt_loads (load_id varchar, status bigint, inserted_at timestamptz);
create table raw_sales._dlt_pipeline_state (version bigint, pipeline_name varchar,
    created_at timestamptz, _dlt_load_id varchar);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Loads 1 to 9 on the days before: reads of two tables, one of them in full at first only.

    The living rows came with loads 2 and 8.
    """
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(TABLES)
        for number in range(1, 10):
            load, at = str(number), NOW - timedelta(days=10 - number)
            mode = "full" if number < 3 else "delta"
            for table, how in (("accounts", mode), ("contacts", "full")):
                db.execute("insert into raw_sales.reads values (?, ?, ?, ?, ?)",
                           [table, load, how, at, load])  # fmt: skip
            db.execute("insert into raw_sales._dlt_loads values (?, 0, ?)", [load, at])
            db.execute("insert into raw_sales._dlt_pipeline_state values (?, 'sales', ?, ?)",
                       [number, at, load])  # fmt: skip
        db.execute("insert into raw_sales.accounts values (1, '2'), (2, '8')")
        db.execute("insert into raw_sales.deletions select 'accounts', 'a', ?, '4'",
                   [NOW - timedelta(days=6)])  # fmt: skip
    return path


def rows(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as db:
        return db.execute(sql).fetchall()


READS = "select table_name, load_id, mode from raw_sales.reads order by 1, 2"
LOADS = "select load_id from raw_sales._dlt_loads order by 1"


def test_the_newest_read_in_each_mode_stays_and_the_packages_of_living_rows(
    warehouse: Path,
) -> None:
    found = prune_reads(warehouse, NOW - timedelta(days=1, hours=12))
    assert rows(warehouse, READS) == [
        ("accounts", "2", "full"),
        ("accounts", "9", "delta"),
        ("contacts", "9", "full"),
    ]
    assert rows(warehouse, LOADS) == [("2",), ("8",), ("9",)]
    assert rows(warehouse, "select version from raw_sales._dlt_pipeline_state") == [(9,)]
    assert rows(warehouse, "from raw_sales.deletions") == []
    assert found == PrunedReads(reads=15, deletions=1, states=8, packages=6)


def test_what_is_young_stays(warehouse: Path) -> None:
    assert prune_reads(warehouse, NOW - timedelta(days=30)) == PrunedReads()
    assert len(rows(warehouse, READS)) == 18


def test_a_dry_run_counts_the_same_and_drops_nothing(warehouse: Path) -> None:
    before = NOW - timedelta(days=2, hours=12)
    counted = prune_reads(warehouse, before, dry_run=True)
    assert len(rows(warehouse, READS)) == 18
    assert counted == prune_reads(warehouse, before)


def test_a_state_without_its_package_is_no_newest_one(warehouse: Path) -> None:
    """dlt asks for the state of a package that arrived."""
    with duckdb.connect(str(warehouse)) as db:
        db.execute("update raw_sales._dlt_loads set status = 1 where load_id = '9'")
    prune_reads(warehouse, NOW - timedelta(hours=1))
    assert rows(warehouse, "select version from raw_sales._dlt_pipeline_state") == [(8,)]


def test_deletions_of_the_last_package_wait_until_they_are_marked(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as db:
        db.execute("update raw_sales.deletions set _dlt_load_id = '9'")
    prune_reads(warehouse, NOW - timedelta(hours=1))
    assert len(rows(warehouse, "from raw_sales.deletions")) == 1


def test_without_a_warehouse_there_is_nothing(tmp_path: Path) -> None:
    assert prune_reads(tmp_path / "none.duckdb", NOW) == PrunedReads()
    assert not (tmp_path / "none.duckdb").exists()
