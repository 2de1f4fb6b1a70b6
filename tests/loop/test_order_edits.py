"""Any discount and quantity survives the way to F&O and back; any edits in F&O arrive in Sales.

Orders and edits are drawn by chance, many of them go through each run. $P2C_EDIT_SEED draws others,
$P2C_EDIT_ROUNDS says how often the orders are edited, with two runs each time.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.conftest import Data

from .conftest import a_world
from .order_world import CUSTOMERS, DOLLAR, FINE, FINE_CUSTOMER, TAXED, UNTAXED, Trade
from .random_orders import Chance, Edit, Line, Order
from .world import Answer, Row, adds_up, outcomes_add_up

SEED = int(os.environ.get("P2C_EDIT_SEED", "7"))
ROUNDS = int(os.environ.get("P2C_EDIT_ROUNDS", "1"))
ORDERS_EACH = 4

# In every run of the tests tests/northwind/test_orders.py brings orders there and back; the story
# brings back what F&O changed.
pytestmark = [pytest.mark.timeout(600 + 300 * ROUNDS), pytest.mark.long]


@dataclass(frozen=True)
class Round:
    """One time of editing: what was done, what two runs said, and both systems after the first."""

    edits: dict[str, list[Edit]]
    finops: dict[str, Row]
    sales: dict[str, Row]
    run: Answer
    again: Answer


@dataclass(frozen=True)
class Story:
    """All that happened."""

    entered: dict[str, Order]
    born_in_finops: dict[str, Order]
    out: Answer
    sent: list[Row]
    back: Answer
    finops: dict[str, Row]
    sales: dict[str, Row]
    rounds: list[Round]


@pytest.fixture(scope="module")
def story(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with a_world(sandbox_data, tmp_path_factory.mktemp("edits"), "base") as world:
        yield _play(Trade(world), Chance(random.Random(SEED)))


def _play(trade: Trade, chance: Chance) -> Story:
    entered = _orders(chance, "S")
    trade.set_up()
    trade.enter_in_sales(entered.values())
    out = _run(trade)
    sent = trade.finops_lines()
    born = _orders(chance, "F", each=1)
    trade.tax(TAXED)
    trade.enter_in_finops(born.values())
    trade.confirm([*entered.values(), *born.values()])
    trade.total()
    back = _run(trade)
    finops, sales = trade.in_finops(), trade.in_sales()
    rounds = [_edit(trade, chance, entered | born) for _ in range(ROUNDS)]
    return Story(entered, born, out, sent, back, finops, sales, rounds)


def _orders(chance: Chance, prefix: str, each: int = ORDERS_EACH) -> dict[str, Order]:
    created = [
        order
        for customer, money in CUSTOMERS.items()
        for order in chance.orders(f"{prefix}-{customer}", each, customer, money)
    ]
    return {order.number: order for order in created}


def _edit(trade: Trade, chance: Chance, orders: dict[str, Order]) -> Round:
    edits = {
        number: chance.edits(lines, orders[number].money) for number, lines in trade.terms().items()
    }
    for number, found in edits.items():
        trade.do(number, found)
    trade.total()
    run = _run(trade)
    finops, sales = trade.in_finops(), trade.in_sales()
    return Round(edits, finops, sales, run, _run(trade))


def _run(trade: Trade) -> Answer:
    answer = trade.world.p2c("run", "--json")
    assert answer.exit == 0, f"seed {SEED}: {answer.err}\n{answer.out}"
    return answer


def entered_terms(lines: list[Line]) -> dict[int, tuple[object, ...]]:
    return {
        number: (line.product, line.quantity, line.price, line.discount)
        for number, line in enumerate(lines, 1)
    }


def shown_terms(orders: dict[str, Row]) -> dict[str, dict[int, tuple[object, ...]]]:
    """Lines without their tax, which F&O adds."""
    return {
        number: {place: line[:4] for place, line in order["lines"].items()}
        for number, order in orders.items()
    }


def differing(left: dict[str, Row], right: dict[str, Row]) -> dict[str, object]:
    """What differs, by order and part, so that a failure can be read."""
    keys = left.keys() | right.keys()
    return {
        f"{key}: {part}": (left.get(key, {}).get(part), right.get(key, {}).get(part))
        for key in sorted(keys)
        for part in ("total", "freight", "discount", "freight tax", "lines")
        if left.get(key, {}).get(part) != right.get(key, {}).get(part)
    }


def test_chance_has_drawn_what_is_to_be_proved(story: Story) -> None:
    lines = [line for order in story.entered.values() for line in order.lines]
    assert {-int(line.quantity.as_tuple().exponent) for line in lines} == {2, 3, 4}
    fine = [line for n in story.entered for line in story.entered[n].lines if FINE_CUSTOMER in n]
    assert any(line.discount % Decimal("0.01") for line in fine)
    assert (DOLLAR.decimals, FINE.decimals) == (2, 4)
    actions = {edit.action for one in story.rounds for e in one.edits.values() for edit in e}
    assert {"add-line", "edit-line", "remove-line"} <= actions


def test_quantities_and_discounts_reach_finops_exactly(story: Story) -> None:
    expected = {n: entered_terms([*order.lines]) for n, order in story.entered.items()}
    held: dict[str, dict[int, tuple[object, ...]]] = {}
    for line in story.sent:
        order = held.setdefault(line["SalesOrderNumber"], {})
        order[line["LineCreationSequenceNumber"]] = (
            line["ProductNumber"], line["OrderedSalesQuantity"], line["SalesPrice"],
            line["TotalDiscountAmount"],
        )  # fmt: skip
    assert held == expected


def test_finops_keeps_the_discount_in_two_parts(story: Story) -> None:
    """O5: an amount per unit in the currency, and the rounding difference as a charge."""
    parts = 0
    for line in story.sent:
        unit = Decimal("0.0001" if line["CurrencyCode"] == FINE.code else "0.01")
        discount, quantity = line["TotalDiscountAmount"], line["OrderedSalesQuantity"]
        per_unit = (discount / quantity).quantize(unit, ROUND_HALF_UP)
        whole = (quantity * per_unit).quantize(unit, ROUND_HALF_UP)
        assert line["LineDiscountAmount"] == per_unit
        assert line["FixedPriceCharges"] == whole - discount
        parts += line["FixedPriceCharges"] != 0
    assert parts > 0


def test_quantities_and_discounts_come_back_exactly(story: Story) -> None:
    orders = story.entered | story.born_in_finops
    expected = {number: entered_terms([*order.lines]) for number, order in orders.items()}
    assert shown_terms(story.sales) == expected


def test_both_systems_agree_when_the_orders_are_back(story: Story) -> None:
    assert differing(story.finops, story.sales) == {}
    assert any(order["freight tax"] for order in story.sales.values())
    assert story.sales.keys() == story.entered.keys() | story.born_in_finops.keys()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_run_after_any_edits_makes_both_systems_agree(story: Story, turn: int) -> None:
    one = story.rounds[turn]
    wrong = differing(one.finops, one.sales)
    assert wrong == {}, f"seed {SEED}: {one.edits}"
    assert one.run.json["writes"] > 0


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_run_after_it_is_empty(story: Story, turn: int) -> None:
    again = story.rounds[turn].again
    assert again.json["writes"] == 0, f"seed {SEED}"
    assert [flow for flow in again.flows.values() if flow["drift"] or flow["conflict"]] == []


def test_every_record_has_one_fate_and_every_change_one_outcome(story: Story) -> None:
    runs = [
        story.out,
        story.back,
        *(answer for one in story.rounds for answer in (one.run, one.again)),
    ]
    for run in runs:
        flows = run.flows
        wrong = [key for key, f in flows.items() if not (adds_up(f) and outcomes_add_up(f))]
        assert wrong == []
        assert [flow for flow in flows.values() if flow["failed"] or flow["unverified"]] == []


def test_orders_went_out_once_and_only_to_create(story: Story) -> None:
    """O1: from then on F&O owns them."""
    headers = "orders_out", "finops.CDSSalesOrderHeaders"
    assert story.out.flows[headers]["create"] == len(story.entered)
    later = [story.back, *(one.run for one in story.rounds)]
    assert [run.flows[headers]["written"] for run in later] == [0] * len(later)
    assert UNTAXED in "".join(story.entered)
