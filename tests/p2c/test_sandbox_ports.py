"""Where the usual ports are taken, the sandbox listens elsewhere, says so, and all follows."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from p2c_sandbox import process
from p2c_sandbox.commands import servers as commands
from typer.testing import CliRunner, Result

from p2c.cli import app, main
from p2c.commands.session import Session
from p2c.config.context import load

ROOT = Path(__file__).parents[2]
SYSTEMS = ("sales", "finops")


def listening() -> socket.socket:
    """Another program that answers on a port of its own."""
    created = socket.socket()
    created.bind(("127.0.0.1", 0))
    created.listen()
    return created


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The usual ports, as this machine has them: both are another program's."""
    with ExitStack() as others:
        ports = {name: others.enter_context(listening()).getsockname()[1] for name in SYSTEMS}
        monkeypatch.setattr(commands, "PORTS", ports)
        yield ports


@pytest.fixture
def checkouts(tmp_path: Path, taken: dict[str, int]) -> Iterator[list[Path]]:
    """Two clones of the project, neither with secrets."""
    created = [tmp_path / name for name in ("one", "two")]
    for path in created:
        (path / ".dlt").mkdir(parents=True)
        (path / "dbt_project.yml").write_text("name: test\n")
        for tables in ("pipelines/sales/tables.yml", "pipelines/finops/tables.yml"):
            (path / tables).parent.mkdir(parents=True)
            shutil.copy(ROOT / tables, path / tables)
    yield created
    for path in created:
        process.stop(path / ".sandbox")


def p2c(project: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--project-dir", str(project), *words], obj=Session())


def port(running: process.Running, system: str) -> int | None:
    return urlsplit(getattr(running, system).url).port


@pytest.mark.parametrize("command", [["up"], ["reset", "--yes"]])
def test_taken_ports_are_named_and_others_are_used(
    checkouts: list[Path], taken: dict[str, int], command: list[str]
) -> None:
    """`make run` begins with `sandbox reset --yes`, the page of the sandbox with `sandbox up`."""
    result = p2c(checkouts[0], "sandbox", *command, "--demo", "base")
    assert result.exit_code == 0, result.output
    running = process.status(checkouts[0] / ".sandbox")
    assert running is not None
    for system, title in (("sales", "Sales"), ("finops", "F&O")):
        message = f"Port {taken[system]} is taken by another program: {title} listens on "
        assert f"{message}{port(running, system)}." in result.stderr


def test_two_checkouts_run_side_by_side(checkouts: list[Path]) -> None:
    """Each has its own sandbox, and its settings lead to that one."""
    for project in checkouts:
        assert p2c(project, "sandbox", "up", "--demo", "base").exit_code == 0
    found = [process.status(project / ".sandbox") for project in checkouts]
    assert len({port(one, system) for one in found if one for system in SYSTEMS}) == 4
    for project, running in zip(checkouts, found, strict=True):
        assert running is not None
        connection = load(project).connection("sales")
        assert (connection.url, connection.client_id) == (running.sales.url, running.client_id)
        checks = json.loads(p2c(project, "doctor", "--json").stdout)["checks"]
        reached = {check["check"]: check["status"] for check in checks}
        assert reached["sales connection"] == reached["finops connection"] == "ok"


def test_the_settings_follow_when_it_comes_back_elsewhere(checkouts: list[Path]) -> None:
    project = checkouts[0]
    for _ in range(2):
        assert p2c(project, "sandbox", "up", "--demo", "base", "--json").exit_code == 0
        running = process.status(project / ".sandbox")
        assert running is not None
        assert load(project).connection("finops").url == running.finops.url
        p2c(project, "sandbox", "down")


def test_a_port_that_was_asked_for_is_that_one_or_an_error(
    checkouts: list[Path], taken: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--project-dir", str(checkouts[0]), "sandbox", "up"]
    with pytest.raises(SystemExit, match="1"):
        main([*words, "--finops-port", str(taken["finops"])])
    message = " ".join(capsys.readouterr().err.split())
    assert f"Port {taken['finops']} of 127.0.0.1 is taken" in message
    assert "Leave the option out" in message
    assert process.status(checkouts[0] / ".sandbox") is None


def test_a_sandbox_that_runs_already_is_not_said_to_listen_elsewhere(
    checkouts: list[Path],
) -> None:
    p2c(checkouts[0], "sandbox", "up", "--demo", "base")
    assert "is taken" not in p2c(checkouts[0], "sandbox", "up").stderr
