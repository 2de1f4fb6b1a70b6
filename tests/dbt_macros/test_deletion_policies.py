"""Every flow has its deletion policy as a setting; nothing is deleted unless one says so (G7)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dbt_macros.small_project import ROOT
from tests.dbt_macros.test_settings import dbt

SETTINGS: dict[str, str] = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
PAGES = {path.stem: path.read_text() for path in ROOT.glob("docs/flows/*.md")}
FLOWS = sorted(PAGES.keys() - {"README"})
ITEMS = "productpricelevels"


def headers(manifest: Mapping[str, Any], flow: str) -> list[dict[str, Any]]:
    """What a flow's models declare, apart from lines and price list items: these go with theirs."""
    metas = [
        node["config"]["meta"] for node in manifest["nodes"].values() if "meta" in node["config"]
    ]
    writes = [meta["writes"] for meta in metas if meta.get("flow") == flow and "writes" in meta]
    return [one for one in writes if "part_of" not in one and one["entity_set"] != ITEMS]


@pytest.mark.parametrize("flow", FLOWS)
def test_each_flow_has_a_setting_that_ignores_by_default(
    manifest: Mapping[str, Any], flow: str
) -> None:
    assert SETTINGS[f"on_delete_{flow}"] == "ignore"
    assert {one["on_delete"] for one in headers(manifest, flow)} == {"ignore"}


@pytest.mark.parametrize("flow", FLOWS)
def test_each_page_says_what_the_setting_can_be(manifest: Mapping[str, Any], flow: str) -> None:
    [row] = re.findall(rf"^\| G7 \|.*`on_delete_{flow}`.*$", PAGES[flow], re.MULTILINE)
    offered = {name for one in headers(manifest, flow) for name in one["operations"]}
    offered &= {"deactivate", "delete"}
    assert {word for word in ("deactivate", "delete") if f"`{word}`" in row} == offered


def test_a_policy_that_a_flow_has_not_is_named(tmp_path: Path) -> None:
    """F&O's quotations cannot be deactivated. One that a flow has: test_settings.py."""
    policies = {"on_delete_quotations": "deactivate"}
    done = dbt(
        tmp_path, "compile", "--quiet", "--vars", json.dumps(policies), "--select",
        "compare_finops__sales_quotation_headers",
    )  # fmt: skip
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "on_delete of the flow quotations is deactivate" in output
    assert "takes ignore or delete" in output
