"""plan, run and apply as scripts and people meet them; the borders are fakes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loaders import Ledger, Plan

from .cli_world import NOTHING, PLAN, Call, World


def test_plan_shows_changes_field_by_field_and_writes_nothing(world: World, p2c: Call) -> None:
    result = p2c("plan")
    assert result.code == 0
    assert "+ usmf/ACC-1" in result.out
    assert "~ usmf/ACC-2" in result.out
    assert 'Name: "Old" -> null' in result.out
    assert "Plan: 1 to create, 1 to update." in result.out
    assert "p2c apply plan-1" in result.out
    assert world.asked == ["refresh"]


def test_plan_cuts_the_sample_and_says_so(world: World, p2c: Call) -> None:
    world.created = 9
    result = p2c("plan", "--limit", "1", "--no-refresh")
    assert "usmf/ACC-2" in result.out
    assert "8 more; --all shows all" in result.out
    assert world.asked == []


def test_plan_json_has_the_design_s_shape_and_exact_numbers(world: World, p2c: Call) -> None:
    result = p2c("plan", "--json")
    assert result.data["plan_id"] == "plan-1"
    assert result.data["flows"][0]["source_rows"] == 5
    first, second = result.data["changes"]
    assert (first["flow"], first["operation"], first["key"]) == ("accounts", "create", "usmf/ACC-1")
    assert second["fields"] == {"Name": {"before": "Old", "after": None}}
    assert "1234567890123456.78" in result.out


@pytest.mark.parametrize(("plan", "code"), [(PLAN, 2), (NOTHING, 0)])
def test_detailed_exitcode_tells_changes(world: World, p2c: Call, plan: Plan, code: int) -> None:
    world.plan = plan
    assert p2c("plan", "--detailed-exitcode").code == code


def test_a_plan_without_changes_claims_no_more_than_is_known(world: World, p2c: Call) -> None:
    """One record is rejected, so the two systems are not said to agree."""
    world.plan = NOTHING
    output = p2c("plan").out
    assert "No changes to write, but 1 rejected: see p2c rejects." in output
    assert "equal" not in output


def test_plan_tells_what_a_guard_would_stop_and_still_shows_the_plan(
    world: World, p2c: Call
) -> None:
    world.guard = "too_many_changes"
    result = p2c("plan")
    assert result.code == 0
    assert "+ usmf/ACC-1" in result.out
    assert "A guard would stop this plan" in result.err


def test_run_writes_and_prints_the_report(world: World, p2c: Call) -> None:
    result = p2c("run", "--json")
    assert result.code == 0
    assert result.data["status"] == "ok"
    assert result.data["writes"] == 2
    assert world.asked == ["refresh", "apply"]


def test_run_as_text_says_where_to_look(world: World, p2c: Call) -> None:
    result = p2c("run", "--select", "accounts")
    assert "ok: 2 records written" in result.out
    assert "p2c rejects" in result.out
    assert world.asked == ["refresh accounts", "apply"]


class Person:
    """A terminal at stdin where somebody types an answer."""

    def __init__(self, answer: str) -> None:
        self.lines = [f"{answer}\n"]

    def isatty(self) -> bool:
        return True

    def readline(self, *_: object) -> str:
        return self.lines.pop(0) if self.lines else ""


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_run_s_question_shows_what_it_asks_about(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    """Counts by flow and the first changes, as the plan shows them, above the question."""
    monkeypatch.setattr(sys, "stdin", Person(answer))
    result = p2c("run")
    assert result.code == code
    asked = result.err.partition("Write this?")[0]
    head, row = (line.split() for line in asked.splitlines()[::2][:2])
    counts = dict(zip(head, row, strict=True))
    assert (counts["flow"], counts["create"], counts["update"]) == ("accounts", "1", "1")
    assert "+ usmf/ACC-1" in asked
    assert 'Name: "Old" -> null' in asked
    assert "Plan: 1 to create, 1 to update." in asked
    assert ("apply" in world.asked) == (answer == "y")
    assert ("p2c apply plan-1" in result.err) == (answer == "n")
    assert p2c("status", "--json").data["last"]["status"] == ("ok" if answer == "y" else "planned")


def test_run_stops_at_a_guard_before_writing(world: World, p2c: Call) -> None:
    world.guard = "too_many_changes"
    result = p2c("run")
    assert result.code == 1
    assert "--allow too_many_changes" in result.err
    assert world.asked == ["refresh"]
    assert p2c("run", "--allow", "too_many_changes").code == 0


def test_run_exits_1_when_rows_failed(world: World, p2c: Call) -> None:
    world.status = "partial"
    result = p2c("run", "--json")
    assert result.code == 1
    assert result.data["status"] == "partial"
    assert p2c("status", "--json").data["runs"][0]["status"] == "partial"


def test_apply_writes_the_plan_without_refreshing(world: World, p2c: Call) -> None:
    result = p2c("apply", "plan-1", "--json")
    assert result.code == 0
    assert world.asked == ["apply"]


def test_apply_refuses_a_plan_that_is_no_longer_true(world: World, p2c: Call) -> None:
    world.stale = True
    result = p2c("apply", "plan-1")
    assert result.code == 1
    assert "Plan plan-1 is no longer true: raw_sales.accounts was read again" in result.err
    assert world.asked == []


def test_a_plan_is_no_run_the_guards_compare_with(world: World, project: Path, p2c: Call) -> None:
    p2c("plan")
    with Ledger.open(project / ".p2c") as ledger:
        assert ledger.last_report() is None
