"""What follows from tables is named as dbt names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders import Standing
from p2c.config.context import Context, load
from p2c.run.selection import after

BEGAN = datetime(2026, 1, 31, tzinfo=UTC)
SOURCES = {
    "a": {"schema": "raw_sales", "identifier": "accounts", "source_name": "sales"},
    "b": {"schema": "raw_finops", "identifier": "customers", "source_name": "finops"},
}
for number, source in enumerate(SOURCES.values()):
    source["name"] = f"table_{number}"


@pytest.fixture
def parsed(project: Path) -> Context:
    """A project that dbt has parsed."""
    (project / "target").mkdir()
    (project / "target/manifest.json").write_text(json.dumps({"sources": SOURCES}))
    return load(project)


def test_models_and_gates_after_the_tables_that_changed(parsed: Context) -> None:
    """Views are as the same mapping would make them again."""
    standing = Standing(BEGAN, frozenset({"raw_finops.customers"}))
    assert " ".join(after(parsed, standing)) == (
        "source:finops.table_1+,resource_type:model source:finops.table_1+,tag:gate "
        "--indirect-selection empty --exclude config.materialized:view"
    )


@pytest.mark.parametrize("changed", [frozenset[str](), frozenset({"raw_finops.customers"})])
def test_all_tables_where_more_than_raw_tables_changed(
    parsed: Context, changed: frozenset[str]
) -> None:
    assert " ".join(after(parsed, Standing(BEGAN, changed, all_tables=True))) == (
        "resource_type:model tag:gate --indirect-selection empty --exclude config.materialized:view"
    )


def test_everything_where_nothing_stands_or_dbt_knows_none_of_the_tables(parsed: Context) -> None:
    assert after(parsed, None) == []
    assert after(parsed, Standing(BEGAN, frozenset({"raw_sales.unread"}))) == []
    (parsed.path("target_dir") / "manifest.json").unlink()
    assert after(parsed, Standing(BEGAN, frozenset({"raw_sales.accounts"}))) == []
