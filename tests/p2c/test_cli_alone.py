"""`p2c extract` and `p2c build` on their own: `p2c status` knows of them and of their failures."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loaders import Ledger
from p2c.errors import BuildError
from p2c.run import dbt, engine
from pipelines.common.errors import ServiceUnavailable
from pipelines.common.report import ExtractReport, TableReport

from .cli_world import Call, World

TABLE = TableReport("sales", "accounts", "delta", 3, 0, 3, 1.0)
DOWN = ServiceUnavailable("sales", "https://org.example", "Connection refused")


@pytest.fixture
def staged(project: Path) -> Path:
    """A warehouse into which something was read."""
    with duckdb.connect(str(project / "warehouse.duckdb")) as db:
        db.execute("create schema raw_sales; create table raw_sales.reads as select 1 as rows")
    return project


def test_an_extract_has_its_row(world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    report = ExtractReport((TABLE,), ("read in full",), 1.0)
    monkeypatch.setattr(engine, "read", lambda *_: report)
    assert p2c("extract").code == 0
    run = p2c("status", "--json").data["runs"][0]
    assert (run["command"], run["status"], run["writes"]) == ("extract", "ok", None)
    assert (run["report"]["rows"], run["report"]["notes"]) == (3, ["read in full"])


def test_a_failed_extract_is_in_the_status(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    p2c("run")

    def read(*_: object) -> None:
        raise DOWN

    monkeypatch.setattr(engine, "read", read)
    assert p2c("extract").code == 1
    found = p2c("status", "--json").data
    assert found["last"]["command"] == "run"
    assert (found["runs"][0]["command"], found["runs"][0]["status"]) == ("extract", "failed")
    assert f"failed: {DOWN}" in p2c("status").out


@pytest.mark.usefixtures("staged")
def test_a_failed_build_is_in_the_status(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        raise BuildError("dbt: 1 node failed.")

    monkeypatch.setattr(engine, "build", build)
    assert p2c("build").code == 1
    run = p2c("status", "--json").data["runs"][0]
    assert (run["command"], run["status"]) == ("build", "failed")
    assert run["report"]["error"] == "dbt: 1 node failed."


def test_neither_is_what_the_guards_compare_with(
    world: World, staged: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "read", lambda *_: ExtractReport((TABLE,), (), 1.0))
    monkeypatch.setattr(engine, "build", lambda *_: dbt.Outcome({"success": 9}))
    assert p2c("extract").code == p2c("build").code == 0
    with Ledger.open(staged / ".p2c") as ledger:
        assert ledger.last_report() is None


def test_a_build_before_any_extract_says_what_to_do(
    world: World, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "build", lambda *_: pytest.fail("dbt was started"))
    without = p2c("build")
    duckdb.connect(str(project / "warehouse.duckdb")).close()
    for result, begin in ((without, "There is no warehouse"), (p2c("build"), "Nothing was read")):
        assert result.code == 1
        assert begin in result.err
        assert "p2c extract" in result.err
