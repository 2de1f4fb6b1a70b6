"""What models, columns, sources and seeds say of themselves is more than their name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

# Words that say nothing beside a name: "Whether it is inactive." of `is_inactive`.
EMPTY = re.compile(
    r"\b(an?|and|are|as|at|by|for|has|id|in|is|its?|of|on|one|or|per|row|that|the|this|to|whether"
    r"|value|column|field)\b"
)
SOURCE_COLUMNS = re.compile(r"Columns as in `(stg_\w+)`")


def repeats(name: str, description: str) -> bool:
    """Whether the description has no word that is not in the name, or none at all."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    words = re.findall(r"[a-z0-9]+", EMPTY.sub("", description.lower()))
    return all(word in plain or word.removesuffix("s") in plain for word in words)


def described(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Where, name and description of every model, seed and source table and of their columns."""
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        if node["resource_type"] in ("model", "seed", "source"):
            yield node["name"], node["name"], node["description"]
            for column in node["columns"].values():
                yield f"{node['name']}.{column['name']}", column["name"], column["description"]


def test_no_description_is_missing_or_the_name_again(manifest: Mapping[str, Any]) -> None:
    assert [where for where, name, text in described(manifest) if repeats(name, text)] == []


def test_the_columns_of_a_source_are_described_where_it_is_staged(
    manifest: Mapping[str, Any],
) -> None:
    """Staging has every column that is read, under its own name: see test_conventions."""
    readers = {
        unique: node["name"]
        for node in manifest["nodes"].values()
        for unique in node["depends_on"].get("nodes", [])
        if node["name"].startswith("stg_") and node["resource_type"] == "model"
    }
    for unique, source in manifest["sources"].items():
        if source["source_name"] != "ledger":
            found = SOURCE_COLUMNS.search(source["description"])
            assert found, f"{unique} does not say where its columns are described"
            assert found[1] == readers[unique]


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("address1_stateorprovince", "Address 1, stateorprovince.", True),
        ("is_inactive", "Whether it is inactive.", True),
        ("order_id", "", True),
        ("order_id", "Id of the order.", True),
        ("order_id", "Key of the order in Sales; null on a collision.", False),
    ],
)
def test_what_counts_as_the_name_again(name: str, description: str, expected: bool) -> None:
    assert repeats(name, description) is expected
