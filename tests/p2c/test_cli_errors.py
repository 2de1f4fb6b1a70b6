"""What a failure looks like: one sentence, the file it is about, JSON where asked."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from p2c.cli import main
from p2c.errors import BuildError
from p2c.run import engine

from .cli_world import Call, World


def refused(number: int, *names: str) -> OSError:
    return OSError(number, os.strerror(number), *names[:1], None, *names[1:])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            refused(errno.ENOSPC, "/data/x.parquet"),
            "No space left on device: /data/x.parquet: make",
        ),
        (
            refused(errno.EACCES, ".p2c/ledger.sqlite"),
            "Permission denied: .p2c/ledger.sqlite: give",
        ),
        (refused(errno.EROFS, "logs/dbt.log"), "Read-only file system: logs/dbt.log: make it"),
        (refused(errno.EXDEV, "/a", "/b"), "/a, /b"),
    ],
)
def test_the_machine_s_refusals_name_the_file(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    """An error of the operating system is a sentence: what, which file, what to do."""

    def refresh(*_: object) -> None:
        raise error

    monkeypatch.setattr(engine, "refresh", refresh)
    result = p2c("run", "--json")
    assert result.code == 1
    assert message in result.data["error"]
    assert "Unexpected" not in result.data["error"]


def test_a_full_disk_that_names_no_file_is_told_by_its_folder(
    world: World, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing to an open file fails without its name: the folders without room are named."""

    def refresh(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    full = (project / ".p2c").resolve()

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if Path(path).resolve() == full else 10**9)

    monkeypatch.setattr(engine, "refresh", refresh)
    monkeypatch.setattr("p2c.os_errors.shutil.disk_usage", usage)
    error = p2c("run", "--json").data["error"]
    assert error.startswith(f"No space left on device: {full} (0.0 MB free): make room there")
    assert "warehouse.duckdb" not in error


@pytest.mark.parametrize(
    "error",
    [
        BuildError("dbt: [Errno 28] No space left on device. The full log is logs/dbt.log."),
        RuntimeError("database or disk is full"),
    ],
)
def test_a_full_disk_that_a_tool_beneath_met_is_named_too(
    world: World,
    project: Path,
    p2c: Call,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """dbt says no more than that there is no space; the folder is found and named."""

    def refresh(*_: object) -> None:
        raise error

    full = (project / "target").resolve()

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if Path(path) == full else 10**9)

    full.mkdir()
    monkeypatch.setattr(engine, "refresh", refresh)
    monkeypatch.setattr("p2c.os_errors.shutil.disk_usage", usage)
    message = p2c("run", "--json").data["error"]
    assert str(error) in message
    assert message.endswith(f"There is no room left for {full} (0.0 MB free): make some first.")


def test_a_failure_is_one_sentence_without_a_trace(tmp_path: Path, p2c: Call) -> None:
    result = p2c("--project-dir", str(tmp_path), "status")
    assert result.code == 1
    assert result.err.startswith("Error: ")
    assert "has no dbt_project.yml" in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


def test_a_failure_with_json_is_an_object_too(tmp_path: Path, p2c: Call) -> None:
    result = p2c("--project-dir", str(tmp_path), "status", "--json")
    assert result.code == 1
    assert result.data["status"] == "failed"
    assert "dbt_project.yml" in result.data["error"]


def test_debug_shows_the_trace(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"has no dbt_project\.yml"):
        main(["--debug", "--project-dir", str(tmp_path), "status"])
