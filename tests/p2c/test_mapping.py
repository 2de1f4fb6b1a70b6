"""The fingerprint of the mapping moves with what dbt makes rows by, and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from p2c.config.context import Context, load
from p2c.run.mapping import fingerprint

ROOT = Path(__file__).parents[2]
FILES = ("dbt_project.yml", "profiles.yml", "pipelines/sales/tables.yml")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for name in ("models", "macros", "seeds", "tests/dbt", ".dlt/config.toml", *FILES):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(exist_ok=True, parents=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    return load(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "seeds/key_overrides.csv",
        "models/keys/keys_customers.sql",
        "models/changes/finops/_finops__changes.yml",
        "macros/text/clean.sql",
        "dbt_project.yml",
        "profiles.yml",
        "pipelines/sales/tables.yml",
        "tests/dbt/assert_fates_add_up.sql",
    ],
)
def test_an_edit_is_another_mapping_and_taking_it_back_is_not(context: Context, name: str) -> None:
    before, path = fingerprint(context), context.project_dir / name
    text = path.read_bytes()
    path.write_bytes(text + b"\n")
    assert fingerprint(context) != before
    path.write_bytes(text)
    os.utime(path)
    assert fingerprint(context) == before


def test_a_new_file_is_another_mapping(context: Context) -> None:
    before = fingerprint(context)
    (context.project_dir / "models/new.sql").write_text("select 1")
    assert fingerprint(context) != before


def test_where_things_are_is_no_mapping(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(context)
    monkeypatch.setenv("P2C__WAREHOUSE", "elsewhere.duckdb")
    assert fingerprint(load(context.project_dir)) == before
    monkeypatch.setenv("SOURCES__FINOPS__CUSTOMERS_ENTITY_SET", "CustomersV3")
    assert fingerprint(load(context.project_dir)) != before


def test_what_a_model_of_one_s_own_reads_from_the_environment_is_part_of_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGION", "north")
    before = fingerprint(context)
    (context.project_dir / "models/own.sql").write_text("select '{{ env_var(\"REGION\") }}' as r")
    north = fingerprint(context)
    monkeypatch.setenv("REGION", "south")
    south = fingerprint(context)
    assert len({before, north, south}) == 3
