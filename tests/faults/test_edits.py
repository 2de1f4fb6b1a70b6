"""Runs that end early anywhere, then people's edits on both sides, then the next run.

Judged against the states after runs that nobody disturbed (tests/faults/undisturbed.py): nothing
lost, doubled or wrong, and no write to a record that an undisturbed run does not touch.
P2C_FAULT_EDITS says how many cases there are: none but with `make test-faults`, for a case takes a
minute; tests/loop/test_killed_then_edited.py is the one that is always tried.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from p2c_sandbox import process
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.process import Running

from tests.conftest import IDLE_SECONDS, Data
from tests.faults.chance import WRITING
from tests.faults.edits import Picked, edit, pick
from tests.faults.figures import Figures
from tests.faults.undisturbed import Ending, judge, listed_by, writes_of
from tests.faults.whole import popen, runs_to_the_fixed_point, state
from tests.loop.world import World

CASES = int(os.environ.get("P2C_FAULT_EDITS", "0"))
DYING = (sys.executable, "-m", "tests.faults.dying")
# So many records are written by a complete run before the one that is disturbed.
FIRST = "200"
Place = dict[str, Any]
# One of each stage; the rest is drawn by chance.
PLACES: tuple[Place, ...] = (
    {"at": "request", "n": 3, "when": "after"},
    {"at": "request", "n": 12, "when": "before"},
    {"at": "read", "n": 5},
    {"at": "node", "n": 30},
    {"at": "after", "name": "p2c.run.engine:build"},
    {"at": "after", "name": "p2c.run.engine:make_plan"},
    {"at": "before", "name": "p2c.run.engine:publish", "n": 3},
    {"at": "after", "name": "p2c.run.engine:apply_plan"},
    {"at": "statement", "n": 60},
)
SIGNALS = ("KILL", "KILL", "TERM", "STOP")
# What became of the warehouse and the ledger until the next run.
LEFT = ("kept", "no warehouse", "older warehouse", "kept", "older ledger")


@dataclass(frozen=True)
class Start:
    """Where each case begins: both services and what was staged, after a first partial run."""

    folder: Path
    picked: Picked
    endings: tuple[Ending, Ending]


@pytest.fixture(scope="module")
def start(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """The common beginning, and both undisturbed endings."""
    folder = tmp_path_factory.mktemp("start")
    process.copy_data(sandbox_data.of("demo"), folder / "sandbox")
    (folder / "loop").mkdir()
    with _running(folder) as running:
        answer = World(running, folder / "loop").p2c("run", "--first", FIRST, "--json")
        assert answer.json["writes"] == int(FIRST), answer.err
    with _case(folder, tmp_path_factory.mktemp("late")) as world:
        assert world.p2c("run", "--json").exit == 0
        picked = pick(world)
        edit(world, picked)
        runs_to_the_fixed_point(world)
        late = Ending(state(world), writes_of(world))
    with _case(folder, tmp_path_factory.mktemp("early")) as world:
        edit(world, picked)
        runs_to_the_fixed_point(world)
        early = Ending(state(world), writes_of(world))
    return Start(folder, picked, (late, early))


def _running(folder: Path) -> Running:
    return process.start(folder / "sandbox", parent=os.getpid(), idle_timeout=IDLE_SECONDS)


class _case:
    """A copy of the beginning, on ports of its own: the addresses moved."""

    def __init__(self, beginning: Path, folder: Path) -> None:
        process.copy_data(beginning / "sandbox", folder / "sandbox")
        shutil.copytree(beginning / "loop", folder / "loop")
        self._folder = folder

    def __enter__(self) -> World:
        self._sandbox = _running(self._folder)
        return World(self._sandbox, self._folder / "loop")

    def __exit__(self, *_: object) -> None:
        self._sandbox.stop()


@pytest.mark.skipif(CASES == 0, reason="runs that end early, then edits: make test-faults")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(max(CASES, 1)))
def test_edits_after_a_run_that_ended_early(
    start: Start, tmp_path: Path, figures: Figures, seed: int
) -> None:
    chance = random.Random(seed)
    place = PLACES[seed] if seed < len(PLACES) else _place(chance)
    name, left = SIGNALS[seed % len(SIGNALS)], LEFT[seed % len(LEFT)]
    figures.cases += 1
    figures.edited += 1
    figures.asked += name != "KILL"
    with _case(start.folder, tmp_path) as world:
        faults = _faults(chance)
        world.sandbox.faults.set(*faults)

        def between() -> None:
            """The faults end first: they were not meant for people's edits."""
            for fault, struck in zip(faults, world.sandbox.faults.struck(), strict=True):
                figures.faults[fault.kind] += struck
            world.sandbox.faults.clear()
            edit(_signed_in(world), start.picked)

        _end_early(world, {**place, "signal": name}, between, figures)
        _lose(left, start.folder / "loop", world.folder)
        runs = runs_to_the_fixed_point(world)
        _judge(_signed_in(world), start, figures, runs)


def _signed_in(world: World) -> World:
    """With new tokens: a fault may have ended the ones there were."""
    return replace(world)


def _judge(world: World, start: Start, figures: Figures, runs: int) -> None:
    figures.runs += runs + 1
    figures.most_runs_after = max(figures.most_runs_after, runs)
    now = Ending(state(world), writes_of(world))
    verdict = judge(now, start.endings, listed_by(world))
    figures.records += sum(len(rows) for rows in now.state.values())
    figures.lost += len(verdict.lost)
    figures.doubled += len(verdict.doubled)
    figures.wrong += len(verdict.wrong) + len(verdict.strange)
    assert not verdict, verdict


def _end_early(world: World, place: Place, edits: Callable[[], None], figures: Figures) -> None:
    """A run that gets the signal at the place; the edits come after its end, or while it stands."""
    started = popen(world, json.dumps(place), "run", "--json", command=DYING)
    if place["signal"] == "STOP":
        _, status = os.waitpid(started.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            edits()
            os.kill(started.pid, signal.SIGCONT)
            started.communicate(timeout=world.patience)
            return
    answer = started.communicate(timeout=world.patience)
    if place["signal"] == "TERM":
        _is_reported(started, answer)
    figures.kills += started.returncode == -signal.SIGKILL
    edits()


def _is_reported(ended: subprocess.Popen[str], answer: tuple[str, str]) -> None:
    """A run that was asked to end says so, and what it says is JSON."""
    if ended.returncode:
        assert json.loads(answer[0])["status"] == "interrupted", answer


def _lose(left: str, older: Path, now: Path) -> None:
    """The warehouse is gone or older, or the ledger is: somebody restored a copy."""
    if left in ("no warehouse", "older warehouse"):
        (now / "warehouse.duckdb").unlink()
        (now / "warehouse.duckdb.wal").unlink(missing_ok=True)
    if left == "older warehouse":
        shutil.copyfile(older / "warehouse.duckdb", now / "warehouse.duckdb")
    if left == "older ledger":
        shutil.rmtree(now / "state")
        shutil.copytree(older / "state", now / "state")


def _place(chance: random.Random) -> Place:
    """Most often while it writes."""
    kind = chance.choice(("request", "request", "statement", "read", "node"))
    if kind == "request":
        return {"at": kind, "n": chance.randint(1, 25), "when": chance.choice(("before", "after"))}
    return {"at": kind, "n": int(10 ** chance.uniform(0, 2))}


def _faults(chance: random.Random) -> list[Fault]:
    """Some of the writing requests meet something, too."""
    kinds = ("throttle", "drop_after", "deadlock", "expired_token", "html")
    return [
        Fault(kind=kind, path="" if kind == "deadlock" else WRITING, skip=chance.randint(0, 5))
        for kind in chance.sample(kinds, chance.randint(0, 2))
    ]
