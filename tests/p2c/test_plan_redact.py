"""Nothing of a record is in a redacted plan: searched for, key by key and value by value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from p2c.report.redact import hasher
from p2c.report.redact_plan import redacted_plan
from p2c.screen.output import dumps, file_lines
from p2c.screen.plan_json import plan_data
from p2c.screen.plan_markdown import plan_markdown
from p2c.screen.plan_text import plan_text
from p2c.screen.plan_view import PlanView

from .plan_world import MESSAGE, WAITS, Row, apart, every_kind, planned, texts

FORMS = {
    "text": lambda view: "\n".join(file_lines(plan_text(view, entire=True))),
    "markdown": lambda view: plan_markdown(view, entire=True),
    "json": lambda view: dumps(plan_data(view)),
}


def secrets(rows: list[Row], beside: list[Row]) -> set[str]:
    """Keys, values and messages of the rows that the plan was made of."""
    found: set[str] = set()
    for row in rows:
        images = [json.loads(row[name]) for name in ("before", "after") if row[name]]
        kept = json.loads(row["agreement"] or "{}").get("kept", {})
        found |= {row["record_key"], *texts(images), *texts(kept), row.get("error_message", "")}
    for one in beside:
        values = [pair[1:3] for pair in one.get("columns", ())]
        found |= {one["key"], *texts(values), one.get("message", "")}
    return found - {""}


@pytest.mark.parametrize("form", FORMS)
def test_no_key_and_no_value_is_left(tmp_path: Path, form: str) -> None:
    rows, beside = every_kind(3), list(apart(3))
    view = planned(tmp_path, rows).view(None, beside)
    sought = secrets(rows, beside)
    assert len(sought) > 50
    plain = FORMS[form](view)
    output = FORMS[form](redacted_plan(view, hasher(tmp_path)))
    assert [text for text in sought if text in output] == []
    assert [text for text in (MESSAGE, WAITS, "Ruritania", "Née", "CON-0") if text in output] == []
    assert "New 1" in plain
    assert "OrganizationName" in output


def test_hashes_are_the_same_for_the_same_value_and_of_this_project(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(2)).view(None)
    own, again = (plan_data(redacted_plan(view, hasher(tmp_path / "a"))) for _ in range(2))
    other = plan_data(redacted_plan(view, hasher(tmp_path / "b")))
    assert own == again
    keys = [change["key"] for change in own["changes"]]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {change["key"] for change in other["changes"]}


def test_sentences_on_what_is_held_back_quote_seeds(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(1)).view(None)
    held = PlanView(
        view.plan, view.report, (), {**view.beside, "held_back": {"products": ["Row zz."]}}
    )
    assert "Row zz." in json.dumps(plan_data(held))
    output = json.dumps(plan_data(redacted_plan(held, hasher(tmp_path))))
    assert "Row zz." not in output
    assert "products" in output
