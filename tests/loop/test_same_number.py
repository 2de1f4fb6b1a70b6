"""O9: documents with one number are one only where something else shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.conftest import Data

from .conftest import a_world
from .order_world import DOLLAR, UNTAXED, Trade
from .random_orders import PRODUCTS, Line, Order
from .world import Answer, Row

pytestmark = pytest.mark.long

NUMBER = "BOTH-1"
NONE = Decimal(0)
OURS = Order(NUMBER, UNTAXED, DOLLAR, NONE, [Line(PRODUCTS[0], Decimal(2), Decimal(10), NONE)])
THEIRS = Order(NUMBER, UNTAXED, DOLLAR, NONE, [Line(PRODUCTS[1], Decimal(7), Decimal(99), NONE)])


@dataclass(frozen=True)
class Story:
    """Orders of one number in both systems before and after a run, and after a person's word."""

    first: Answer
    rejected: Row
    before: tuple[dict[str, Row], dict[str, Row]]
    after: tuple[dict[str, Row], dict[str, Row]]
    mended: Answer
    at_last: tuple[dict[str, Row], dict[str, Row]]


@pytest.fixture(scope="module")
def story(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with a_world(sandbox_data, tmp_path_factory.mktemp("same_number"), "base") as world:
        trade = Trade(world)
        trade.set_up()
        trade.world.p2c("run", "--json")
        trade.enter_in_finops([THEIRS])
        trade.confirm([THEIRS])
        trade.enter_in_sales([OURS])
        trade.total()
        before = trade.in_sales(), trade.in_finops()
        first = world.p2c("run", "--json")
        rejected = world.p2c("rejects", "--json").json
        after = trade.in_sales(), trade.in_finops()
        key = f"dataAreaId='usmf',SalesOrderNumber='{NUMBER}'"
        named = {"CustomersOrderReference": f"Order {NUMBER}"}
        world.finops.update(f"CDSSalesOrderHeaders({key})", named)
        trade.total()
        mended = world.p2c("run", "--json")
        yield Story(first, rejected, before, after, mended, (trade.in_sales(), trade.in_finops()))


def test_both_are_left_alone(story: Story) -> None:
    assert story.first.exit == 0, story.first.err
    assert story.after == story.before
    sales, finops = story.after
    assert sales[NUMBER]["lines"].keys() == finops[NUMBER]["lines"].keys()
    assert sales[NUMBER]["lines"] != finops[NUMBER]["lines"]


def test_each_is_rejected_and_names_the_other(story: Story) -> None:
    """Their lines wait for them, and are story with the same sentence."""
    rows = story.rejected["records"]
    found = {row["flow"]: row for row in rows if row["code"] != "blocked"}
    assert {flow: row["code"] for flow, row in found.items()} == {
        "orders_out": "number_taken",
        "orders_back": "number_taken",
    }
    assert UNTAXED in found["orders_out"]["message"]
    assert f"Order {NUMBER}" in found["orders_back"]["message"]
    waiting = [row for row in rows if row["code"] == "blocked"]
    assert {row["flow"] for row in waiting} == found.keys()
    for row in waiting:
        assert row["message"].endswith(found[row["flow"]]["message"])


def test_the_reference_in_finops_says_that_they_are_one(story: Story) -> None:
    """A person's word, as the rejection says: F&O owns the order, and Sales follows."""
    assert story.mended.exit == 0, story.mended.err
    sales, finops = story.at_last
    assert finops == story.before[1]
    assert sales[NUMBER]["lines"] == finops[NUMBER]["lines"]
    assert sales[NUMBER]["total"] == finops[NUMBER]["total"]
