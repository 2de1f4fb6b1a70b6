"""What `deploy/` has is right as far as it can be seen without a server or a container engine."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from p2c.cli import app
from p2c.commands.session import Session

ROOT = Path(__file__).parents[2]
SERVICE, TIMER = ROOT / "deploy/p2c.service", ROOT / "deploy/p2c.timer"
CHECK, CHECK_TIMER = ROOT / "deploy/p2c-check.service", ROOT / "deploy/p2c-check.timer"
UNITS = (SERVICE, TIMER, CHECK, CHECK_TIMER)
PROGRAM = "/srv/prospect-to-cash/.venv/bin/p2c"


def instructions() -> list[tuple[str, str]]:
    """Instruction and arguments of each line of the Dockerfile, continued lines joined."""
    text = (ROOT / "deploy/Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], " ".join(line.split()[1:])) for line in lines]


def commands() -> list[list[str]]:
    """How `p2c` is called by the unit, the image and the crontab of the page."""
    [unit] = re.findall(r"^ExecStart=(.*)$", SERVICE.read_text(), re.MULTILINE)
    image = dict(instructions())
    [line] = re.findall(r"&& \.venv/bin/(p2c .*) >>", (ROOT / "docs/schedule.md").read_text())
    assert json.loads(image["ENTRYPOINT"]) == ["p2c"]
    return [shlex.split(unit)[1:], json.loads(image["CMD"]), shlex.split(line)[1:]]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_p2c_knows_the_command_that_is_scheduled(words: list[str]) -> None:
    assert "--yes" in words
    result = CliRunner().invoke(app, [*words, "--help"], obj=Session())
    assert result.exit_code == 0, result.output
    known = set(re.findall(r"--[a-z-]+", result.output))
    own = words[words.index("run") + 1 :]
    assert {word for word in own if word.startswith("--")} <= known


def test_the_check_is_a_command_and_its_user_that_of_the_run() -> None:
    """One that writes `.p2c` as somebody else would lock the run out of it."""
    [words] = re.findall(r"^ExecStart=(.*)$", CHECK.read_text(), re.MULTILINE)
    assert shlex.split(words)[0] == PROGRAM
    result = CliRunner().invoke(app, [*shlex.split(words)[1:], "--help"], obj=Session())
    assert result.exit_code == 0
    assert "--check" in result.output
    for line in ("User=p2c", "UMask=0077", "WorkingDirectory=/srv/prospect-to-cash"):
        assert all(line in unit.read_text().splitlines() for unit in (SERVICE, CHECK))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    program = tmp_path / "p2c"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for one in UNITS:
        (tmp_path / one.name).write_text(one.read_text().replace(PROGRAM, str(program)))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_image_runs_as_nobody_special_and_gets_the_signal_itself() -> None:
    found = instructions()
    names = [name for name, _ in found]
    image = dict(found)
    assert image["USER"] not in ("root", "0")
    assert f"useradd --uid 10001 --create-home {image['USER']}" in image["RUN"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert image["STOPSIGNAL"] == "SIGTERM"
    assert image["ENTRYPOINT"].startswith("[")  # a shell between would keep the signal


def test_the_image_has_the_pins_and_the_wheel_that_make_dist_makes() -> None:
    image = dict(instructions())
    pins, wheel, _ = image["COPY"].split()
    assert (ROOT / pins).is_file()
    assert "--require-hashes -r /tmp/p2c/requirements.txt" in image["RUN"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name = project["name"].replace("-", "_")
    assert wheel == f"dist/{name}-*.whl"
    sent = (ROOT / ".dockerignore").read_text().split()
    assert sent == ["*", f"!{pins}", f"!{wheel}"]
    image_python = image["FROM"].removeprefix("python:").removesuffix("-slim")
    assert f"Programming Language :: Python :: {image_python}" in project["classifiers"]
