"""What is read is declared in the project that is run, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipelines
from pipelines.common.errors import MissingDeclaration
from pipelines.common.project import declaration
from pipelines.finops import FinopsConnection
from pipelines.finops import declared_tables as finops_tables
from pipelines.sales import SalesConnection
from pipelines.sales import declared_tables as sales_tables

ADDRESS = ("https://service", "https://token", "id", "secret")
ACCOUNTS = "accounts:\n  key: [accountid]\n  columns:\n    accountid: text\n"
CUSTOMERS = "CustomersV2:\n  key: [A]\n  table: customers\n  columns:\n    A: text\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that reads one table of each system."""
    folder = tmp_path / "project"
    for system, text in (("sales", ACCOUNTS), ("finops", CUSTOMERS)):
        (folder / "pipelines" / system).mkdir(parents=True)
        (folder / "pipelines" / system / "tables.yml").write_text(text)
    (folder / "dbt_project.yml").write_text("name: test\n")
    return folder


def test_the_project_s_file_counts_and_not_the_package_s(project: Path) -> None:
    sales = sales_tables(SalesConnection(*ADDRESS, project_dir=project))
    finops = finops_tables(FinopsConnection(*ADDRESS, project_dir=project))
    assert [table.fields for table in sales.values()] == [("accountid",)]
    assert [table.fields for table in finops.values()] == [("A",)]


def test_a_pipeline_on_its_own_finds_the_project_around_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(project / "deep/er")
    assert declaration("sales", None) == project / "pipelines/sales/tables.yml"


def test_a_project_named_in_the_environment_is_the_one_that_is_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    assert declaration("sales", None) == project / "pipelines/sales/tables.yml"


def test_a_project_without_the_file_is_not_read_with_the_package_s(project: Path) -> None:
    (project / "pipelines/sales/tables.yml").unlink()
    with pytest.raises(MissingDeclaration) as error:
        declaration("sales", project)
    assert str(project / "pipelines/sales/tables.yml") in str(error.value)
    assert "restore it" in str(error.value)


def test_without_any_project_the_package_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = Path(pipelines.__file__).parent / "finops/tables.yml"
    assert declaration("finops", None) == own
