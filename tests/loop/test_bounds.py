"""Many runs with edits, a reader at the copy all the time: nothing grows beyond what is documented.

BOUNDS_RUNS sets another number of runs than fifty.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.loop.world import World

pytestmark = pytest.mark.long
RUNS = int(os.environ.get("BOUNDS_RUNS", "50"))
WARM = 3  # runs after which nothing is new to the warehouse any more
KILOBYTE, MEGABYTE = 1_000, 1_000_000
# Whole copies only: as many tables as it names, and its own. Its pace leaves room for the runs.
READER = """
import sys, time, duckdb
print("begun", flush=True)
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as copy:
        [(tables, built)] = copy.execute("select tables, built_at from p2c.published").fetchall()
        [(there,)] = copy.execute("select count(*) from information_schema.tables").fetchall()
        assert there == tables + 1, (there, tables)
        print(built, flush=True)
    time.sleep(0.05)
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes on disk, and DuckDB's blocks: those of the file, and those in use."""

    warehouse: int
    blocks: int
    used: int
    ledger: int
    plans: int
    extraction: int
    logs: int
    copy: int

    @classmethod
    def of(cls, world: World) -> Sizes:
        state = world.folder / "state"
        size = "select total_blocks, used_blocks from pragma_database_size()"
        [(blocks, used)] = world.query(size)
        return cls(
            warehouse=bytes_of(world.warehouse),
            blocks=blocks,
            used=used,
            ledger=sum(bytes_of(path) for path in state.glob("ledger.sqlite*")),
            plans=bytes_of(state / "plans"),
            extraction=bytes_of(state / "dlt"),
            logs=bytes_of(world.project / "logs"),
            copy=bytes_of(world.folder / "read.duckdb"),
        )


def bytes_of(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)


@contextmanager
def reader(copy: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", READER, str(copy)]
    seen = copy.with_name("seen.txt")
    with (
        seen.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True) as other,
    ):
        try:
            yield other
        finally:
            other.kill()


@pytest.fixture
def world(sandboxes, tmp_path: Path) -> World:
    (tmp_path / "loop").mkdir()
    (tmp_path / "project").mkdir()
    sandbox = sandboxes.start("demo", accounts=40, products=20)
    found = World(sandbox, tmp_path / "loop").in_copy(tmp_path / "project")
    return found.with_settings(P2C__READ_COPY=str(tmp_path / "loop/read.duckdb"))


def edited(world: World, number: int) -> int:
    """Edit one account and run; how many records the run wrote."""
    account = world.sales.rows("accounts", "$orderby=accountid")[0]
    world.sales.update(f"accounts({account['accountid']})", {"name": f"Edited {number}"})
    answer = world.p2c("run", "--yes", "--json")
    assert answer.exit == 0, answer.err
    return int(answer.json["writes"])


@pytest.mark.timeout(1800 + 120 * RUNS)
def test_runs_with_edits_stay_in_bounds_while_the_copy_is_read(world: World) -> None:
    first = world.p2c("run", "--yes", "--json")
    assert first.exit == 0, first.err
    with reader(world.folder / "read.duckdb") as other:
        early, found = Sizes.of(world), []
        for number in range(RUNS):
            assert edited(world, number) >= 1
            found.append(Sizes.of(world))
            if number < WARM:
                early = found[-1]
        assert other.poll() is None, other.stderr.read() if other.stderr else ""
    seen = set((world.folder / "seen.txt").read_text().splitlines())
    assert len(seen) > RUNS // 2, "a new copy after each run"
    last, more = found[-1], len(found)
    most = max(found, key=lambda one: one.blocks)
    assert most.blocks <= 1.25 * early.blocks + 8, "free blocks are used again"
    assert last.used <= 1.1 * early.used + 8
    assert last.ledger - early.ledger <= 60 * KILOBYTE * more
    assert last.plans - early.plans <= 10 * KILOBYTE * more
    assert last.extraction <= early.extraction + 100 * KILOBYTE
    assert last.logs <= 6.5 * MEGABYTE
    assert last.copy <= 1.1 * early.copy
    pruned_to_the_last(world, early)


def pruned_to_the_last(world: World, early: Sizes) -> None:
    """What the runs left goes; what follows from them stays: the next run has nothing to write."""
    now = world.with_settings(P2C__QUARANTINE_HOURS="0")
    counted = now.p2c("prune", "--days", "0", "--dry-run", "--json").json
    done = now.p2c("prune", "--days", "0", "--json").json
    for one in (counted, done):
        del one["dry_run"], one["ledger"]["bytes_after"], one["ledger"]["before"]
        del one["ledger"]["bytes_before"]
    assert counted == done
    assert done["history"]["counts"] >= RUNS - 1
    left = Sizes.of(world)
    assert left.ledger <= 1.2 * early.ledger + 200 * KILOBYTE
    assert left.plans <= early.plans + 20 * KILOBYTE
    answer = world.p2c("run", "--yes", "--json")
    assert (answer.exit, answer.json["writes"]) == (0, 0), answer.err
    with duckdb.connect(str(world.warehouse), read_only=True) as warehouse:
        [(reads, tables)] = warehouse.execute(
            "select count(*), count(distinct table_name) from raw_finops.reads"
        ).fetchall()
    assert reads <= 4 * tables
