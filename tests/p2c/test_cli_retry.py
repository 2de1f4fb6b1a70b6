"""`p2c retry` keeps to the guards and leaves out what is held back."""

from __future__ import annotations

from typing import Any

import pytest

from loaders import Plan, SyncGraph
from loaders.models import WriteTarget
from p2c.checks import held_flows
from p2c.run import flows, retry

from .cli_world import PLAN, Call, World

WHY = "Two customers have one number."


@pytest.fixture
def selected(world: World, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The flows that each plan of a retry was made for."""
    found: list[list[str]] = []

    def make_retry(*_: object, select: list[str], **__: object) -> Plan:
        found.append(select)
        return PLAN

    monkeypatch.setattr(retry, "make_retry", make_retry)
    return found


def two_flows(*_: object, **__: object) -> SyncGraph:
    targets = (("accounts", "finops", "CustomersV2"), ("products", "sales", "products"))
    return SyncGraph(
        tuple(
            WriteTarget(f"changes_{system}__{flow}", "m", flow, system, name, (), frozenset(), {})
            for flow, system, name in targets
        ),
        "v",
    )


def hold(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def holds(_: object, asked: list[str]) -> dict[str, list[str]]:
        return {flow: [WHY] for flow in asked if flow in names}

    monkeypatch.setattr(held_flows, "holds", holds)


def test_a_guard_stops_a_retry_before_its_first_write(
    world: World, p2c: Call, selected: list[Any]
) -> None:
    world.guard = "too_many_changes"
    result = p2c("retry", "--json")
    assert (result.code, world.asked) == (1, [])
    assert "--allow too_many_changes" in result.data["error"]
    assert p2c("retry", "--allow", "too_many_changes").code == 0
    assert world.asked == ["apply"]


def test_a_held_flow_is_left_out_and_named(
    world: World, p2c: Call, selected: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "graph", two_flows)
    hold(monkeypatch, "accounts")
    result = p2c("retry")
    assert selected == [["products"]]
    assert f"Held back: accounts. {WHY}" in result.err
    assert result.code == 1


def test_nothing_is_written_when_all_that_was_asked_for_is_held(
    world: World, p2c: Call, selected: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, "accounts")
    result = p2c("retry", "--select", "accounts", "--json")
    assert (result.code, selected, world.asked) == (1, [], [])
    assert WHY in result.data["error"]
    assert p2c("status", "--json").data["runs"][0]["status"] == "failed"
