"""dbt on its own does not build what does not know of all that was written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.dbt_macros.small_project import SmallProject


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    created = SmallProject(Path(tmp_path_factory.mktemp("behind")))
    created.write({})
    kinds = "step integer, thingid varchar, name varchar, amount decimal(19,4)"
    created.give("given.desired", kinds, [])
    created.give("given.held", kinds, [])
    created.give(
        "ledger.marks", "name varchar primary key, value varchar, noted_at timestamptz", []
    )
    return created


def note(project: SmallProject, name: str) -> None:
    with duckdb.connect(project.warehouse) as connection:
        connection.execute("delete from ledger.marks")
        connection.execute("insert into ledger.marks values (?, 'x', now())", [name])


def test_a_warehouse_that_is_behind_is_refused_with_what_mends_it(project: SmallProject) -> None:
    note(project, "behind")
    with pytest.raises(AssertionError, match="does not know yet all that was written") as refused:
        project.run(1)
    assert "`p2c build` or `p2c run` brings it up to date" in str(refused.value)
    assert project.read("select name from ledger.marks") == [("behind",)]
    assert project.read("select count(*) from information_schema.tables where"
                        " table_name like 'compare%'") == [(0,)]  # fmt: skip


def test_a_build_by_hand_takes_away_the_note_of_the_last_complete_one(
    project: SmallProject,
) -> None:
    note(project, "built")
    project.run(1)
    assert project.read("select count(*) from ledger.marks") == [(0,)]
