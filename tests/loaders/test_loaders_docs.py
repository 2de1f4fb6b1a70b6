"""The page about the ledger is true: every column is on it, and its SQL runs."""

import re
from pathlib import Path
from typing import get_args

import pytest

from loaders import Ledger, make_plan, plan_changes, publish, read_targets
from loaders.ledger import schema
from loaders.models import Outcome, Status
from tests.loaders.loader_rows import change
from tests.loaders.loader_world import World

PAGE = (Path(__file__).parents[2] / "docs/ledger.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def published(world: World, ledger: Ledger) -> World:
    world.build(things=[change(1, "update"), change(2), change(3)])
    run = ledger.start_run("run")
    plan = make_plan(world.warehouse, read_targets(world.manifest_path), ledger, run_id=run)
    first, second, third = (row.write_id for row in plan_changes(ledger, plan.plan_id))
    refused = (400, "0x1", "said", "r-1")
    ledger.record([Outcome(first, "acknowledged", 204), Outcome(second, "rejected", *refused)])
    ledger.record([Outcome(third, "stale", *refused)])
    flows = [{"flow": "things", "source_rows": 3, "written": 1, "rejected": 0}]
    ledger.finish_run(run, "ok", {"seconds": 1.0, "writes": 1, "flows": flows})
    publish(ledger, world.warehouse)
    return world


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[1].strip()[:40])
def test_every_query_runs(published: World, query: str) -> None:
    assert isinstance(published.sql(query), list)


def test_the_first_and_the_last_query_answer(published: World) -> None:
    assert len(published.sql(QUERIES[0])) == 3
    assert len(published.sql(QUERIES[1])) == 2
    [row] = published.sql(QUERIES[-1])
    assert row[1:] == ("things", 3, 1, 0)


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_column_is_explained(table: str) -> None:
    part = PAGE.split(f"`ledger.{table}`:")[1].split("\n\n`ledger.")[0].split("\n## ")[0]
    assert [column for column in schema.TABLES[table] if f"`{column}`" not in part] == []


def test_every_status_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", PAGE.split("## Statuses")[1], re.MULTILINE)
    assert set(explained) == set(get_args(Status))
