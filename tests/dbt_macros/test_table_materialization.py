"""A table model replaces what was there, in one transaction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_macros.small_project import SmallProject

# Turns into a number at step 1, fails at step 2, after the old table was dropped.
MODEL = "select cast(case when {{ var('step') }} = 1 then '7' else 'x' end as integer) as n"


def test_a_table_replaces_what_was_there_unless_it_fails(tmp_path: Path) -> None:
    kind = "{{ config(materialized='view' if var('step') == 1 else 'table') }}"
    models = {"failing": MODEL, "changing": f"{kind} select {{{{ var('step') }}}} as n"}
    project = a_project(tmp_path, models)
    with pytest.raises(AssertionError, match="Could not convert string 'x' to INT32"):
        project.run(2)
    assert project.read("select n from main.failing") == [(7,)]
    kinds = "select table_type from information_schema.tables where table_name = 'changing'"
    assert project.read(kinds) == [("BASE TABLE",)]
    assert project.read("select n from main.changing") == [(2,)]


def a_project(folder: Path, models: dict[str, str]) -> SmallProject:
    """The small project with empty inputs and models of the test's own."""
    project = SmallProject(folder)
    project.write(models)
    kinds = "step integer, thingid varchar, name varchar, amount decimal(19,4)"
    project.give("given.desired", kinds, [])
    project.give("given.held", kinds, [])
    return project
