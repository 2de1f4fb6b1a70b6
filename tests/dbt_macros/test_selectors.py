"""Tags, groups and selectors say of each flow what its changes models declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.dbt_macros.small_project import ROOT
from tests.dbt_macros.test_conventions import PREFIXES, layer, models, node_named

SELECTORS: list[Mapping[str, Any]] = yaml.safe_load((ROOT / "selectors.yml").read_text())[
    "selectors"
]
DEFINITIONS = {selector["name"]: selector["definition"] for selector in SELECTORS}


@pytest.fixture(scope="module")
def flows(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The flow of each target, by what comes behind `changes_` in its name."""
    return {
        model["name"].removeprefix("changes_"): model["config"]["meta"]["flow"]
        for model in models(manifest)
        if layer(model) == "changes"
    }


def test_a_flows_models_and_no_others_carry_its_tag(
    manifest: Mapping[str, Any], flows: dict[str, str]
) -> None:
    for model in models(manifest):
        target = model["name"].removeprefix(PREFIXES[layer(model)])
        own = layer(model) in ("target", "compare", "changes")
        assert model["config"]["tags"] == ([flows[target]] if own else []), model["name"]


def test_the_models_of_a_target_are_in_one_group(
    manifest: Mapping[str, Any], flows: dict[str, str]
) -> None:
    for target in flows:
        names = [f"{prefix}_{target}" for prefix in ("target", "compare", "changes")]
        groups = {node_named(manifest, name)["config"]["group"] for name in names}
        assert len(groups - {None}) == 1, f"{target} is in {groups}"


def test_every_business_record_is_in_a_group(manifest: Mapping[str, Any]) -> None:
    common = [model for model in models(manifest) if layer(model) == "common"]
    assert [model["name"] for model in common if not model["config"]["group"]] == []


def test_each_flow_is_a_selector_with_its_upstream(flows: dict[str, str]) -> None:
    expected = {flow: {"method": "tag", "value": flow, "parents": True} for flow in flows.values()}
    assert {n: d for n, d in DEFINITIONS.items() if n not in PREFIXES} == expected


def test_each_layer_is_a_selector() -> None:
    expected = {name: {"method": "fqn", "value": f"prospect_to_cash.{name}"} for name in PREFIXES}
    assert {n: d for n, d in DEFINITIONS.items() if n in PREFIXES} == expected
