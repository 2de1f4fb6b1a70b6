"""A mistyped declaration stops dbt before it builds anything, started by whatever command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_macros.small_project import SmallProject

# Each: what is changed in the declarations of one model, and what must be said.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "key": (
        {"on_confilct": "keep"},
        "changes_sales__hold: `writes` has the unknown key `on_confilct` "
        "(did you mean `on_conflict`?)",
    ),
    "value": (
        {"on_drift": "hodl"},
        "changes_sales__hold: `on_drift` has `hodl` (did you mean `hold`?); it can be",
    ),
    "operation": (
        {"operations": ["create", "updaet"]},
        "changes_sales__hold: `operations` has `updaet` (did you mean `update`?)",
    ),
    "list": ({"key": "thingid"}, "changes_sales__hold: `key` must be a list, it is thingid."),
    "missing": ({"entity_set": ""}, "changes_sales__hold: `writes` must say `entity_set`."),
    "column": (
        {},
        "target_sales__hold.name: `compare` has `nevr` (did you mean `never`?); it can be exact",
    ),
}
# Importing dbt takes longer than a command, so all of them run in one process.
COMMANDS = """
import json, shutil, sys
from pathlib import Path
from dbt.cli.main import dbtRunner
results = {}
for path in sorted(Path("wrong").glob("*.yml")):
    shutil.copy(path, "models/models.yml")
    lines = []
    note = lambda event: lines.append(event.info.msg)
    done = dbtRunner(callbacks=[note]).invoke(["run", "--quiet", "--no-use-colors"])
    results[path.stem] = [done.success, " ".join(" ".join(lines).split())]
print("RESULTS" + json.dumps(results))
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, str]]:
    """What dbt did with each wrong declaration."""
    folder: Path = tmp_path_factory.mktemp("declared")
    project = SmallProject(folder)
    project.write({})
    right = (folder / "models/models.yml").read_text()
    (folder / "wrong").mkdir()
    for name, (change, _) in WRONG.items():
        declared = json.loads(right)
        models = {model["name"]: model for model in declared["models"]}
        models["changes_sales__hold"]["config"]["meta"]["writes"] |= change
        if name == "column":
            column = models["target_sales__hold"]["columns"][1]
            column["config"] = {"meta": {"compare": "nevr"}}
        (folder / f"wrong/{name}.yml").write_text(json.dumps(declared))
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        cwd=folder,
        env=os.environ
        | {
            "P2C_WAREHOUSE": str(project.warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_PROJECT_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    tables = project.read("select count(*) from information_schema.tables")
    assert tables == [(0,)], "something was built"
    _, _, found = done.stdout.partition("RESULTS")
    return dict(json.loads(found))


@pytest.mark.parametrize("name", WRONG)
def test_dbt_builds_nothing_by_a_mistyped_declaration(
    output: dict[str, tuple[bool, str]], name: str
) -> None:
    succeeded, text = output[name]
    assert not succeeded
    assert WRONG[name][1] in text
