"""The distributions, built once, and an environment that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.install import environment
from tests.install.environment import Environment


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment.copy_sources(tmp_path_factory.mktemp("sources") / "repository")


@pytest.fixture(scope="session")
def wheels(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of `prospect-to-cash` and of its sandbox."""
    target = tmp_path_factory.mktemp("wheels")
    return [environment.build("wheel", one, target) for one in (sources, sources / "sandbox")]


@pytest.fixture(scope="session")
def installed(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment.make(tmp_path_factory.mktemp("environment"), wheels)


@pytest.fixture(scope="session")
def project(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that the installed `p2c init` wrote."""
    folder = tmp_path_factory.mktemp("project")
    done = installed.run("p2c", "init", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder
