"""docs/concepts.md names every schema of the warehouse: those of the graph, and those of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_flow_pages import rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts.md").read_text()
# Made beside the graph: by dlt while it merges, by the check of one pair of environments.
BESIDE = {"raw_sales_staging", "raw_finops_staging", "p2c"}


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The schemas of the page's table."""
    found = re.search(r"^## Schemas of the warehouse$(.*?)(?=^## )", PAGE, re.M | re.S)
    assert found
    return {name for cells in rows(found[1]) for name in re.findall(r"`(\w+)`", cells[0])}


def test_every_schema_of_the_graph_is_named_and_no_other(
    manifest: Mapping[str, Any], named: set[str]
) -> None:
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    kinds = ("model", "seed", "source")
    assert named - BESIDE == {node["schema"] for node in nodes if node["resource_type"] in kinds}


def test_what_is_made_beside_the_graph_is_named(named: set[str]) -> None:
    assert named >= BESIDE


def test_every_selection_that_the_page_shows_is_there() -> None:
    selectors = (ROOT / "selectors.yml").read_text()
    shown = re.findall(r"--selector (\w+)", PAGE)
    assert shown
    assert [name for name in shown if f"- name: {name}\n" not in selectors] == []
