"""The project's seeds and their views, alone: files as people leave them go in, rows come out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_macros.small_project import PROFILES, ROOT

PROJECT = """
name: prospect_to_cash
version: 0.1.0
profile: prospect_to_cash
model-paths: [models]
macro-paths: [macros]
seed-paths: [seeds]
flags: {send_anonymous_usage_stats: false}
models: {prospect_to_cash: {+materialized: view}}
seeds: {prospect_to_cash: {+schema: seeds, +fast: false, +full_refresh: true}}
"""


def build(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Seeds and views of the project with the given files instead; returns the warehouse."""
    for part in ("macros", "seeds", "models/staging/seeds"):
        shutil.copytree(ROOT / part, folder / part)
    for name, content in files.items():
        (folder / "seeds" / f"{name}.csv").write_bytes(content)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILES)
    warehouse = folder / "warehouse.duckdb"
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "build", "--quiet"],
        cwd=folder,
        env=os.environ
        | {
            "P2C_WAREHOUSE": str(warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_PROJECT_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return warehouse


def rows(warehouse: Path, seed: str, columns: str) -> list[tuple[Any, ...]]:
    """Columns of a seed's view, in the order of the file."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        query = f"select {columns} from main.stg_seeds__{seed} order by seed_row"
        return connection.execute(query).fetchall()
