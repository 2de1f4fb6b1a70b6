"""What who knows dbt finds in the graph: owners, links, groups, tags, freshness, failures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from loaders.ledger import schema

from .test_conventions import SYSTEMS, layer, models


def test_every_exposure_has_an_owner_and_a_link(manifest: Mapping[str, Any]) -> None:
    exposures = list(manifest["exposures"].values())
    assert [e["name"] for e in exposures if not (e["owner"]["email"] and e["description"])] == []
    assert [e["name"] for e in exposures if not str(e["url"]).startswith("http")] == []


def test_every_model_has_a_group_with_an_owner(manifest: Mapping[str, Any]) -> None:
    owners = {g["name"]: g["owner"]["email"] for g in manifest["groups"].values()}
    assert [m["name"] for m in models(manifest) if not owners.get(m["config"]["group"])] == []


def test_a_flows_tag_has_all_three_layers_of_each_target(manifest: Mapping[str, Any]) -> None:
    written = [m for m in models(manifest) if layer(m) == "changes"]
    for model in written:
        flow, name = model["config"]["meta"]["flow"], model["name"].removeprefix("changes_")
        tagged = {m["name"] for m in models(manifest) if flow in m["tags"]}
        assert {f"target_{name}", f"compare_{name}", f"changes_{name}"} <= tagged


def test_each_raw_table_is_as_fresh_as_its_own_last_read(manifest: Mapping[str, Any]) -> None:
    for source in manifest["sources"].values():
        if source["source_name"] in SYSTEMS:
            assert source["freshness"]["warn_after"]["count"], source["name"]
            assert "this.identifier" in source["loaded_at_query"], source["name"]


def test_rows_that_fail_are_stored_in_a_schema_of_their_own(manifest: Mapping[str, Any]) -> None:
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    assert {n["config"]["schema"] for n in tests} == {"test_failures"}
    assert {n["config"]["store_failures"] for n in tests} <= {None, False}  # on request alone


@pytest.mark.parametrize("table", ["writes", "links"])
def test_columns_of_the_ledger_are_described_as_the_ledger_has_them(
    manifest: Mapping[str, Any], table: str
) -> None:
    source = manifest["sources"][f"source.prospect_to_cash.ledger.{table}"]
    described = {c["name"] for c in source["columns"].values() if c["description"].strip()}
    # What models read, as macros/compare/ledger.sql makes it, is there in the ledger itself.
    macro = manifest["macros"]["macro.prospect_to_cash.create_ledger"]["macro_sql"]
    block = macro.partition(f"create table if not exists ledger.{table} (")[2].partition(");")[0]
    listed = set(re.findall(r"(\w+) (?:varchar|timestamptz)", block))
    listed |= set(
        re.findall(rf"alter table ledger\.{table} add column if not exists \"?(\w+)", macro)
    )
    assert described == listed
    assert listed <= set(schema.TABLES[table])
