"""Records that the documentation asks for are in the demo data."""

from __future__ import annotations

import re

import pytest

from .conftest import Synced
from .world import PROJECT

NUMBER = re.compile(r"\bACC-\d{5}-[A-Z0-9]{6}\b")
PAGES = ("README.md", "docs/quickstart.md", "docs/cli.md", "docs/flows/README.md", "docs/ledger.md")


@pytest.mark.parametrize("page", PAGES)
def test_accounts_in_examples_are_in_the_demo(synced: Synced, page: str) -> None:
    shown = set(NUMBER.findall((PROJECT / page).read_text()))
    assert shown
    assert shown <= {row["accountnumber"] for row in synced.before.accounts}


def test_one_of_them_is_explained(synced: Synced) -> None:
    [number] = set(NUMBER.findall((PROJECT / "docs/quickstart.md").read_text()))
    answer = synced.world.p2c("explain", number)
    assert answer.exit == 0, answer.err
    assert number in answer.out
