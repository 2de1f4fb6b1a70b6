"""The workflows that comment on a pull request: this repository's, and the one of a new project."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from p2c.cli import app
from p2c.screen.comparison_markdown import MARK

ROOT = Path(__file__).parents[2]
OURS, PROJECTS = (
    ROOT / ".github/workflows/plan.yml",
    ROOT / "templates/project/.github/workflows/mapping.yml",
)
BOTH = pytest.mark.parametrize("path", [OURS, PROJECTS], ids=lambda path: path.stem)
CALL = re.compile(r"^(?:\.venv/bin/)?p2c (.*)$", re.MULTILINE)


def jobs(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def scripts(path: Path) -> list[str]:
    return [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]


@BOTH
def test_every_p2c_command_is_there_with_its_options(path: Path) -> None:
    calls = [shlex.split(call) for script in scripts(path) for call in CALL.findall(script)]
    compared = [words for words in calls if "--compare" in words]
    assert len(calls) >= 4
    assert len(compared) == 1
    for words in calls:
        command = get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
        known = {name for parameter in command.params for name in parameter.opts}
        assert not hasattr(command, "commands"), words
        assert {word for word in words if word.startswith("--")} <= known


@BOTH
def test_nothing_of_a_record_is_published_and_the_file_goes_on(path: Path) -> None:
    calls = [call for script in scripts(path) for call in CALL.findall(script)]
    [call] = [call for call in calls if "--compare" in call]
    words = shlex.split(call)
    assert "--redact" in words
    assert words[words.index("--format") + 1] == "markdown"
    written = words[words.index("--out") + 1]
    uploads = [step for step in jobs(path)["compare"]["steps"] if "upload" in step.get("uses", "")]
    assert [step["with"]["path"] for step in uploads] == [written]
    assert f"body=@{written}" in jobs(path)["comment"]["steps"][-1]["run"]


@BOTH
def test_what_the_new_mapping_holds_back_is_posted_too(path: Path) -> None:
    """Such a comparison ends with 1; only where nothing was written there is nothing to post."""
    plan, comment = jobs(path)["compare"], jobs(path)["comment"]
    [written] = [step for step in plan["steps"] if step.get("id") == "written"]
    [upload] = [step for step in plan["steps"] if "upload" in step.get("uses", "")]
    assert plan["outputs"]["written"] == "${{ steps.written.outputs.written }}"
    assert upload["with"]["path"] in written["if"]
    for one in (written, upload, comment):
        assert "!cancelled()" in one["if"]
    assert "needs.compare.outputs.written" in comment["if"]


@BOTH
def test_only_the_job_that_runs_nothing_of_the_pull_request_may_comment(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["compare"]
    comment = workflow["jobs"]["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in comment["if"].split(" && ")[-1]
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])
    assert "pull_request_target" not in path.read_text()
    assert "secrets." not in path.read_text()


@BOTH
def test_no_text_of_a_pull_request_becomes_part_of_a_script(path: Path) -> None:
    assert [script for script in scripts(path) if "${{" in script] == []
    for script in scripts(path):
        checked = subprocess.run(
            ["bash", "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert checked.stderr == ""


@BOTH
@pytest.mark.parametrize("there", [True, False])
def test_the_comment_that_is_there_is_written_anew(path: Path, there: bool, tmp_path: Path) -> None:
    """With a stand-in for gh, which answers with the comment's address and notes each call."""
    script = jobs(path)["comment"]["steps"][-1]["run"]
    assert f'startswith("{MARK}")' in script
    answer = "https://api.example.com/comments/7" if there else ""
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/bash\nprintf "%s\\n" "$*" >> {tmp_path}/calls\n'
                  f'[ "$2" = --paginate ] && printf "%s" "{answer}" || true\n')  # fmt: skip
    gh.chmod(0o755)
    bash = shutil.which("bash")
    assert bash
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "COMMENTS": "repos/o/r/issues/1/comments"}
    subprocess.run([bash, "-eo", "pipefail", "-c", script], env=environment, check=True)
    written = (tmp_path / "calls").read_text().splitlines()[-1].split()
    method, address = written[written.index("--method") + 1 :][:2]
    wanted = ("PATCH", answer) if there else ("POST", environment["COMMENTS"])
    assert (method, address) == wanted
