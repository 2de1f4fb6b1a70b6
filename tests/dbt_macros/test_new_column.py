"""A column that is mapped later: what was agreed was remembered without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_macros.small_project import SmallProject

COLUMNS = "step integer, thingid varchar, name varchar, amount decimal(19,4)"
KNOWN = "record_key varchar primary key, agreed_at timestamptz, thingid varchar, name varchar"


def agreed(thing: str, **more: object) -> dict[str, object]:
    return {"record_key": thing, "agreed_at": "2024-05-01", "thingid": thing, "name": "A", **more}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """Both held name A when they agreed; `amount` was not mapped then, `colour` was."""
    created = SmallProject(Path(tmp_path_factory.mktemp("new_column")))
    created.write({})
    things = {
        "differs": ({"amount": 1}, {"amount": 2}),
        "drifted": ({"amount": 1}, {"amount": 1, "name": "There"}),
        "nothing": ({"amount": None}, {"amount": None}),
        "later": ({"amount": 1}, {"amount": 1}),
    }
    steps: dict[str, list[dict[str, object]]] = {"desired": [], "held": []}
    for step in (1, 2):
        for thing, (desired, held) in things.items():
            row: dict[str, object] = {"step": step, "thingid": thing, "name": "A"}
            steps["desired"].append({**row, **desired})
            steps["held"].append({**row, **held})
    for row in steps["held"]:
        if row["step"] == 2 and row["thingid"] in ("nothing", "later"):
            row["amount"] = 9
    created.give("given.desired", COLUMNS, steps["desired"])
    created.give("given.held", COLUMNS, steps["held"])
    rows = [agreed(thing, colour="red") for thing in things]
    for policy in ("overwrite", "keep", "hold"):
        created.give(f"ledger.agreed_sales__{policy}", f"{KNOWN}, colour varchar", rows)
    created.run(2)
    return created


def fate(project: SmallProject, step: int, thing: str) -> tuple[object, ...]:
    [row] = project.read(
        "select fate, is_drift, changed_columns from"
        f" step_{step}.compare_sales__hold where record_key = '{thing}'"
    )
    return row


def test_a_column_that_is_mapped_later_is_a_change_not_an_error_or_a_conflict(
    project: SmallProject,
) -> None:
    assert fate(project, 1, "differs") == ("update", False, '["amount"]')


def test_what_was_agreed_of_the_other_columns_is_kept(project: SmallProject) -> None:
    """The name changed there since: that is drift, and this flow holds it."""
    assert fate(project, 1, "drifted")[:2] == ("conflict", True)


@pytest.mark.parametrize("thing", ["nothing", "later"])
def test_the_column_is_agreed_from_the_first_time_both_hold_it_alike(
    project: SmallProject, thing: str
) -> None:
    """That both held nothing is known then, too, and no longer unknown."""
    assert fate(project, 1, thing) == ("identical", False, "[]")
    assert fate(project, 2, thing)[:2] == ("conflict", True)


def test_what_is_not_agreed_stays_unknown(project: SmallProject) -> None:
    assert fate(project, 2, "differs") == ("update", False, '["amount"]')


def test_a_column_that_is_mapped_no_more_is_forgotten(project: SmallProject) -> None:
    """Mapped again later it is unknown, and not what it was years ago."""
    names = project.read(
        "select column_name from information_schema.columns"
        " where table_name = 'agreed_sales__hold' and column_name = 'colour'"
    )
    assert names == []
