"""Records that only the target has, of every target that the graph knows."""

from __future__ import annotations

from pathlib import Path

from p2c.config.target_list import TARGETS, targets_macro
from tests.dbt_macros.small_project import POLICIES, SmallProject

KINDS = "step integer, thingid varchar, name varchar, amount decimal(19,4)"


def test_what_only_the_target_has_is_listed_for_every_target(tmp_path: Path) -> None:
    project = SmallProject(tmp_path)
    project.write({"unmatched": "{{ unmatched_records() }}", "names": "{{ record_names() }}"})
    models = project.folder / "models/compare"
    models.mkdir()
    for policy in POLICIES:
        (project.folder / f"models/compare_sales__{policy}.sql").rename(
            models / f"compare_sales__{policy}.sql"
        )
    (project.folder / TARGETS).write_text(targets_macro(project.folder))
    both = {"step": 1, "thingid": "both", "name": "Our name", "amount": 1}
    ours = both | {"thingid": "ours"}
    theirs = both | {"thingid": "theirs", "name": "Their name"}
    project.give("given.desired", KINDS, [both, ours])
    project.give("given.held", KINDS, [both | {"name": "Another"}, theirs])

    project.run(1)

    _names_of_both_sides(project)
    found = project.read("select flows, target, record_key, record_name from main.unmatched")
    assert sorted(found) == [
        ("things", f"sales.things_{policy}", "theirs", "Their name") for policy in sorted(POLICIES)
    ]


def _names_of_both_sides(project: SmallProject) -> None:
    """`p2c explain` finds a record by what it is called here and there, for every target."""
    named = project.read(
        "select target, source_key, sales_id, name, held_name, is_there from main.names"
    )
    assert sorted(named) == sorted(
        row
        for policy in POLICIES
        for row in (
            (f"sales.things_{policy}", "both", "both", "Our name", "Another", True),
            (f"sales.things_{policy}", "ours", "ours", "Our name", None, False),
        )
    )
