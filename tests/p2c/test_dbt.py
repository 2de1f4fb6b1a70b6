"""dbt as a subprocess: what failed and why, in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from p2c import dbt
from p2c.dbt_process import ORPHANED
from p2c.errors import BuildError
from p2c.settings import load

PROFILE = """
test:
  target: dev
  outputs:
    dev: {type: duckdb, path: "{{ env_var('P2C_WAREHOUSE') }}"}
"""
MODELS = {
    "good.sql": "select 1 as id",
    "bad.sql": "select no_such_column from {{ ref('good') }}",
    "after.sql": "select * from {{ ref('bad') }}",
    "models.yml": """
models:
  - name: good
    columns:
      - name: id
        data_tests:
          - accepted_values: {arguments: {values: [2]}, config: {severity: warn, tags: [gate]}}
          - accepted_values: {name: gates_no_run, arguments: {values: [3]}}
unit_tests:
  - name: left_out_of_builds
    model: good
    given: []
    expect: {rows: [{id: 2}]}
""",
}


@pytest.fixture
def small_dbt(project: Path) -> Path:
    (project / "dbt_project.yml").write_text("name: test\nversion: '1.0'\nprofile: test\n")
    (project / "profiles.yml").write_text(PROFILE)
    (project / "models").mkdir()
    for name, text in MODELS.items():
        (project / "models" / name).write_text(text)
    return project


def test_a_failed_node_is_named_with_its_message_and_the_log(small_dbt: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    with pytest.raises(BuildError) as caught:
        dbt.build(load(small_dbt), progress=lambda *step: steps.append(step))
    said = str(caught.value)
    assert "1 node failed: model.test.bad" in said
    assert "no_such_column" in said
    assert str(small_dbt / "logs/dbt.log") in said
    assert "left_out_of_builds" not in said
    assert steps[-1][0] == steps[-1][1] == 4


def test_warnings_are_kept_and_unit_tests_left_out(small_dbt: Path) -> None:
    (small_dbt / "models/bad.sql").write_text("select id from {{ ref('good') }}")
    outcome = dbt.build(load(small_dbt))
    assert outcome.counts == {"success": 3, "warn": 1}
    assert [name.split(".")[2] for name in outcome.warnings] == ["accepted_values_good_id__2"]
    assert (small_dbt / "warehouse.duckdb").is_file()


def test_a_selection_runs_every_data_test_of_what_it_selects(small_dbt: Path) -> None:
    with pytest.raises(BuildError, match="gates_no_run"):
        dbt.build(load(small_dbt), select=["good"])


def test_a_project_that_cannot_be_read_is_one_sentence(small_dbt: Path) -> None:
    (small_dbt / "models/bad.sql").write_text("select * from {{ ref('nobody') }}")
    with pytest.raises(BuildError, match="depends on a node named 'nobody'") as caught:
        dbt.parse(load(small_dbt))
    assert "\n" not in str(caught.value)


def test_dbt_gets_the_warehouse_and_the_customers_entity(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__FINOPS__CUSTOMERS_ENTITY_SET", "CustomersV3")
    environment = dbt.environment(load(project))
    assert environment["P2C_WAREHOUSE"] == str(project / "warehouse.duckdb")
    assert environment["SOURCES__FINOPS__CUSTOMERS_ENTITY_SET"] == "CustomersV3"


@pytest.mark.parametrize(("is_parent_alive", "code"), [(True, 0), (False, ORPHANED)])
def test_a_build_ends_with_the_process_that_started_it(is_parent_alive: bool, code: int) -> None:
    """A run that is killed leaves nothing behind that holds the warehouse."""
    command = [sys.executable, "-m", "p2c.dbt_process", "--help"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        if not is_parent_alive:
            process.stdin.close()
        said = process.stdout.read()
        assert process.wait() == code, said


def test_dbt_s_log_does_not_grow_for_ever(small_dbt: Path) -> None:
    """(F) A full log is set aside and the oldest of six dropped."""
    folder = small_dbt / "logs"
    folder.mkdir()
    old = {name: f"{name}\n" * (dbt.LOG_BYTES // 8) for name in ("dbt.log", "dbt.log.5")}
    for name, text in old.items():
        (folder / name).write_text(text)
    (folder / "dbt.log.4").write_text("the newest but four")
    dbt.parse(load(small_dbt))
    assert (folder / "dbt.log.1").read_text() == old["dbt.log"]
    assert (folder / "dbt.log.5").read_text() == "the newest but four"
    assert (folder / "dbt.log").stat().st_size < 10_000
    assert len(list(folder.iterdir())) <= 6
