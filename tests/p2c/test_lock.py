"""One run at a time per warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE

import duckdb
import filelock
import pytest

from p2c.errors import WarehouseBusy
from p2c.lock import Holder, hold, holder, holder_path, lock_path
from pipelines.common import errors

OTHER = """
import sys, pathlib
from p2c.lock import hold
with hold(pathlib.Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""
READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def beside(program: str, warehouse: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the warehouse until its input ends."""
    command = [sys.executable, "-c", program, str(warehouse)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other


def let_go(other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.close()


def held(warehouse: Path, wait: float) -> Holder:
    """Hold the warehouse for a moment."""
    with hold(warehouse, "run", wait=wait) as mine:
        return mine


def test_nobody_holds_a_new_warehouse(tmp_path: Path) -> None:
    assert holder(tmp_path / "w.duckdb") is None


def test_a_second_run_is_refused_at_once_with_who_and_since_when(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    since = datetime(2026, 1, 31, 10, 15, tzinfo=UTC)
    with hold(warehouse, "run", clock=lambda: since):
        with pytest.raises(WarehouseBusy) as caught, hold(warehouse, "extract"):
            pytest.fail("two runs hold one warehouse")
        message = str(caught.value)
    assert str(os.getpid()) in message
    assert "p2c run" in message
    assert "2026-01-31T10:15:00+00:00" in message


def test_the_lock_ends_with_the_block_even_on_an_error(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with pytest.raises(RuntimeError), hold(warehouse, "run"):
        raise RuntimeError
    assert holder(warehouse) is None
    with hold(warehouse, "build") as mine:
        assert mine.command == "build"


def test_with_patience_the_next_run_waits_for_the_other_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = tmp_path / "w.duckdb"
    with beside(OTHER, warehouse) as other, ThreadPoolExecutor() as pool:
        next_run = pool.submit(held, warehouse, 60)
        while not caplog.messages:
            assert not next_run.done(), next_run.result()
        assert f"held by process {other.pid} (p2c run)" in caplog.messages[0]
        assert "waiting, at most 60 s" in caplog.messages[0]
        let_go(other)
        assert next_run.result(timeout=60).command == "run"


def test_patience_ends_with_who_holds_it(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with (
        hold(warehouse, "run"),
        pytest.raises(WarehouseBusy, match="p2c run"),
        hold(warehouse, "build", wait=0.6),
    ):
        pytest.fail("two runs hold one warehouse")


def test_with_patience_a_program_that_reads_the_file_is_waited_for(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    duckdb.connect(str(warehouse)).close()
    with beside(READER, warehouse) as other, ThreadPoolExecutor() as pool:
        with pytest.raises(errors.WarehouseBusy, match=str(other.pid)):
            held(warehouse, 0.3)
        next_run = pool.submit(held, warehouse, 60)
        let_go(other)
        assert next_run.result(timeout=60).command == "run"


def test_another_process_holds_it_and_a_killed_one_does_not(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with beside(OTHER, warehouse) as other:
        found = holder(warehouse)
        assert found is not None
        assert found.pid == other.pid
        other.kill()
        other.wait()
    assert holder_path(warehouse).exists()
    assert holder(warehouse) is None


def test_two_warehouses_do_not_disturb_each_other(tmp_path: Path) -> None:
    with hold(tmp_path / "a.duckdb", "run"), hold(tmp_path / "b.duckdb", "run") as second:
        assert second.pid == os.getpid()


def test_a_run_does_not_mind_somebody_who_only_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`p2c status` in a loop holds the lock for a moment each time."""
    warehouse = tmp_path / "w.duckdb"
    looking = filelock.FileLock(lock_path(warehouse))
    looking.acquire()
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        looking.release()

    monkeypatch.setattr("filelock._api.time.sleep", wait)
    with hold(warehouse, "run") as mine:
        assert mine.pid == os.getpid()
    assert len(waits) == 1
