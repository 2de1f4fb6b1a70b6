"""What the workflows on GitHub name is there: make targets, Python versions, the version's line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
PROJECTS = [tomllib.loads((ROOT / name).read_text())["project"]
            for name in ("pyproject.toml", "sandbox/pyproject.toml")]  # fmt: skip


def steps(path: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {
        name for step in steps(path) for name in re.findall(r"make ([a-z-]+)", step.get("run", ""))
    }
    assert called <= targets


def test_every_python_of_the_classifiers_is_tested() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())["jobs"]
    tested = jobs["test"]["strategy"]["matrix"]["python"]
    for project in PROJECTS:
        named = [line.rpartition(" ")[2] for line in project["classifiers"]]
        assert [name for name in named if re.fullmatch(r"3\.\d+", name)] == tested
        assert project["requires-python"] == f">={tested[0]}"


def test_the_release_finds_the_version_and_its_changes() -> None:
    version = PROJECTS[0]["version"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text().splitlines()
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_only_read_the_repository(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
