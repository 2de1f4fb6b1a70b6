"""A dbt project of a few columns on the real macros, so that their graph is a real one.

Three write targets with the same data and one policy each (`overwrite`, `keep`, `hold`) are built
step by step: each step reads its own state of both systems, and the hooks carry on what was agreed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[2]
POLICIES = ("overwrite", "keep", "hold")
COLUMNS = {"thingid": "varchar", "name": "varchar", "amount": "decimal(19,4)"}

PROJECT = """
name: prospect_to_cash
version: 0.1.0
profile: prospect_to_cash
model-paths: [models]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
on-run-start: "{{ create_ledger() }}"
on-run-end: "{{ keep_comparisons() }}"
vars: {step: 1, names: []}
models:
  prospect_to_cash:
    +materialized: table
"""
PROFILES = """
prospect_to_cash:
  target: test
  outputs:
    test: {type: duckdb, path: "{{ env_var('P2C_WAREHOUSE') }}", settings: {TimeZone: UTC}}
"""
# What a step decided, before the next one replaces it.
KEEP = """
{% macro keep_comparisons() %}
{% if execute %}
create schema if not exists step_{{ var('step') }};
{% for node in compare_models() %}
create table step_{{ var('step') }}.{{ node.name }} as select * from main.{{ node.name }};
{% endfor %}
{% endif %}
{% endmacro %}
"""
TARGET = """
select thingid, name, amount,
    thingid as p2c_source_key, thingid as p2c_record_key, thingid as p2c_record_id,
    '[]' as p2c_parents, false as p2c_deleted, cast(null as varchar) as p2c_filtered,
    cast(null as varchar) as p2c_blocked, '[]' as p2c_reasons, '[]' as p2c_cuts
from {{ source('given', 'desired') }} where step = {{ var('step') }}
"""
HELD = """
select thingid, name, amount, 'W/"1"' as etag, cast(null as timestamptz) as deleted_at
from {{ source('given', 'held') }} where step = {{ var('step') }}
"""
COMPARE = """
{{ config(
    materialized="compare", pre_hook="{{ remember_written() }}", post_hook="{{ remember_agreed() }}"
) }}
{{ compare_records(
    ref('target_sales__POLICY'), ref('stg_sales__POLICY'), source('ledger', 'agreed_sales__POLICY')
) }}
"""
# A step is a dbt command; all in one process, because importing dbt takes longer than a step.
STEPS = """
import json, sys
from dbt.cli.main import dbtRunner
for step in range(1, int(sys.argv[1]) + 1):
    values = json.loads(sys.argv[2]) | {"step": step}
    if not dbtRunner().invoke(["run", "--quiet", "--vars", json.dumps(values)]).success:
        sys.exit(1)
"""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SmallProject:
    """A project folder with its warehouse."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def write(self, extra_models: Mapping[str, str]) -> None:
        """Lay out the project: macros of the real one, models for each policy, `extra_models`."""
        shutil.copytree(ROOT / "macros", self.folder / "macros")
        (self.folder / "macros/keep_comparisons.sql").write_text(KEEP)
        (self.folder / "dbt_project.yml").write_text(PROJECT)
        (self.folder / "profiles.yml").write_text(PROFILES)
        models = self.folder / "models"
        models.mkdir()
        for policy in POLICIES:
            (models / f"target_sales__{policy}.sql").write_text(TARGET)
            (models / f"stg_sales__{policy}.sql").write_text(HELD)
            (models / f"compare_sales__{policy}.sql").write_text(COMPARE.replace("POLICY", policy))
            (models / f"changes_sales__{policy}.sql").write_text(
                f"{{{{ changes(ref('compare_sales__{policy}')) }}}}"
            )
        for name, sql in extra_models.items():
            (models / f"{name}.sql").write_text(sql)
        (models / "models.yml").write_text(json.dumps(_declarations()))

    def give(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Create a table of input rows."""
        with duckdb.connect(self.warehouse) as connection:
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {table} ({', '.join(row)}) values ({marks})", [*row.values()]
                )

    def run(self, steps: int, **values: Any) -> None:
        """All steps, one after the other; dbt's own words when one fails."""
        done = subprocess.run(
            [sys.executable, "-c", STEPS, str(steps), json.dumps(values)],
            cwd=self.folder,
            env=os.environ
            | {
                "P2C_WAREHOUSE": str(self.warehouse),
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder / "logs"),
                "DBT_PROFILES_DIR": str(self.folder),
                "DBT_PROJECT_DIR": str(self.folder),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def read(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.warehouse, read_only=True) as connection:
            return connection.execute(query).fetchall()


def _declarations() -> dict[str, Any]:
    """What the macros read from the graph: columns of the targets, policies of the changes."""
    models: list[dict[str, Any]] = []
    for policy in POLICIES:
        columns = [{"name": name, "data_type": kind} for name, kind in COLUMNS.items()]
        models.append({"name": f"target_sales__{policy}", "columns": columns})
        writes = {
            "system": "sales",
            "entity_set": f"things_{policy}",
            "key": ["thingid"],
            "operations": ["create", "update"],
            "on_drift": policy,
            "on_conflict": policy,
        }
        meta = {"flow": "things", "target": f"target_sales__{policy}", "writes": writes}
        models.append({"name": f"changes_sales__{policy}", "config": {"meta": meta}})
    agreed = [{"name": f"agreed_sales__{policy}"} for policy in POLICIES]
    value = [{"name": name} for name in ("desired", "held", "texts", "numbers", "dates")]
    sources = [
        {"name": "ledger", "schema": "ledger", "tables": [{"name": "writes"}, *agreed]},
        {"name": "given", "schema": "given", "tables": value},
    ]
    return {"models": models, "sources": sources}
