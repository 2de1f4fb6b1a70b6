"""dbt as a subprocess: what failed and why, in one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from p2c.config.context import load
from p2c.errors import BuildError
from p2c.run import dbt
from p2c.run.child_process import Child, child
from p2c.run.dbt_process import ORPHANED

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
    message = str(caught.value)
    assert "1 node failed: model.test.bad" in message
    assert "no_such_column" in message
    assert str(small_dbt / "logs/dbt.log") in message
    assert "left_out_of_builds" not in message
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
    command = [sys.executable, "-m", "p2c.run.dbt_process", "--help"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not is_parent_alive:
            process.stdin.close()
        message = process.stdout.read()
        assert process.wait() == code, message


def stand_in(project: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A program in dbt's place."""
    (project / "stand_in.py").write_text(code)
    monkeypatch.setattr(dbt, "PROCESS", "stand_in")


def test_a_talkative_child_is_not_stopped_by_a_full_pipe(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings of libraries go to standard error, which nobody reads meanwhile."""
    noise = "import sys; sys.stderr.write('warning ' * 200_000); sys.stderr.flush(); print('{}')"
    stand_in(project, monkeypatch, noise)
    assert dbt.build(load(project)).counts == {}


def test_the_last_words_of_a_child_are_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when much was said before."""
    stand_in(project, monkeypatch, "import sys\nsys.exit('x\\n' * 500_000 + 'No space left.')")
    with pytest.raises(BuildError, match=r"^dbt: No space left\. The full log"):
        dbt.build(load(project))


def test_a_child_that_hangs_is_stopped_and_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time limit is a setting; the child is gone when the sentence is said."""
    monkeypatch.setenv("P2C__BUILD_TIMEOUT", "1")
    seen: list[Child] = []

    @contextmanager
    def watched(*arguments: Any) -> Iterator[Child]:
        with child(*arguments) as running:
            seen.append(running)
            yield running

    monkeypatch.setattr(dbt, "child", watched)
    stand_in(project, monkeypatch, "import signal\nsignal.pause()")
    with pytest.raises(BuildError, match=r"did not end within 1 s .*p2c\.build_timeout"):
        dbt.build(load(project))
    assert seen[0].process.returncode == -signal.SIGKILL


def test_a_child_that_was_killed_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system does where memory runs out."""
    stand_in(project, monkeypatch, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(BuildError, match="dbt was ended by signal 9"):
        dbt.build(load(project))


def test_a_child_ends_with_an_interrupted_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C and SIGTERM reach this process alone; the build ends before they go on."""
    pid = project / "pid"
    code = f"import os, pathlib, signal\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
    event = '{"info": {"name": "SkippingDetails"}, "data": {}}'
    stand_in(project, monkeypatch, f"{code}print('{event}', flush=True)\nsignal.pause()")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dbt.build(load(project), progress=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_dbt_s_log_does_not_grow_for_ever(small_dbt: Path) -> None:
    """A full log is renamed and the oldest of six deleted."""
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
