"""`p2c status`: while a run goes on, and after one that failed, broke off or never began."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from loaders import Ledger
from p2c.lock import hold
from p2c.run import afterwards, stages

from .cli_world import PLAN, Call, World


def test_a_second_run_is_refused_at_once(world: World, project: Path, p2c: Call) -> None:
    with hold(project / "warehouse.duckdb", "run"):
        result = p2c("run")
    assert result.code == 1
    assert "one run at a time" in result.err
    assert world.asked == []


def test_status_works_while_a_run_holds_the_warehouse(
    world: World, project: Path, p2c: Call
) -> None:
    p2c("run")
    with hold(project / "warehouse.duckdb", "run"):
        result = p2c("status", "--json")
    assert result.data["held_by"]["command"] == "run"
    assert [run["status"] for run in result.data["runs"]] == ["ok"]
    assert result.data["runs"][0]["report"]["writes"] == 2


def test_status_tells_a_run_whose_process_is_gone(world: World, project: Path, p2c: Call) -> None:
    with Ledger.open(project / ".p2c") as ledger:
        ledger.start_run("run")
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


def test_status_shows_why_the_last_run_failed(world: World, p2c: Call) -> None:
    world.guard = "too_many_changes"
    p2c("run")
    result = p2c("status")
    assert result.code == 0
    assert "Stopped before the first write" in result.out


@pytest.mark.parametrize("looked", [["plan", "--no-refresh"], ["status"], ["rejects"]])
def test_status_shows_the_last_run_s_error_whatever_was_looked_at_since(
    world: World, p2c: Call, looked: list[str]
) -> None:
    """A plan, a list or a status plan after a failed run does not hide it."""
    world.guard = "too_many_changes"
    p2c("run")
    p2c(*looked)
    found = p2c("status", "--json").data
    assert (found["last"]["command"], found["last"]["status"]) == ("run", "failed")
    output = p2c("status").out
    assert "Last run: run run-" in output
    assert "Stopped before the first write" in output


def test_status_shows_what_failed_of_a_plan_that_was_applied(
    world: World, project: Path, p2c: Call
) -> None:
    """The rows of an apply carry the run that planned them; they are found all the same."""
    with Ledger.open(project / ".p2c") as ledger:
        planner, applier = ledger.start_run("plan"), ledger.start_run("apply")
        row = {
            "model": "changes_finops__customers",
            "operation": "create",
            "idempotency_key": "0f" * 16,
            "flow": "accounts",
            "system": "finops",
            "entity_set": "CustomersV2",
            "record_key": "usmf/ACC-1",
            "status": "rejected",
            "error_message": "Customer group 99 does not exist.",
        }
        ledger.add_plan(replace(PLAN, plan_id="plan-7", run_id=planner), [row])
        ledger.finish_run(planner, "planned", {"plan_id": "plan-7"})
        ledger.finish_run(applier, "partial", {"plan_id": "plan-7", "writes": 0})
    output = p2c("status").out
    assert "1 rejected in finops.CustomersV2, such as usmf/ACC-1: Customer group 99" in output


def test_an_apply_that_never_began_does_not_hide_the_last_run(
    world: World, project: Path, p2c: Call
) -> None:
    """`p2c apply` with a mistyped id after a failed run: both are told, each as what it is."""
    world.guard = "too_many_changes"
    p2c("run")
    with Ledger.open(project / ".p2c") as ledger:
        ledger.finish_run(ledger.start_run("apply"), "failed", {"error": "No plan plna-1."})
    found = p2c("status", "--json").data
    assert (found["last"]["command"], found["last"]["status"]) == ("run", "failed")
    output = p2c("status").out
    assert "Stopped before the first write" in output
    assert "Since then: apply run-" in output
    assert "No plan plna-1." in output


def test_an_apply_that_broke_off_is_the_last_run(world: World, project: Path, p2c: Call) -> None:
    """It had begun to write, whatever the reason that it ended for."""
    p2c("run")
    with Ledger.open(project / ".p2c") as ledger:
        begun = ledger.start_run("apply")
        ledger.add_plan(replace(PLAN, plan_id="plan-8"), [])
        ledger.set_plan_status("plan-8", "applying")
        ledger.finish_run(begun, "failed", {"error": "The disk is full."})
    found = p2c("status", "--json").data
    assert found["last"]["run_id"] == begun


def test_each_run_has_the_seconds_of_the_stages_it_had(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a clock that goes on by one each time it is asked: a stage takes one second."""
    ticks = count(1.0)
    monkeypatch.setattr(stages, "monotonic", lambda: next(ticks))
    printed = p2c("run", "--json").data["stages"]
    assert printed == {"plan": 1.0, "write": 1.0, "publish": 1.0}
    assert p2c("status", "--json").data["last"]["report"]["stages"] == printed
    assert "Seconds: plan 1.0, write 1.0, publish 1.0." in p2c("status").out


def test_a_copy_for_readers_is_a_stage_too(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after the report, to which it is added."""
    monkeypatch.setenv("P2C__READ_COPY", "copy.duckdb")
    monkeypatch.setattr(afterwards, "publish_copy", lambda *_: None)
    p2c("run")
    report = p2c("status", "--json").data["last"]["report"]
    assert list(report["stages"]) == ["plan", "write", "publish", "copy"]
    assert report["writes"] == 2


def test_a_run_that_failed_says_in_which_stage(world: World, p2c: Call) -> None:
    world.guard = "too_many_changes"
    p2c("run")
    report = p2c("status", "--json").data["last"]["report"]
    assert (report["stopped_in"], report["error_type"]) == ("plan", "GuardStop")
    assert list(report["stages"]) == ["plan"]


def test_a_run_of_an_earlier_version_shows_no_seconds_of_stages(
    world: World, project: Path, p2c: Call
) -> None:
    with Ledger.open(project / ".p2c") as ledger:
        ledger.finish_run(ledger.start_run("run"), "ok", {"seconds": 3.0, "flows": []})
    assert "Seconds:" not in p2c("status").out


def test_status_before_any_run(world: World, p2c: Call) -> None:
    assert "No run yet" in p2c("status").out
