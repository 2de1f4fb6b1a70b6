"""A project as it is shipped, and tenants that lack what a test says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .world import Make, Tenant, filled, tenant

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("tenant") / "data")


@pytest.fixture
def shipped(project: Path) -> Path:
    """With the seeds and the settings of the mapping as they are shipped."""
    shutil.copytree(ROOT / "seeds", project / "seeds")
    (project / "models").mkdir()
    shutil.copy(ROOT / "dbt_project.yml", project)
    return project


@pytest.fixture(scope="session")
def shared(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    return tenant(data, tmp_path_factory.mktemp("whole") / "copy")


@pytest.fixture
def whole(shared: Tenant) -> Tenant:
    """A tenant that lacks nothing; what a test changes of it is undone."""
    shared.answers, shared.asked, shared.skew = {}, [], 0.0
    return shared


@pytest.fixture
def make(data: Path, tmp_path: Path) -> Make:
    return lambda **switches: tenant(data, tmp_path / "copy", **switches)
