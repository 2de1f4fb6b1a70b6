"""G7: what is gone at the source stays, or goes as the flow's setting says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import a_world
from .order_world import DOLLAR, TAXED, UNTAXED, Trade
from .random_orders import PRODUCTS, Line, Order
from .world import Answer, Row, World

POLICIES = {
    "accounts": "deactivate", "contacts": "deactivate", "orders_out": "delete",
    "orders_back": "deactivate", "products": "deactivate",
}  # fmt: skip
SENT, CAME, GONE, CONTACT = "GONE-SENT", "GONE-CAME", "GONE-1", "CON-77777-AAAAAA"
NONE = Decimal(0)
LINES = [Line(PRODUCTS[0], Decimal(2), Decimal(10), NONE)]

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]


@dataclass(frozen=True)
class Held:
    """What both systems hold of the records that are taken away."""

    customer: Row
    person: Row
    sent: list[Row]
    status: int
    product_state: int

    @classmethod
    def of(cls, world: World) -> Held:
        [customer] = world.finops.rows("CustomersV2", f"$filter=CustomerAccount eq '{GONE}'")
        [person] = world.finops.rows(
            "CDSContactPersons", f"$filter=ContactPersonPartyNumber eq '{CONTACT}'"
        )
        [order] = world.sales.rows("salesorders", f"$filter=ordernumber eq '{CAME}'")
        [product] = world.sales.rows("products", f"$filter=productnumber eq '{PRODUCTS[3]}'")
        sent = world.finops.rows("CDSSalesOrderLines", f"$filter=SalesOrderNumber eq '{SENT}'")
        status = order["msdynce_processingstatus"]
        return cls(customer, person, sent, status, product["statecode"])


@dataclass(frozen=True)
class Story:
    """Before anything was taken away; after a run that ignores it, and after runs that do not."""

    before: Held
    ignored: Held
    followed: Held
    run: Answer
    again: Answer
    returned: Held
    after: Answer


@pytest.fixture(scope="module")
def story(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("deletions")
    with a_world(sandbox_data, folder, "base") as world:
        _enter(Trade(world))
        before = Held.of(world)
        taken = _take_away(world)
        _run(world)
        ignored = Held.of(world)
        (folder / "project").mkdir()
        copy = world.in_copy(folder / "project")
        _set(folder / "project/dbt_project.yml")
        run = _run(copy)
        followed, again = Held.of(world), _run(copy)
        _bring_back(world, taken)
        _run(copy)
        yield Story(before, ignored, followed, run, again, Held.of(world), _run(copy))


def _enter(trade: Trade) -> None:
    sales = trade.world.sales
    trade.set_up()
    sales.create("accounts", {"accountnumber": GONE, "name": "Gone soon"})
    [parent] = sales.rows("accounts", f"$filter=accountnumber eq '{UNTAXED}'")
    contact = {
        "msdynce_contactnumber": CONTACT, "lastname": "Gone",
        "parentcustomerid_account@odata.bind": f"/accounts({parent['accountid']})",
    }  # fmt: skip
    sales.create("contacts", contact)
    trade.enter_in_sales([Order(SENT, UNTAXED, DOLLAR, NONE, LINES)])
    _run(trade.world)
    came = [Order(CAME, TAXED, DOLLAR, NONE, LINES)]
    trade.enter_in_finops(came)
    trade.confirm(came)
    trade.total()
    _run(trade.world)


def _take_away(world: World) -> dict[str, Row]:
    """The account, the contact and the sent order in Sales; the order that came, and a product.

    Returns what was taken of the records that come back, by table.
    """
    taken: dict[str, Row] = {}
    for table, column, value in (
        ("accounts", "accountnumber", GONE),
        ("contacts", "msdynce_contactnumber", CONTACT),
        ("salesorders", "ordernumber", SENT),
    ):
        [row] = world.sales.rows(table, f"$filter={column} eq '{value}'")
        world.sales.delete(f"{table}({row[table.removesuffix('s') + 'id']})")
        taken[table] = row
    world.finops.delete(f"CDSSalesOrderHeaders(dataAreaId='usmf',SalesOrderNumber='{CAME}')")
    key = f"dataAreaId='usmf',ProductNumber='{PRODUCTS[3]}'"
    [taken["product"]] = world.finops.rows(
        "SellableReleasedProducts",
        f"$filter=ProductNumber eq '{PRODUCTS[3]}' and dataAreaId eq 'usmf'",
    )
    world.finops.delete(f"SellableReleasedProducts({key})")
    return taken


def _bring_back(world: World, taken: dict[str, Row]) -> None:
    """A deletion that was undone: the account, the contact and the product, as they were."""
    account, contact = taken["accounts"], taken["contacts"]
    world.sales.create(
        "accounts", {name: account[name] for name in ("accountid", "accountnumber", "name")}
    )
    parent = f"/accounts({contact['_parentcustomerid_value']})"
    world.sales.create(
        "contacts",
        {name: contact[name] for name in ("contactid", "msdynce_contactnumber", "lastname")}
        | {"parentcustomerid_account@odata.bind": parent},
    )
    product = {n: v for n, v in taken["product"].items() if not n.startswith("@") and v is not None}
    world.finops.create("SellableReleasedProducts", product)


def _set(project: Path) -> None:
    text = project.read_text()
    for flow, policy in POLICIES.items():
        line = f"  on_delete_{flow}: ignore\n"
        assert line in text
        text = text.replace(line, f"  on_delete_{flow}: {policy}\n")
    project.write_text(text)


def _run(world: World) -> Answer:
    answer = world.p2c("run", "--json", "--allow", "steep_drop", "--allow", "empty_source")
    assert answer.exit == 0, answer.err + answer.out
    return answer


def test_by_default_what_is_gone_stays(story: Story) -> None:
    assert story.ignored == story.before
    assert story.before.sent


def test_a_customer_is_put_on_hold_and_a_contact_person_inactive(story: Story) -> None:
    assert story.before.customer["OnHoldStatus"] != "All"
    assert story.followed.customer["OnHoldStatus"] == "All"
    assert (story.before.person["IsInactive"], story.followed.person["IsInactive"]) == ("No", "Yes")


def test_an_order_that_had_not_come_back_goes_with_its_lines(story: Story) -> None:
    assert story.followed.sent == []


def test_an_order_that_finops_has_no_longer_is_cancelled(story: Story) -> None:
    assert story.before.status == 647390001
    assert story.followed.status == 647390010


def test_a_product_that_is_not_sold_any_more_is_retired(story: Story) -> None:
    assert (story.before.product_state, story.followed.product_state) == (0, 1)


def test_the_run_after_it_is_empty(story: Story) -> None:
    assert story.run.json["writes"] > 0
    assert story.again.json["writes"] == 0


def test_what_comes_back_is_the_same_record_and_works_again(story: Story) -> None:
    """G7: taken up again and not doubled, as it was before it was deactivated."""
    was, now = story.before, story.returned
    assert now.customer["OnHoldStatus"] == was.customer["OnHoldStatus"]
    assert now.person["IsInactive"] == "No"
    assert (was.product_state, now.product_state) == (0, 0)
    assert story.after.json["writes"] == 0
