"""A flow added as docs/add-a-flow.md says: all its records are counted, or the build says why."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from p2c.config.target_list import TARGETS, targets_macro
from tests.dbt_macros.small_project import ROOT
from tests.parsed import environment, parsed

NEW = "sales__things"
COLUMNS = ("thingid", "p2c_source_key", "p2c_record_key", "p2c_record_id", "p2c_parents")
WRITES = {
    "system": "sales",
    "entity_set": "things",
    "key": ["thingid"],
    "operations": ["create", "update"],
}
TARGET = """
select accountid as thingid, accountid as p2c_source_key, accountid as p2c_record_key,
    accountid as p2c_record_id, '[]' as p2c_parents, false as p2c_deleted,
    cast(null as varchar) as p2c_filtered, cast(null as varchar) as p2c_blocked,
    '[]' as p2c_reasons, '[]' as p2c_cuts
from {{ ref('stg_sales__accounts') }}
"""
COMPARE = """
{{ compare_records(ref('target_sales__things'), ref('stg_sales__contacts'),
    source('ledger', 'agreed_sales__contact_numbers')) }}
"""
COUNT = """
{% macro source_rows_sales__things() -%}{{ rows_of(ref('stg_sales__accounts')) }}{%- endmacro %}
"""
# One process for all: importing dbt takes longer than compiling two models.
STEPS = """
import json, sys
from dbt.cli.main import dbtRunner
for files in json.loads(sys.argv[1]):
    for path, text in files.items():
        open(path, "w").write(text)
    print("--- step")
    dbtRunner().invoke(["compile", "--quiet", "--select", "record_fates", "flow_counts"])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with one flow more, as a person adds it who forgets to count it."""
    for part in ("models", "macros", "seeds"):
        shutil.copytree(ROOT / part, tmp_path / part)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    layers = {"target": TARGET, "compare": COMPARE}
    layers["changes"] = "{{ changes(ref('compare_sales__things')) }}"
    for layer, sql in layers.items():
        (tmp_path / f"models/{layer}/sales/{layer}_{NEW}.sql").write_text(sql)
    meta = {"flow": "things", "target": f"target_{NEW}", "writes": WRITES}
    columns = [{"name": name, "data_type": "varchar"} for name in COLUMNS]
    target = {
        "name": f"target_{NEW}",
        "columns": columns,
        "config": {"contract": {"enforced": False}},
    }
    changes = {"name": f"changes_{NEW}", "config": {"contract": {"enforced": False}, "meta": meta}}
    (tmp_path / "models/things.yml").write_text(json.dumps({"models": [target, changes]}))
    return tmp_path


# test_new_flow.py follows the page to a flow that is counted.
@pytest.mark.long
def test_a_flow_that_is_not_counted_is_an_error_that_says_what_to_do(project: Path) -> None:
    """Such a flow once wrote a record that had no fate, and no gate fired."""
    listed = {str(project / TARGETS): targets_macro(project)}
    counted = {str(project / "macros/things.sql"): COUNT}
    parsed().lay(project / "target", project / "warehouse.duckdb")
    done = subprocess.run(
        [sys.executable, "-c", STEPS, json.dumps([{}, listed, counted])],
        cwd=project,
        env=environment(project)
        | {"DBT_PROFILES_DIR": str(project), "DBT_TARGET_PATH": str(project / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, forgotten, uncounted, good = (" ".join(s.split()) for s in done.stdout.split("--- step"))
    assert f"compare_{NEW} is not counted: run `make docs`" in forgotten
    assert f"add a macro source_rows_{NEW}" in uncounted
    assert "Error" not in good
    compiled = project / "target/compiled/prospect_to_cash/models/quality"
    for model in ("record_fates", "flow_counts"):
        assert "things" in (compiled / f"{model}.sql").read_text()
