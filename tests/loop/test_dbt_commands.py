"""dbt on its own, as it is typed in the repository: every model, seed, data test and unit test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Synced
from .world import PROJECT


@pytest.mark.timeout(600)
def test_dbt_build_is_green_with_all_its_tests(synced: Synced, tmp_path: Path) -> None:
    world = synced.world.with_copied_warehouse(tmp_path / "loop")
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "--no-use-colors",
            "--log-level",
            "warn",
            "build",
        ],
        cwd=PROJECT,
        env=os.environ
        | {
            "P2C_WAREHOUSE": str(world.warehouse),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    results = json.loads((tmp_path / "target/run_results.json").read_text())["results"]
    ran = {result["unique_id"].split(".")[0] for result in results}
    assert {"model", "seed", "test", "unit_test"} <= ran
    # An exposure has nothing to run.
    assert {result["status"] for result in results} == {"success", "pass", "no-op"}
