"""Settings reach SQL as literals, whatever people write into them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.dbt_macros.small_project import PROFILES, ROOT

SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
# Settings that take one of a few words, a day, or a name that no SQL holds.
WORDS = re.compile(r"(?:choice|flag|date)_var\('(\w+)'")
# Policies and limits, which are checked by what they say.
CHECKED = ("on_delete", "first_contact", "reconciliation_max")
ODD = {"price_list": "kunde's liste", "delivery_address_name": "Chef's dock"}


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One dbt command of the whole project, with its files in `folder`."""
    paths = {"DBT_TARGET_PATH": str(folder), "DBT_LOG_PATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=ROOT,
        env=os.environ | paths | {"P2C_WAREHOUSE": str(folder / "warehouse.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )


def sql_files() -> list[Path]:
    return [*(ROOT / "models").glob("**/*.sql"), *(ROOT / "macros").glob("**/*.sql")]


# Every run of the tests builds all models with the settings that they have.
@pytest.mark.long
def test_every_model_is_sql_with_a_quote_in_every_text_setting(tmp_path: Path) -> None:
    """And a deletion policy reaches its flow's model (G7)."""
    words = {name for path in sql_files() for name in WORDS.findall(path.read_text())}
    texts = {n: "it's" for n, v in SETTINGS.items() if isinstance(v, str) and n not in words}
    values = {n: v for n, v in texts.items() if not n.startswith(CHECKED)} | ODD
    assert set(ODD) < set(values)
    policy = {"on_delete_accounts": "deactivate"}
    done = dbt(tmp_path, "compile", "--quiet", "--vars", json.dumps(values | policy))
    assert done.returncode == 0, done.stdout + done.stderr
    compiled = list(tmp_path.glob("compiled/**/*.sql"))
    assert len(compiled) >= len([*(ROOT / "models").glob("**/*.sql")])
    models = {path.stem: path.read_text() for path in compiled}
    sql = "\n".join(_statement(text) for text in models.values())
    assert "'kunde''s liste'" in sql
    assert "'Chef''s dock'" in sql
    assert "\"held__OnHoldStatus\" = 'All'" in models["compare_finops__customers"]


def _statement(text: str) -> str:
    """A model's only statement, as DuckDB parses it."""
    (statement,) = duckdb.extract_statements(text)
    return str(statement.query)


WRONG: list[tuple[str, str, Any, str]] = [
    ("flag_var('x')", "x", "perhaps", "true or false"),
    ("choice_var('x', ['solution', 'p2c'])", "x", "plugin", "solution or p2c"),
    ("date_var('x')", "x", "31.1.2020", "2020-01-31"),
    ("number_var('x')", "x", "many", "not a number"),
    ("text_var('x')", "x", False, "quotes"),
]
# One process for all: importing dbt takes longer than parsing a model.
PARSE = """
import json, sys
from dbt.cli.main import dbtRunner
for value in json.loads(sys.argv[1]):
    dbtRunner().invoke(["parse", "--vars", json.dumps(value)])
    print("--- next")
"""


def test_a_setting_that_cannot_be_is_named(tmp_path: Path) -> None:
    """`default_country: NO` is Norway to a person and false to YAML."""
    (tmp_path / "models").mkdir()
    shutil.copytree(ROOT / "macros/text", tmp_path / "macros")
    (tmp_path / "profiles.yml").write_text(PROFILES)
    (tmp_path / "dbt_project.yml").write_text("name: small\nprofile: prospect_to_cash\n")
    for at, (call, *_) in enumerate(WRONG):
        sql = (
            f"{{% if var('at') == {at} %}}select {{{{ {call} }}}}{{% else %}}select 1{{% endif %}}"
        )
        (tmp_path / f"models/model_{at}.sql").write_text(sql)
    values = [{"at": at, name: value} for at, (_, name, value, _) in enumerate(WRONG)]
    done = subprocess.run(
        [sys.executable, "-c", PARSE, json.dumps(values)],
        cwd=tmp_path,
        env=os.environ | {"P2C_WAREHOUSE": "none.duckdb", "DBT_PROFILES_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = " ".join(done.stdout.split()).split("--- next")
    for output, (_, name, value, words) in zip(outcomes, WRONG, strict=False):
        assert f"The setting {name} is {value}" in output
        assert words in output


def test_no_model_reads_a_setting_in_another_way() -> None:
    """A raw `'{{ var(…) }}'` ends at the first quote of its value."""
    raw = re.compile(r"(?<![\w_])var\(")
    found = [path.name for path in sql_files() if raw.search(path.read_text())]
    assert found == ["settings.sql"]
