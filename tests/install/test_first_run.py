"""The first day with a wheel: a sandbox, a run, an edit of each kind, and each of them counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.install.environment import Environment


@pytest.fixture(scope="module")
def running(installed: Environment, project: Path) -> Iterator[Path]:
    """The project with a sandbox that its settings lead to."""
    done = installed.run(
        *("p2c", "sandbox", "up", "--demo", "base", "--sales-port", "0", "--finops-port", "0"),
        cwd=project,
    )
    assert done.returncode == 0, done.stderr
    yield project
    installed.run("p2c", "sandbox", "down", cwd=project)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def columns(warehouse: Path, schema: str, table: str) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as db:
        query = "select column_name from duckdb_columns() where schema_name = ? and table_name = ?"
        return {name for (name,) in db.execute(query, [schema, table]).fetchall()}


@pytest.mark.long
def test_a_run_and_then_the_projects_own_files_count(installed: Environment, running: Path) -> None:
    done = installed.run("p2c", "run", "--yes", cwd=running)
    assert done.returncode == 0, done.stderr
    warehouse = running / "warehouse.duckdb"
    assert "edited_here" not in columns(warehouse, "common", "products")

    edit(
        running / "models/common/products.sql",
        "'finops' as system_of_record,",
        "'finops' as system_of_record,\n    'x' as edited_here,",
    )
    with (running / "seeds/value_map_units.csv").open("a", encoding="utf-8") as seed:
        seed.write("fur,furlong,true\n")
    done = installed.run("p2c", "build", cwd=running)
    assert done.returncode == 0, done.stderr
    assert "edited_here" in columns(warehouse, "common", "products")
    with duckdb.connect(str(warehouse), read_only=True) as db:
        found = db.execute(
            "select count(*) from seeds.value_map_units where sales_unit = 'furlong'"
        )
        assert found.fetchone() == (1,)

    edit(
        running / "pipelines/sales/tables.yml",
        "    accountid: text\n",
        "    accountid: text\n    new_here: text\n",
    )
    done = installed.run("p2c", "extract", cwd=running)
    assert done.returncode == 1
    assert "'new_here'" in done.stderr
