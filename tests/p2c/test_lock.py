"""One run at a time per warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import filelock
import pytest

from p2c.errors import WarehouseBusy
from p2c.lock import hold, holder, holder_path, lock_path

OTHER = """
import sys, pathlib
from p2c.lock import hold
with hold(pathlib.Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""


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


def test_another_process_holds_it_and_a_killed_one_does_not(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        held = holder(warehouse)
        assert held is not None
        assert held.pid == other.pid
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
