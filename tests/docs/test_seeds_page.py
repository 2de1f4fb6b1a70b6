"""docs/seeds.md tells every seed, every column and what a mistake holds back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/seeds.md").read_text()
DECLARED: dict[str, Mapping[str, Any]] = {
    node["name"]: node
    for node in yaml.safe_load((ROOT / "seeds/_seeds.yml").read_text(encoding="utf-8"))["seeds"]
}


def section(seed: str) -> str:
    """The text below the heading that names the seed, among others or alone."""
    parts = re.split(r"^## ", PAGE, flags=re.M)
    (found,) = [p for p in parts if seed in p.partition("\n")[0].split(", ")]
    return found


@pytest.mark.parametrize("seed", DECLARED)
def test_every_column_is_told_and_which_are_required(seed: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (yes)? ?\|", section(seed), re.M)
    declared = {
        column["name"]: column.get("config", {}).get("meta", {})
        for column in DECLARED[seed]["columns"]
    }
    # An empty cell of a column with a default is that.
    columns = {
        name: meta.get("required", False) and "default" not in meta
        for name, meta in declared.items()
    }
    assert {name: bool(required) for name, required in rows} == columns


@pytest.mark.parametrize("seed", DECLARED)
def test_the_flows_that_wait_are_told(seed: str) -> None:
    documented = re.search(r"^Holds back: (.*)\.$", section(seed), re.M)
    holds = DECLARED[seed]["config"]["meta"].get("holds", [])
    assert (documented[1].split(", ") if documented else []) == holds


@pytest.mark.parametrize("seed", DECLARED)
def test_the_words_a_column_allows_are_told(seed: str) -> None:
    for column in DECLARED[seed]["columns"]:
        for word in column.get("config", {}).get("meta", {}).get("one_of", []):
            assert f"`{word}`" in section(seed), (column["name"], word)
