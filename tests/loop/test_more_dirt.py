"""Dirt that the demo data has once only, or not at all: here it comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from .conftest import Synced
from .expected import Customers, Rejection, Seeds
from .expected_products import Products
from .test_changes import accounts_of_one_customer, released_path
from .world import Answer, Row, Snapshot

# tests/loop/test_rejects.py has each kind of dirt once in every run of the tests.
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Dirt:
    """Two more products with an unknown unit; an account with another company's number."""

    products: list[Row]
    number: str
    run: Answer
    rejects: Answer
    seen: Snapshot
    after: Snapshot

    def rejections(self, flow: str) -> set[Rejection]:
        return {
            Rejection(row["source_key"], row["code"], row["column_name"], row["value"])
            for row in self.rejects.json["records"]
            if row["flow"] == flow and row["by"] == "mapping"
        }


@pytest.fixture(scope="module")
def dirt(synced: Synced) -> Iterator[Dirt]:
    world = synced.world
    released = [synced.products.released[n][0] for n in synced.products.accepted[20:22]]
    (company, number), _ = accounts_of_one_customer(synced, synced.before)[30]
    other = next(r for a, r in synced.customers.pairs if a != company)
    owner = f"/teams({other['_owningteam_value']})"
    twin = {"name": "Twin & Sons", "accountnumber": number, "ownerid@odata.bind": owner}
    world.sales.create("accounts", twin)
    for row in released:
        world.finops.update(released_path(row), {"SalesUnitSymbol": "zz"})
    seen = world.look()
    run = world.p2c("run", "--json")
    yield Dirt(released, number, run, world.p2c("rejects", "--json"), seen, world.look())
    for row in released:
        world.finops.update(released_path(row), {"SalesUnitSymbol": row["SalesUnitSymbol"]})
    [account] = world.sales.rows("accounts", "$filter=name eq 'Twin %26 Sons'")
    world.sales.delete(f"accounts({account['accountid']})")


def test_several_products_of_an_unknown_unit_are_rejected_and_the_run_goes_on(
    dirt: Dirt,
) -> None:
    assert dirt.run.exit == 0, dirt.run.err
    expected = Products(dirt.seen, Seeds()).rejections
    assert {row["ProductNumber"] for row in dirt.products} <= {one.key for one in expected}
    assert {one for one in dirt.rejections("products") if "/" not in one.key} == expected


def test_a_number_shared_across_companies_rejects_both(dirt: Dirt) -> None:
    """A1: one number, one account; both would be one party in F&O under two names."""
    assert dirt.run.exit == 0, dirt.run.err
    rejected = {row for row in dirt.rejections("accounts") if row.code != "blocked"}  # K2
    assert rejected == Customers(dirt.seen, Seeds()).rejections
    names = {r["OrganizationName"] for k, r in dirt.after.customers.items() if k[1] == dirt.number}
    assert "Twin & Sons" not in names
