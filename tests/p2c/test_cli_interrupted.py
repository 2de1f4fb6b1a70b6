"""Ctrl-C and SIGTERM, at any stage: exit code, JSON and ledger say the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from loaders import Ledger
from p2c.commands import steps
from p2c.run import engine

from .cli_world import Call, World


@pytest.fixture
def interrupted(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    def refresh(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "refresh", refresh)
    return world


@pytest.mark.parametrize("command", ["run", "plan"])
def test_ctrl_c_leaves_the_run_marked_and_no_trace(
    interrupted: World, p2c: Call, command: str
) -> None:
    """Interrupted is what it is called everywhere, and JSON when asked."""
    result = p2c(command, "--json")
    assert result.code == 130
    assert result.data["status"] == "interrupted"
    assert "Traceback" not in result.err
    run = p2c("status", "--json").data["runs"][0]
    assert (run["status"], run["finished_at"] is not None) == ("interrupted", True)


def test_an_apply_that_was_interrupted_says_so_everywhere(world: World, p2c: Call) -> None:
    """In the report, in the JSON and in the ledger; the exit code is not 0."""
    world.status = "interrupted"
    result = p2c("run", "--json")
    assert result.code == 1
    assert result.data["status"] == "interrupted"
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


def test_ctrl_c_at_the_question_is_an_interruption(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:

    def abort(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(steps, "ask", abort)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert p2c("run").code == 130
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


# A project whose run never gets further than one stage, in a process of its own.
STUCK = """
import sys, threading, time
from pathlib import Path
from p2c import __main__
from p2c.run import engine

def stuck(*_):
    threading.Thread(target=time.sleep, args=(600,)).start()  # a reader that is not waited for
    print("stuck", file=sys.stderr, flush=True)
    threading.Event().wait()

engine.refresh = stuck
__main__.run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_ends_a_run_at_any_stage_with_its_json(project: Path, number: int) -> None:
    """Status, JSON and exit code, at once although a thread still reads."""
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, "--project-dir", str(project), "run", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "stuck\n"
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert json.loads(output)["status"] == "interrupted"
    assert "Interrupted;" in errors
    with Ledger.open(project / ".p2c") as ledger:
        [run] = ledger.connection.execute("select status, finished_at from runs").fetchall()
    assert run["status"] == "interrupted"
    assert run["finished_at"]
