"""`--with-needed` brings what the flows' pages say a flow needs first (rule G9)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from loaders import SyncGraph, read_targets, select_targets
from tests.dbt_macros.small_project import ROOT

PAGES = {path.stem: path.read_text() for path in ROOT.glob("docs/flows/*.md")}
FLOWS = sorted(PAGES.keys() - {"README"})
LINK = re.compile(r"\]\((\w+)\.md\)")


def needed(flow: str) -> set[str]:
    """A flow and those its page links to under "needs first", those of their pages, and so on."""
    [row] = re.findall(r"^\| needs first \|(.*)\|$", PAGES[flow], re.MULTILINE)
    return {flow}.union(*(needed(name) for name in LINK.findall(row)))


@pytest.fixture(scope="module")
def graph(manifest: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> SyncGraph:
    path: Path = tmp_path_factory.mktemp("graph") / "manifest.json"
    path.write_text(json.dumps(manifest))
    return read_targets(path)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_comes_with_all_that_it_needs(graph: SyncGraph, flow: str) -> None:
    """Products for orders and quotations, accounts and contact customers for the way back."""
    found = {target.flow for target in select_targets(graph, [flow], with_needed=True)}
    assert found == needed(flow)


def test_what_is_needed_is_written_first(graph: SyncGraph) -> None:
    place = {target.model: number for number, target in enumerate(graph.targets)}
    late = [
        (need, target.model)
        for target in graph.targets
        for need in target.needs
        if place[need] > place[target.model]
    ]
    assert late == []


def test_the_pages_say_what_to_expect() -> None:
    assert needed("invoices") >= {"orders_back", "products", "accounts", "contacts_to_customers"}
    assert needed("quotations") >= {"products"}
