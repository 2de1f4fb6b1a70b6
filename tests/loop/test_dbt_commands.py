"""dbt on its own, as it is typed in the repository: every model, seed, data test and unit test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.parsed import environment, parsed

from .conftest import Synced
from .world import PROJECT

# Without the collector that p2c switches off, too: it takes a tenth of the time.
DBT = "import gc; gc.disable(); from dbt.cli.main import cli; cli()"


def dbt(command: str, paths: Mapping[str, str], target: Path) -> dict[str, set[str]]:
    """Statuses of one command's nodes, by their kind."""
    answer = subprocess.run(
        [sys.executable, "-c", DBT, "--no-use-colors", "--log-level", "warn", command],
        cwd=PROJECT,
        env=paths,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = defaultdict(set)
    for result in json.loads((target / "run_results.json").read_text())["results"]:
        kind = result["unique_id"].partition(".")[0]
        if kind not in ("operation", "exposure"):  # hooks; exposures have nothing to run
            found[kind].add(result["status"])
    return found


@pytest.mark.timeout(1500)
def test_every_data_test_and_unit_test_passes_after_a_run(synced: Synced, tmp_path: Path) -> None:
    world = synced.world.with_copied_warehouse(tmp_path / "loop")
    target = tmp_path / "target"
    parsed().lay(target, world.warehouse)
    paths = environment(world.folder) | {"DBT_TARGET_PATH": str(target)}
    assert dbt("test", paths, target) == {"test": {"pass"}, "unit_test": {"pass"}}


# p2c builds all models by dbt in every run of the tests; the ones above test them.
@pytest.mark.long
@pytest.mark.timeout(1500)
def test_dbt_build_is_green_with_all_its_tests(synced: Synced, tmp_path: Path) -> None:
    world = synced.world.with_copied_warehouse(tmp_path / "loop")
    target = tmp_path / "target"
    paths = {
        "P2C_WAREHOUSE": str(world.warehouse),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    built = {"model": {"success"}, "seed": {"success"}}
    assert dbt("build", os.environ | paths, target) == built | {
        "test": {"pass"},
        "unit_test": {"pass"},
    }


LIST = """
import json, sys
from dbt.cli.main import dbtRunner
manifest = dbtRunner().invoke(["parse", "--quiet"]).result
for flow in json.loads(sys.argv[1]):
    answer = dbtRunner(manifest=manifest).invoke(
        ["ls", "--quiet", "--select", f"tag:{flow}", "--resource-type", "model", "--output", "name"]
    )
    print(json.dumps([flow, answer.result]))
"""


@pytest.mark.long
def test_each_flows_tag_selects_its_targets_comparisons_and_changes(tmp_path: Path) -> None:
    nodes = parsed().manifest["nodes"].values()
    metas = [n for n in nodes if n["resource_type"] == "model" and n["name"].startswith("changes_")]
    written = defaultdict(set)
    for node in metas:
        name = node["name"].removeprefix("changes_")
        layers = {f"{layer}_{name}" for layer in ("target", "compare", "changes")}
        written[node["config"]["meta"]["flow"]] |= layers
    parsed().lay(tmp_path / "target", tmp_path / "warehouse.duckdb")
    answer = subprocess.run(
        [sys.executable, "-c", LIST, json.dumps(sorted(written))],
        cwd=PROJECT,
        env=environment(tmp_path) | {"DBT_TARGET_PATH": str(tmp_path / "target")},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    lines = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("[")]
    assert {flow: set(names) for flow, names in lines} == written
