"""What a plan shows of a record, and how much of a plan stands above a question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from loaders import Change
from p2c.screen import steps_text
from tests.p2c.cli_world import PLAN, change


def shown(*what: object) -> str:
    file = StringIO()
    Console(file=file, width=500, color_system=None).print(*what, sep="\n")
    return file.getvalue()


def many(models: int, each: int) -> Iterator[Change]:
    for model in range(models):
        for row in range(each):
            yield change(model=f"model_{model}", record_key=f"key-{model}-{row}")


@pytest.mark.parametrize(("models", "each"), [(1, 600), (13, 90), (30, 2)])
def test_the_question_stands_under_few_changes_of_every_target(models: int, each: int) -> None:
    """The counts are still to be seen when the question comes, however large the plan is."""
    counts = {(f"flow_{n}", "finops.X"): {"create": each} for n in range(models)}
    plan = type(PLAN)(**{**PLAN.__dict__, "counts": counts})
    output = shown(*steps_text.question_text(plan, Report(), many(models, each)))
    keys = output.count("+ key-")
    assert models <= keys <= max(models, steps_text.ASKED)
    assert f"Plan: {models * each:,} to create." in output


class Report:
    """A report without rows."""

    flows: tuple[dict[str, int], ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {"flows": []}


def test_a_new_record_shows_what_its_key_does_not_say() -> None:
    """Ids, nulls and the parts of the key come last; the name is what a person knows."""
    after = {
        "productid": "01c88ccb-b72b-5f90-b9f9-d3334ef8cf92",
        "productnumber": "P001157",
        "vendorname": None,
        "name": "Speaker, 90 W",
        "price": 12,
    }
    sample = steps_text.Sample.of([change(record_key="P001157", after=json.dumps(after))], 1)
    output = shown(*steps_text.plan_text(PLAN, Report(), sample))
    assert 'name: "Speaker, 90 W", price: 12' in output
    line = next(line for line in output.splitlines() if "Speaker" in line)
    assert line.strip().startswith("name: ")
    assert "productid" not in line


def test_what_is_taken_away_is_shown_apart_with_counts_and_names() -> None:
    gone = [
        change(operation=operation, record_key=f"usmf/GONE-{n}", source_key=f"s-{n}", after=after)
        for n, (operation, after) in enumerate(
            [("deactivate", '{"OnHoldStatus":"All"}')] * 3 + [("delete", None)]
        )
    ]
    sample = steps_text.Sample.of([change(record_key="usmf/NEW-1"), *gone], 2)
    sample.removed.names = {(gone[0].model, "s-0"): "Gone Ltd."}
    output = shown(*steps_text.plan_text(PLAN, Report(), sample))
    new, first, more, last = (
        output.index(text)
        for text in ("+ usmf/NEW-1", "- usmf/GONE-0  Gone Ltd.", "… 1 more", "- usmf/GONE-3")
    )
    assert new < first < more < last
    assert "3 to deactivate (OnHoldStatus: All)" in output
    assert "1 to delete" in output
    assert "GONE-2" not in output
    data = steps_text.plan_data(PLAN, Report(), sample, "")
    assert data["deletions"] == 4
    assert [row.get("name") for row in data["changes"]] == [None, "Gone Ltd.", None, None]
