"""A column that is mapped later: the memory of what was agreed was made without it."""

from __future__ import annotations

from pathlib import Path

from tests.dbt_macros.small_project import SmallProject


def test_a_column_that_is_mapped_later_is_a_change_not_an_error_or_a_conflict(
    tmp_path: Path,
) -> None:
    project = SmallProject(tmp_path)
    project.write({})
    kinds = "step integer, thingid varchar, name varchar, amount decimal(19,4)"
    row = {"step": 1, "thingid": "one", "name": "A", "amount": 1}
    project.give("given.desired", kinds, [row])
    project.give("given.held", kinds, [row | {"amount": 2}])
    project.give(
        "ledger.agreed_sales__hold",
        "record_key varchar primary key, agreed_at timestamptz, thingid varchar, name varchar",
        [{"record_key": "one", "agreed_at": "2024-05-01", "thingid": "one", "name": "A"}],
    )

    project.run(1)

    compared = "select fate, is_drift, changed_columns from step_1.compare_sales__hold"
    assert project.read(compared) == [("update", False, '["amount"]')]
