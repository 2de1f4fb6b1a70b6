"""Records that the documentation asks for are in the demo data."""

from __future__ import annotations

import re

import pytest

from .conftest import Synced
from .world import PROJECT

NUMBER = re.compile(r"\bACC-\d{5}-[A-Z0-9]{6}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
PAGES = ("README.md", "docs/quickstart.md", "docs/cli.md", "docs/flows/README.md", "docs/ledger.md")


@pytest.mark.parametrize("page", PAGES)
def test_accounts_in_examples_are_in_the_demo(synced: Synced, page: str) -> None:
    shown = set(NUMBER.findall((PROJECT / page).read_text()))
    assert shown
    assert shown <= {row["accountnumber"] for row in synced.before.accounts}


def test_the_worked_example_of_explain_is_what_it_says(synced: Synced) -> None:
    """Word by word; only the time is another one."""
    page = (PROJECT / "docs/operations.md").read_text()
    [(asked, shown)] = re.findall(r"```\n\$ p2c explain (.+)\n([^`]*(?:`[^`]+`[^`]*)*)\n```", page)
    answer = synced.world.p2c("explain", *asked.split())
    assert answer.exit == 0, answer.err
    assert TIME.sub("", answer.out).split() == TIME.sub("", shown).split()


def test_a_record_of_each_fate_in_the_demo_is_explained(synced: Synced) -> None:
    """On the real models: the fate by the whole key, with a next step."""
    records = synced.world.query(
        "select fate, any_value(source_key), any_value(flow) from quality.record_fates "
        "where flow not like 'number_%' group by fate"
    )
    assert {"filtered", "identical", "rejected", "blocked"} <= {fate for fate, _, _ in records}
    for fate, key, flow in records:
        answer = synced.world.p2c("explain", key, "--select", flow, "--json")
        assert answer.exit == 0, answer.err
        found = [row for row in answer.json["fates"] if row["source_key"] == key]
        assert [row["fate"] for row in found] == [fate]
        assert found[0]["next"]


def test_one_of_them_is_explained(synced: Synced) -> None:
    [number] = set(NUMBER.findall((PROJECT / "docs/quickstart.md").read_text()))
    answer = synced.world.p2c("explain", number)
    assert answer.exit == 0, answer.err
    assert number in answer.out
