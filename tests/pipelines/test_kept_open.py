"""A warehouse that an extract keeps open is open to this process, and to others afterwards."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from pipelines.common.duck import kept_open, opened

OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('select n from t')"


def other_process(path: Path) -> int:
    words = [sys.executable, "-c", OPEN, str(path)]
    return subprocess.run(words, check=False, capture_output=True).returncode


def test_it_is_kept_for_the_block_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table t as select 1 as n")
    assert other_process(path) == 0
    with kept_open(path):
        assert other_process(path) != 0
        with ThreadPoolExecutor(1) as pool, opened(path) as here:
            here.execute("insert into t values (2)")
            assert pool.submit(lambda: duckdb.connect(str(path)).sql("from t").fetchall()).result()
    assert other_process(path) == 0


def test_a_warehouse_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    with kept_open(tmp_path / "none.duckdb"):
        assert not list(tmp_path.iterdir())
