"""A project of one target whose records meet for the first time, and a service that writes.

Each move changes what both systems hold, or loses the warehouse, and then builds. `SEND` does what
a run does: the target takes what the changes model has, and the ledger notes it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_macros.small_project import KEEP, PROFILES, PROJECT, ROOT

KEEP_BOTH = KEEP.replace(
    "{% endfor %}",
    "{% endfor %}\ncreate table step_{{ var('step') }}.drift as select * from main.drift;",
)
COLUMNS = ("name", "town", "mark")
TARGET = """
select thingid, name, town, mark,
    'src-' || thingid as p2c_source_key, thingid as p2c_record_key,
    'id-' || thingid as p2c_record_id,
    '[]' as p2c_parents, false as p2c_deleted, cast(null as varchar) as p2c_filtered,
    cast(null as varchar) as p2c_blocked, '[]' as p2c_reasons, '[]' as p2c_cuts
from {{ source('given', 'desired') }}
"""
HELD = """
select thingid, name, town, mark, 'W/"1"' as etag, cast(null as timestamptz) as deleted_at
from {{ source('given', 'held') }}
"""
COMPARE = """
{{ config(
    materialized="compare", pre_hook="{{ remember_written() }}", post_hook="{{ remember_agreed() }}"
) }}
{{ compare_records(
    ref('target_sales__things'), ref('stg_sales__things'), source('ledger', 'agreed_sales__things')
) }}
"""
TARGETS = "{% macro write_targets() %}{{ return(['sales__things']) }}{% endmacro %}"
MOVES = """
import json, sys
import duckdb
from dbt.cli.main import dbtRunner
for step, (statements, policy) in enumerate(json.loads(sys.argv[1]), start=1):
    with duckdb.connect("warehouse.duckdb") as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in statements:
            connection.execute(statement)
    values = json.dumps({"step": step, "policy": policy})
    if not dbtRunner().invoke(["run", "--quiet", "--vars", values]).success:
        sys.exit(1)
"""
FLOW = "'things' as flow, 'sales' as system, 'things' as entity_set"
SEND = [
    f"insert into ledger.writes by name select 'w-' || change_id as write_id, {FLOW}, operation, "
    "source_key, record_key, key_values, after, agreement, 'acknowledged' as status, "
    "now() as finished_at from main.changes_sales__things",
    *(
        f"update given.held set {name} = after ->> '{name}' from main.changes_sales__things as c "
        f"where held.thingid = c.record_key and json_exists(after, '$.{name}')"
        for name in COLUMNS
    ),
]
# What `p2c undo` does to one record: its before-image again, and a note that the two never agreed.
TAKE_BACK = """
insert into ledger.writes by name
select 'undo-{0}' as write_id, flow, system, entity_set, 'update' as operation, source_key,
    record_key, key_values, '{{"town":null,"mark":"No"}}' as after,
    '{{"undone":' || agreement || '}}' as agreement,
    'acknowledged' as status, now() as finished_at
from ledger.writes where record_key = '{0}'
"""
# The ledger is a file of its own: its copies come back, what the warehouse alone knew does not.
LOSE = ["drop table ledger.agreed_sales__things", "drop table ledger.differences"]
Move = tuple[list[str], str]


@dataclass(frozen=True)
class FirstContactWorld:
    """A project folder with its warehouse."""

    folder: Path

    def build(self, state: list[str], moves: list[Move]) -> None:
        """Lay out the project, give both systems their records, and build after each move."""
        shutil.copytree(ROOT / "macros", self.folder / "macros")
        (self.folder / "macros/keep_comparisons.sql").write_text(KEEP_BOTH)
        (self.folder / "macros/quality/targets.sql").write_text(TARGETS)
        (self.folder / "dbt_project.yml").write_text(PROJECT)
        (self.folder / "profiles.yml").write_text(PROFILES)
        models = self.folder / "models"
        models.mkdir()
        (models / "target_sales__things.sql").write_text(TARGET)
        (models / "stg_sales__things.sql").write_text(HELD)
        (models / "compare_sales__things.sql").write_text(COMPARE)
        changes = "{{ changes(ref('compare_sales__things')) }}"
        (models / "changes_sales__things.sql").write_text(changes)
        shutil.copy(ROOT / "models/quality/drift.sql", models / "drift.sql")
        (models / "models.yml").write_text(json.dumps(_declared()))
        with duckdb.connect(self.folder / "warehouse.duckdb") as connection:
            for statement in state:
                connection.execute(statement)
        places = {"P2C_WAREHOUSE": "warehouse.duckdb", "DBT_PROFILES_DIR": str(self.folder)}
        done = subprocess.run(
            [sys.executable, "-c", MOVES, json.dumps(moves)],
            cwd=self.folder,
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def read(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.folder / "warehouse.duckdb", read_only=True) as connection:
            return connection.execute(query).fetchall()

    def fate(self, step: int, thing: str) -> tuple[str, bool, dict[str, Any], set[str]]:
        """Fate, whether it is a first contact, what is written, and which columns stay theirs."""
        [(fate, first, after, listed)] = self.read(
            "select fate, is_first_contact, after_image, differences "
            f"from step_{step}.compare_sales__things where record_key = '{thing}'"
        )
        kept = {one["column"] for one in json.loads(listed) if one["action"] == "keep"}
        return fate, first, json.loads(after), kept


def _declared() -> dict[str, Any]:
    policies = {"mark": {"on_first_contact": "overwrite"}, "town": {"on_drift": "keep"}}
    columns = [
        {"name": name, "data_type": "varchar", "config": {"meta": policies.get(name, {})}}
        for name in ("thingid", *COLUMNS)
    ]
    writes = {
        "system": "sales",
        "entity_set": "things",
        "key": ["thingid"],
        "operations": ["create", "update"],
        "on_first_contact": "{{ var('policy', 'fill') }}",
    }
    meta = {"flow": "things", "target": "target_sales__things", "writes": writes}
    tables = ("writes", "links", "differences", "agreed_sales__things")
    return {
        "models": [
            {"name": "target_sales__things", "columns": columns},
            {"name": "changes_sales__things", "config": {"meta": meta}},
        ],
        "sources": [
            {"name": "ledger", "schema": "ledger", "tables": [{"name": t} for t in tables]},
            {"name": "given", "schema": "given", "tables": [{"name": "desired"}, {"name": "held"}]},
        ],
    }
