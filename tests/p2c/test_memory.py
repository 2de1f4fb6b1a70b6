"""What DuckDB may take of the machine's memory, in every connection and in dbt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from loaders.errors import WarehouseError
from loaders.warehouse import open_warehouse
from p2c.config.context import load
from p2c.errors import BuildError, SettingsError
from p2c.run.dbt import environment, invoke
from p2c.warehouse import reading
from pipelines.common import memory
from pipelines.common.duck import opened

ASKED = "select current_setting('memory_limit')"
# More than the limit below, and nothing of it can be left out of memory while it is sorted.
TOO_MUCH = "select i, repeat('x', 1000) as text from range(100000) as t(i) order by hash(i)"
ALONE = "set max_temp_directory_size = '0KB'; create table big as "
ROOT = Path(__file__).parents[2]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    return path


def test_every_way_into_the_warehouse_has_the_limit(
    project: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C__MEMORY", "2GiB")
    context = load(project)
    with open_warehouse(warehouse, read_only=False) as connection:
        assert connection.execute(ASKED).fetchone() == ("2.0 GiB",)
    with opened(warehouse) as connection:
        assert connection.execute(ASKED).fetchone() == ("2.0 GiB",)
    with reading(warehouse) as reader:
        assert [*reader.rows(ASKED)[0].values()] == ["2.0 GiB"]
    assert environment(context)[memory.VARIABLE] == "2GiB"


def test_without_a_setting_it_is_less_than_duckdb_would_take(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '60%'")
        expected = connection.execute(ASKED).fetchone()
    with opened(warehouse) as connection:
        assert connection.execute(ASKED).fetchone() == expected


@pytest.mark.parametrize("value", ["4GB", "512 MiB", "1.5GB", "50%", "100%"])
def test_duckdb_takes_what_the_setting_allows(
    project: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("P2C__MEMORY", value)
    load(project)
    with duckdb.connect() as connection:
        memory.limited(connection)


@pytest.mark.parametrize("value", ["", "4", "lots", "0%", "120%", "4GB'; drop table x"])
def test_another_value_is_told_with_its_setting(
    project: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("P2C__MEMORY", value)
    with pytest.raises(SettingsError, match=r"p2c\.memory"):
        load(project)


def test_what_needs_more_says_which_setting(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.VARIABLE, "20MB")
    with (
        pytest.raises(WarehouseError, match=r"may take \(20MB\): raise the setting p2c\.memory"),
        open_warehouse(warehouse, read_only=False) as connection,
    ):
        connection.execute(ALONE + TOO_MUCH)


def test_a_build_that_needs_more_says_so_too(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt's own log, of a model that needed more."""
    monkeypatch.setenv("P2C__MEMORY", "20MB")
    monkeypatch.setattr("p2c.run.dbt.PROCESS", "tests.p2c.dbt_out_of_memory")
    with pytest.raises(BuildError, match=r"big: .*DuckDB may take 20MB: raise the setting p2c"):
        invoke(replace(load(project), project_dir=ROOT), [], lambda *_: None)
