"""docs/add-a-flow.md lists what a model may declare: no more and no less than what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/add-a-flow.md").read_text()
READERS = "".join(
    path.read_text()
    for path in (ROOT / "loaders/manifest.py", *sorted((ROOT / "macros/compare").glob("*.sql")))
)


def listed(part: str) -> set[str]:
    """Keys in the table under the heading that names `part`."""
    text = PAGE.partition(f"## What a {part}")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_every_key_of_writes_is_listed() -> None:
    used = set()
    for path in ROOT.glob("models/changes/*/*__changes.yml"):
        for block in re.findall(r"^ {8}writes:\n((?: {10,}.*\n)+)", path.read_text(), re.MULTILINE):
            used |= set(re.findall(r"^ {10}(\w+):", block, re.MULTILINE))
    assert {"system", "key", "part_of"} <= used <= listed("changes model")


def test_every_key_of_a_column_is_listed() -> None:
    used = set()
    for path in ROOT.glob("models/target/*/*.yml"):
        for block in re.findall(r"^ {10}meta: \{([^}]*)\}", path.read_text(), re.MULTILINE):
            used |= set(re.findall(r"(\w+):", block))
    assert {"compare", "lookup"} <= used <= listed("column of a target model")


@pytest.mark.parametrize(
    "key", sorted(listed("changes model") | listed("column of a target model"))
)
def test_every_listed_key_is_read(key: str) -> None:
    assert re.search(rf"[\"'.]{key}\b", READERS)
