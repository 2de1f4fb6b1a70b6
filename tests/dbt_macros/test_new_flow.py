"""docs/add-a-flow.md, followed to its end: what `p2c new flow` writes is built and planned."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.ledger.ledger import Ledger
from loaders.manifest import read_targets
from loaders.planning.plan import make_plan
from p2c.cli import main
from p2c.config.new_project import create
from pipelines.common.tables import load_tables
from tests.dbt_macros import test_conventions as conventions
from tests.dbt_macros import test_descriptions as descriptions
from tests.dbt_macros.small_project import ROOT

PAGE = (ROOT / "docs/add-a-flow.md").read_text(encoding="utf-8")
TABLES = re.findall(r"```yaml\n# (\S+), at its end\n(.*?)```", PAGE, re.S)
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.S) for line in block.splitlines()
]
# The same the other way, which the page does not show: F&O has a company in its key.
BACK = (
    "p2c new flow warehouses_out --from sales.msdyn_warehouses --to finops.Warehouses"
    " --map msdyn_name=WarehouseId --map msdyn_description=WarehouseName"
)
DBT = """
import shlex, sys
from dbt.cli.main import dbtRunner
for command in sys.argv[1:]:
    done = dbtRunner().invoke(shlex.split(command))
    if not done.success:
        sys.exit(str(done.exception))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project after the page's steps; rows of its own stand for `p2c extract`."""
    folder: Path = tmp_path_factory.mktemp("new_flow")
    create(folder)
    for path, text in TABLES:
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write("\n" + text)
    for command in (COMMANDS[0], BACK):
        p2c(folder, command)
    _overwrite_at_first_contact(folder)
    fill(folder)
    build, both = COMMANDS[2].removeprefix("dbt "), "compile --select record_fates flow_counts"
    done = subprocess.run(
        [sys.executable, "-c", DBT, build, f"{build}_out", both],
        cwd=folder,
        env=os.environ | {"P2C_WAREHOUSE": "warehouse.duckdb", "DBT_PROFILES_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _overwrite_at_first_contact(folder: Path) -> None:
    """Pairs that never agreed are changed too: what is written of them is K3's own test."""
    for path in (folder / "models/changes").glob("*/*.yml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("on_first_contact: fill", "on_first_contact: overwrite"))


@pytest.fixture(scope="module")
def new_manifest(project: Path) -> Mapping[str, Any]:
    """The graph with the new flows."""
    found: Mapping[str, Any] = json.loads((project / "target/manifest.json").read_text())
    return found


def p2c(folder: Path, command: str) -> None:
    """A command line of `p2c`, in a project. It must succeed."""
    with pytest.raises(SystemExit) as ended:
        main(["--project-dir", str(folder), *shlex.split(command)[1:]])
    assert ended.value.code == 0


def fill(folder: Path) -> None:
    """Every declared table, empty but for a few warehouses."""
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        for system in ("sales", "finops"):
            connection.execute(f"create schema raw_{system}")
            tables = load_tables(folder / f"pipelines/{system}/tables.yml", system).values()
            for table in tables:
                connection.register("empty", table.schema.empty_table())
                connection.execute(f"create table raw_{system}.{table.name} as from empty")
        connection.execute(
            "insert into raw_finops.warehouses values"
            " ('USMF', '11', 'North', 'W/1', null), ('USMF', '12', 'South', 'W/1', null)"
        )
        connection.execute(
            "insert into raw_sales.msdyn_warehouses values ('id-11', '11', 'Nord', 'W/2', null)"
        )
        for schema, name in (("raw_finops", "warehouses"), ("raw_sales", "msdyn_warehouses")):
            connection.execute(
                f"create table {schema}.reads as select '{name}' as table_name, 'l-1' as load_id,"
                " now() as started_at, now() as finished_at"
            )


def test_the_page_shows_the_steps() -> None:
    words = [shlex.split(command)[:2] for command in COMMANDS]
    assert words == [["p2c", "new"], ["p2c", "extract"], ["dbt", "build"], ["p2c", "plan"]]
    assert [path for path, _ in TABLES] == [
        f"pipelines/{s}/tables.yml" for s in ("finops", "sales")
    ]


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("warehouses", {"11": ("update", "North"), "12": ("create", "South")}),
        ("warehouses_out", {"usmf/11": ("update", "Nord")}),
    ],
)
def test_a_new_flow_is_planned(
    project: Path, flow: str, expected: Mapping[str, tuple[str, str]]
) -> None:
    graph = read_targets(project / "target/manifest.json")
    built = tuple(one for one in graph.targets if one.flow.startswith("warehouses"))
    graph = replace(graph, targets=built)
    with Ledger.open(project / ".p2c") as ledger:
        plan = make_plan(project / "warehouse.duckdb", graph, ledger, select=[flow])
        changes = [*ledger.changes(plan.plan_id)]
    names = {"warehouses": "msdyn_description", "warehouses_out": "WarehouseName"}
    planned = {c.record_key: (c.operation, json.loads(c.after)[names[flow]]) for c in changes}
    assert planned == expected


def test_a_new_flow_is_counted(project: Path) -> None:
    compiled = project / "target/compiled/prospect_to_cash/models/quality"
    assert '"compare_sales__warehouses"' in (compiled / "record_fates.sql").read_text()
    assert '"stg_finops__warehouses"' in (compiled / "flow_counts.sql").read_text()


@pytest.mark.parametrize(
    "convention",
    [
        conventions.test_every_model_says_what_a_row_is,
        conventions.test_every_column_is_described,
        conventions.test_every_model_has_a_primary_key_test,
        conventions.test_a_models_prefix_is_its_layer,
        conventions.test_staging_reads_one_table_of_its_system_and_nothing_else,
        conventions.test_target_and_changes_models_have_enforced_contracts,
        conventions.test_every_changes_model_has_an_exposure_of_its_own,
        conventions.test_target_compare_and_changes_come_in_threes,
        conventions.test_comparisons_lose_no_row,
        descriptions.test_no_description_is_missing_or_the_name_again,
        descriptions.test_the_columns_of_a_source_are_described_where_it_is_staged,
    ],
)
def test_a_new_flow_keeps_to_the_conventions(
    new_manifest: Mapping[str, Any], convention: Any
) -> None:
    convention(new_manifest)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (COMMANDS[0], "'warehouses' is no name for a flow"),
        (COMMANDS[0].replace("flow warehouses", "flow Big"), "'Big' is no name for a flow"),
        (BACK.replace("_out", "_2").replace("=WarehouseId", "=Name"), "no column 'Name'"),
        (BACK.replace("_out", "_2").replace("=WarehouseId", "=WarehouseName"), "WarehouseId: map"),
        (BACK.replace("_out", "_2").replace("finops.W", "finops.V"), "is not read yet: declare it"),
        (BACK.replace("_out", "_2").replace("finops.", "erp."), "names no table"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is(
    project: Path, command: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "models").rglob("*.*")}
    with pytest.raises(SystemExit) as ended:
        main(["--project-dir", str(project), *shlex.split(command)[1:]])
    assert ended.value.code == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert {path: path.stat().st_mtime_ns for path in (project / "models").rglob("*.*")} == before
