"""A document arrives whole or not at all, and follows what its seller does with it (Q4, Q5, O1).

One story of four runs: a contact without a site orders what is stocked, a quote is revised and gets
another customer, an order is one of another legal entity than its customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Data

from .conftest import a_world
from .order_world import TAXED, UNTAXED, Trade
from .random_orders import PRODUCTS
from .world import Answer, Row, World

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
FIRST, SECOND, THIRD = PRODUCTS[:3]
QUOTE = "Trial run"


@dataclass(frozen=True)
class Seen:
    """A run, and the documents that F&O held after it."""

    run: Answer
    orders: list[Row]
    order_lines: list[Row]
    quotes: list[Row]
    quote_lines: list[Row]

    def written(self) -> int:
        return sum(flow["written"] for flow in self.run.json["flows"])


@dataclass(frozen=True)
class Story:
    contact: str
    order: str
    abroad: str
    refused: Seen
    rejects: str
    blocked: str
    mended: Seen
    revised: Seen
    quiet: Seen


@pytest.fixture(scope="module")
def story(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("documents")
    with a_world(sandbox_data, folder, "base") as world:
        yield _play(world.in_copy(folder / "project"))


def _play(world: World) -> Story:
    Trade(world).set_up()
    contact = str(_do(world, "sales.add-contact", last_name="Ohnelager")["contact"])
    lines = [f"{FIRST}=2@10", f"{SECOND}=1@20-1"]
    order = str(_do(world, "sales.add-order", customer=contact, lines=lines)["order"])
    _do(world, "sales.activate-order", order=order)
    unit = {"business_unit": "Contoso Germany"}
    abroad = str(_do(world, "sales.add-order", customer=TAXED, lines=lines, **unit)["order"])
    _do(world, "sales.activate-order", order=abroad)
    three = [*lines, f"{THIRD}=3@30"]
    quote = str(_do(world, "sales.add-quote", customer=UNTAXED, name=QUOTE, lines=three)["quote"])
    _do(world, "sales.activate-quote", quote=quote)
    refused = _run(world)
    rejects = world.p2c("rejects").out
    [(blocked,)] = world.query(
        "select p2c_blocked from target.target_finops__sales_order_headers "
        f"where \"SalesOrderNumber\" = '{abroad}'"
    )
    _set(world, line_site="1", line_warehouse="13")
    mended = _run(world)
    _do(world, "sales.revise-quote", quote=quote)
    _do(world, "sales.remove-line", document=quote, line="2")
    _change_customer(world, quote, TAXED)
    _do(world, "sales.activate-quote", quote=quote)
    revised = _run(world)
    return Story(
        contact, order, abroad, refused, rejects, str(blocked), mended, revised, _run(world)
    )


def _do(world: World, action: str, **options: str | list[str]) -> Row:
    words = [
        word
        for name, value in options.items()
        for one in ([value] if isinstance(value, str) else value)
        for word in (f"--{name.replace('_', '-')}", one)
    ]
    answer = world.p2c("sandbox", "do", action, *words, "--json")
    assert answer.exit == 0, answer.err + answer.out
    found = answer.json
    return dict(found.get("result", found))


def _set(world: World, **settings: str) -> None:
    """Settings of the project, as a person edits them."""
    path = world.project / "dbt_project.yml"
    text = path.read_text()
    for name, value in settings.items():
        assert f'  {name}: ""\n' in text
        text = text.replace(f'  {name}: ""\n', f'  {name}: "{value}"\n')
    path.write_text(text)


def _change_customer(world: World, quote: str, account: str) -> None:
    query = f"$filter=quotenumber eq '{quote}'&$orderby=revisionnumber desc"
    draft = world.sales.rows("quotes", query)[0]["quoteid"]
    [found] = world.sales.rows("accounts", f"$filter=accountnumber eq '{account}'")
    bound = {"customerid_account@odata.bind": f"/accounts({found['accountid']})"}
    world.sales.update(f"quotes({draft})", bound)


def _run(world: World) -> Seen:
    run = world.p2c("run", "--json", "--yes")
    assert "flows" in run.json, run.out + run.err
    read = world.finops.rows
    every = "cross-company=true"
    return Seen(
        run,
        read("CDSSalesOrderHeaders", every),
        read("CDSSalesOrderLines", every),
        read("CDSSalesQuotationHeaders", every),
        read("CDSSalesQuotationLines", every),
    )


def test_a_refused_line_leaves_neither_header_nor_lines(story: Story) -> None:
    """The customer has no site, the products are stocked: F&O refuses the lines."""
    assert (story.refused.run.exit, story.refused.run.json["status"]) == (1, "partial")
    assert story.refused.orders == []
    assert story.refused.order_lines == []
    assert len(story.refused.quote_lines) == 3


def test_the_refusal_names_the_line_and_the_remedy(story: Story) -> None:
    output = " ".join(story.rejects.split())
    assert "Inventory dimension Site is mandatory" in output
    assert "set line_site and line_warehouse in dbt_project.yml" in output
    assert f"usmf/{story.order}/1" in output


def test_once_mended_it_comes_through_whole(story: Story) -> None:
    assert story.mended.run.exit == 0
    [header] = story.mended.orders
    assert header["SalesOrderNumber"] == story.order
    assert header["OrderingCustomerAccountNumber"] == story.contact
    places = [
        (row["ShippingSiteId"], row["ShippingWarehouseId"]) for row in story.mended.order_lines
    ]
    assert places == [("1", "13"), ("1", "13")]


def test_a_line_taken_out_in_a_revision_is_taken_out_in_finops(story: Story) -> None:
    """The lines of the new revision are other records than those that were sent."""
    numbers = [row["LineCreationSequenceNumber"] for row in story.revised.quote_lines]
    assert sorted(numbers) == [1, 3]


def test_another_customer_of_a_quote_takes_one_run(story: Story) -> None:
    """F&O names the quotation after the new customer when it is not told otherwise."""
    [quote] = story.revised.quotes
    assert (quote["RequestingCustomerAccountNumber"], quote["SalesQuotationName"]) == (TAXED, QUOTE)
    assert story.quiet.written() == 0
    assert story.quiet.quotes == story.revised.quotes


def test_a_customer_of_another_legal_entity_is_called_one(story: Story) -> None:
    """It has a number, and is a customer: elsewhere."""
    assert story.blocked == (
        f"its customer {TAXED} is one of usmf, and the document is one of demf: give it an owner in"
        " a business unit of usmf, or add a row for the business unit of the customer and demf to"
        " the seed legal_entities"
    )
    assert story.abroad not in {row["SalesOrderNumber"] for row in story.quiet.orders}
