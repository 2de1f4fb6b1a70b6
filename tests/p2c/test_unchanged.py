"""A run that finds nothing builds and plans nothing, and says the counts of the last build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders import Ledger, Plan, Standing
from p2c.checks import held_flows
from p2c.config.context import load
from p2c.run import engine, unchanged
from p2c.run.current import Run
from p2c.screen.steps_text import run_summary

from .cli_world import FLOW, NOTHING, PLAN, Call, World

BUILT = datetime(2026, 1, 31, 10, 5, tzinfo=UTC)
AGREED = {**FLOW, "create": 0, "update": 0, "identical": 3}


@pytest.fixture
def quiet(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The last build stands, its plan was applied, and no change is left; to be edited."""
    facts: dict[str, Any] = {"flow": dict(AGREED), "built": BUILT, "applied": after(NOTHING)}

    def refresh(run: Run, chosen: list[str]) -> None:
        run.built_before = facts["built"]
        world.refresh(run, chosen)

    monkeypatch.setattr(engine, "refresh", refresh)
    monkeypatch.setattr(unchanged, "read_flow_counts", lambda _: [facts["flow"]])
    monkeypatch.setattr(Ledger, "last_started_plan", lambda _: facts["applied"])
    world.plan = NOTHING
    return facts


def after(plan: Plan, **values: object) -> Plan:
    """A plan made right after the build."""
    created = BUILT.replace(minute=6)
    return replace(plan, **{"created_at": created, **values})


def test_nothing_is_planned_or_written_and_the_run_says_so(
    world: World, quiet: Mapping[str, Any], p2c: Call
) -> None:
    result = p2c("run")
    assert result.code == 0
    assert "Nothing changed since the last build (2026-01-31 10:05 UTC); 0 to write" in result.out
    assert "1 rejected" in result.out
    assert world.asked == ["refresh"]


def test_its_report_has_the_counts_of_the_last_build_and_no_plan(
    quiet: Mapping[str, Any], p2c: Call
) -> None:
    data = p2c("run", "--json").data
    assert (data["status"], data["writes"], data["plan_id"]) == ("ok", 0, None)
    assert data["unchanged_since"] == "2026-01-31T10:05:00.000000+00:00"
    assert data["flows"][0]["source_rows"] == 5
    kept = p2c("status", "--json").data["last"]
    assert (kept["status"], kept["report"]["flows"]) == ("ok", data["flows"])


def test_a_change_that_waits_is_for_a_plan_to_judge(
    world: World, quiet: dict[str, Any], p2c: Call
) -> None:
    """Its quarantine may be over by now."""
    quiet["flow"]["create"] = 1
    data = p2c("run", "--json").data
    assert world.asked == ["refresh", "apply"]
    assert data["unchanged_since"], "it was planned from the build that stands"


@pytest.mark.parametrize(
    "applied",
    [
        None,
        replace(NOTHING, created_at=BUILT.replace(minute=4)),
        after(NOTHING, flows=("contacts",)),
        after(PLAN, kind="undo"),
    ],
)
def test_the_first_plan_of_a_build_is_made_even_if_it_is_empty(
    world: World, quiet: dict[str, Any], p2c: Call, applied: Plan | None
) -> None:
    """The guards of later runs compare with what it was made from."""
    quiet["applied"] = applied
    p2c("run")
    assert world.asked == ["refresh", "apply"]


def test_a_plan_that_is_asked_for_is_made(
    world: World, quiet: Mapping[str, Any], p2c: Call
) -> None:
    assert p2c("plan", "--json").data["plan_id"] == "plan-1"


def test_a_flow_that_is_held_back_is_told_as_ever(
    quiet: Mapping[str, Any], p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_flows, "holds", lambda *_: {"contacts": ["a gate failed"]})
    result = p2c("run")
    assert result.code == 1
    assert "Held back" in result.err


def test_what_was_sent_without_an_answer_lets_no_build_stand(
    project: Path, monkeypatch: pytest.MonkeyPatch, quiet: Mapping[str, Any]
) -> None:
    context = load(project)
    monkeypatch.setattr(unchanged, "standing_build", lambda *_: Standing(BUILT))
    with engine.holding(context, "run") as ledger:
        assert unchanged.standing(context, ledger) == Standing(BUILT)
        monkeypatch.setattr(Ledger, "has_unanswered", lambda _: True)
        assert unchanged.standing(context, ledger) is None


def test_a_run_that_built_says_what_it_wrote() -> None:
    report = {"status": "ok", "writes": 0, "seconds": 14.0, "flows": [], "plan_id": "plan-1"}
    assert run_summary(report) == "ok: 0 records written in 14.0 s."
    assert run_summary(report | {"writes": 1}) == "ok: 1 record written in 14.0 s."
