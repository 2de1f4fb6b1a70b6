"""What follows from tables is named as dbt names it."""

from __future__ import annotations

import json
from pathlib import Path

from p2c.config.context import load
from p2c.run.selection import after

SOURCES = {
    "a": {"schema": "raw_sales", "identifier": "accounts", "source_name": "sales"},
    "b": {"schema": "raw_finops", "identifier": "customers", "source_name": "finops"},
}
for number, source in enumerate(SOURCES.values()):
    source["name"] = f"table_{number}"


def test_models_and_gates_after_the_tables_that_changed(project: Path) -> None:
    context = load(project)
    (project / "target").mkdir()
    (project / "target/manifest.json").write_text(json.dumps({"sources": SOURCES}))
    assert after(context, ["raw_finops.customers"]) == [
        "source:finops.table_1+,resource_type:model",
        "source:finops.table_1+,tag:gate",
        "--indirect-selection",
        "empty",
    ]


def test_everything_where_no_table_is_named_or_dbt_knows_none_of_them(project: Path) -> None:
    context = load(project)
    assert after(context, ["raw_sales.accounts"]) == [], "no manifest yet"
    (project / "target").mkdir()
    (project / "target/manifest.json").write_text(json.dumps({"sources": SOURCES}))
    assert after(context, []) == after(context, ["raw_sales.unread"]) == []
