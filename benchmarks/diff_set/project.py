"""A dbt project of one target on the real macros, and the statements that dbt sends for it.

dbt builds it on empty tables; what it sends for the compare model (with its hooks) and for the
changes model is written down, to be sent again by a process that does nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAME = "finops__customers"
KEY = {"dataAreaId": "varchar", "CustomerAccount": "varchar"}
COMPARED = {
    "OrganizationName": "varchar",
    "CreditLimit": "decimal(32,6)",
    "OrganizationNumberOfEmployees": "integer",
    "SalesCurrencyCode": "varchar",
    "AddressStreet": "varchar",
    "AddressCity": "varchar",
}
META = {
    "AddressStreet": {"filled_with": "address"},
    "AddressCity": {"filled_with": "address"},
}
PROJECT = """
name: prospect_to_cash
profile: prospect_to_cash
model-paths: [models]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
on-run-start: "{{ create_ledger() }}"
"""
PROFILES = """
prospect_to_cash:
  target: bench
  outputs:
    bench: {type: duckdb, path: "{{ env_var('P2C_WAREHOUSE') }}", settings: {TimeZone: UTC}}
"""
VIEW = "{{ config(materialized='view') }} select * from {{ source('given', 'GIVEN') }}"
COMPARE = """
{{ config(
    materialized='compare', pre_hook='{{ remember_written() }}', post_hook='{{ remember_agreed() }}'
) }}
{{ compare_records(ref('target_NAME'), ref('stg_NAME'), source('ledger', 'agreed_NAME')) }}
"""
CHANGES = "{{ config(materialized='table') }} {{ changes(ref('compare_NAME')) }}"
MODELS = {
    f"target_{NAME}": VIEW.replace("GIVEN", "desired"),
    f"stg_{NAME}": VIEW.replace("GIVEN", "held"),
    f"compare_{NAME}": COMPARE.replace("NAME", NAME),
    f"changes_{NAME}": CHANGES.replace("NAME", NAME),
}
# Twice: the statements of the second build replace tables that are there.
RECORD = """
import json, sys
from dbt.cli.main import dbtRunner
found = {}
def record(event):
    if event.info.name == "SQLQuery":
        node = event.data.node_info.unique_id.rpartition(".")[2]
        found.setdefault(node, []).append(event.data.sql)
for callbacks in ([], [record]):
    if not dbtRunner(callbacks=callbacks).invoke(["run", "--quiet"]).success:
        sys.exit(1)
with open("statements.json", "w") as file:
    json.dump(found, file)
"""


def write(folder: Path) -> None:
    """Lay the project out: the real macros and models of one target."""
    shutil.copytree(ROOT / "macros", folder / "macros")
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILES)
    (folder / "models").mkdir()
    for name, sql in MODELS.items():
        (folder / "models" / f"{name}.sql").write_text(f"{sql}\n")
    (folder / "models" / "models.yml").write_text(json.dumps(_declared()))


def statements(folder: Path, warehouse: Path) -> list[str]:
    """What dbt sends to build compare and changes model, in its order; its output on failure."""
    done = subprocess.run(
        [sys.executable, "-c", RECORD],
        cwd=folder,
        env=os.environ
        | {
            "P2C_WAREHOUSE": str(warehouse),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_PROJECT_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    found = json.loads((folder / "statements.json").read_text())
    return [*found[f"compare_{NAME}"], *found[f"changes_{NAME}"]]


def _declared() -> Mapping[str, Any]:
    """What the macros read from the graph."""
    columns = [
        {"name": name, "data_type": kind, "config": {"meta": META.get(name, {})}}
        for name, kind in (KEY | COMPARED).items()
    ]
    writes = {
        "system": "finops",
        "entity_set": "CustomersV2",
        "key": [*KEY],
        "operations": ["create", "update", "deactivate"],
        "on_drift": "overwrite",
        "on_conflict": "hold",
        "on_first_contact": "fill",
        "deactivate": {"OnHoldStatus": "All"},
    }
    meta = {"flow": "accounts", "target": f"target_{NAME}", "writes": writes}
    tables = {
        "ledger": ("writes", "links", f"agreed_{NAME}"),
        "given": ("desired", "held"),
    }
    return {
        "models": [
            {"name": f"target_{NAME}", "columns": columns},
            {"name": f"changes_{NAME}", "config": {"meta": meta}},
        ],
        "sources": [
            {"name": name, "schema": name, "tables": [{"name": table} for table in found]}
            for name, found in tables.items()
        ],
    }
