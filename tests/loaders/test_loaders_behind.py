"""The warehouse says that the ledger knows more than it does, from the first request on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import httpx
import pytest

from loaders import (
    Ledger,
    SyncGraph,
    apply_plan,
    make_plan,
    publish,
    read_targets,
    recover_in_flight,
)
from loaders.ledger.marks import BEHIND, get
from tests.loaders.loader_rows import change
from tests.loaders.loader_service import FakeService
from tests.loaders.loader_world import World


def behind(warehouse: Path) -> str | None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        mark = get(connection, BEHIND)
    return mark[0] if mark else None


class Applying:
    """A plan of three creates that is applied against a service in memory."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        world.build(things=[change(1), change(2), change(3)])
        self.world, self.ledger, self.sales = world, ledger, FakeService("sales")
        self.graph = read_targets(world.manifest_path)
        self.plan = make_plan(world.warehouse, self.graph, ledger)
        publish(ledger, world.warehouse)

    def apply(self) -> None:
        services = {"sales": self.sales.service()}
        apply_plan(self.world.warehouse, self.graph, self.ledger, self.plan.plan_id, services)


@pytest.fixture
def applying(world: World, ledger: Ledger) -> Applying:
    return Applying(world, ledger)


def dies(request: httpx.Request) -> None:
    raise SystemExit("killed")


def test_the_warehouse_is_marked_before_the_first_request_leaves(applying: Applying) -> None:
    seen: list[str | None] = []
    applying.sales.before = lambda _: seen.append(behind(applying.world.warehouse))
    assert behind(applying.world.warehouse) is None
    applying.apply()
    assert set(seen) == {applying.plan.plan_id}


def test_telling_all_takes_the_mark_away(applying: Applying) -> None:
    applying.apply()
    assert behind(applying.world.warehouse) == applying.plan.plan_id
    publish(applying.ledger, applying.world.warehouse)
    assert behind(applying.world.warehouse) is None
    statuses = applying.world.sql("select distinct status from ledger.writes")
    assert statuses == [("acknowledged",)]


def test_the_mark_stays_while_a_write_is_unanswered(applying: Applying) -> None:
    """Told is only what is known: what became of a killed run's request is not."""
    applying.sales.after = dies
    with pytest.raises(SystemExit):
        applying.apply()
    publish(applying.ledger, applying.world.warehouse)
    assert behind(applying.world.warehouse) == "unanswered"
    publish(applying.ledger, applying.world.warehouse, asked=True)
    assert behind(applying.world.warehouse) is None
    applying.sales.after = lambda _: None
    recover_in_flight(applying.graph, applying.ledger, {"sales": applying.sales.service()})
    publish(applying.ledger, applying.world.warehouse)
    assert behind(applying.world.warehouse) is None


def test_a_write_whose_model_is_gone_does_not_stay_unanswered_for_ever(
    applying: Applying,
) -> None:
    [first, *_] = applying.ledger.changes(applying.plan.plan_id)
    applying.ledger.mark_sent([first.write_id])
    recover_in_flight(SyncGraph((), applying.graph.version), applying.ledger, {})
    assert not applying.ledger.has_unanswered()
    rows = applying.ledger.connection.execute(
        "select error_message from writes where status = 'failed'"
    ).fetchall()
    assert [row[0] for row in rows] == [
        "It was never answered, and the project has no model changes_sales__things any more to "
        "read it back."
    ]
