"""After the systems agree: what one change moves, and what changes on the wrong side come to.

Each story makes its changes, runs, and leaves both systems synced.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

import pytest

from .conftest import Synced
from .world import Answer, Row, Snapshot, adds_up, outcomes_add_up

CUSTOMERS = ("accounts", "finops.CustomersV2")
PRODUCTS = ("products", "sales.products")
# Without it F&O writes to the user's own company only.
ANY = "?cross-company=true"
NEW_NAME = "Ünïted Ö'Brien & Sons"
# What the service itself sets on each write.
STAMPS = ("@odata.etag", "modifiedon", "versionnumber")


@dataclass(frozen=True)
class TwoChanges:
    """One account's name in Sales and one product's price in F&O: planned, then written."""

    account: Row
    customer: tuple[str, str]
    released: Row
    price: Decimal
    plan: Answer
    planned: Snapshot
    run: Answer
    before: Snapshot
    after: Snapshot

    @property
    def changes(self) -> dict[str, Row]:
        return {change["flow"]: change for change in self.plan.json["changes"]}


@dataclass(frozen=True)
class WrongSide:
    """Customers renamed in F&O, a product repriced in Sales, an account deleted: one run."""

    drifted: tuple[str, str]
    both: tuple[str, str]
    own: tuple[str, str]
    product: Row
    deleted: Row
    run: Answer
    before: Snapshot
    after: Snapshot


def accounts_of_one_customer(synced: Synced, seen: Snapshot) -> list[tuple[tuple[str, str], Row]]:
    """Accounts with one customer, the last first, and that customer's key."""
    wrong = {one.key.split("/")[1] for one in synced.customers.rejections}
    found = []
    for row in reversed(seen.accounts):
        areas = synced.customers.companies(row)
        if len(areas) == 1 and row["accountid"] not in wrong:
            found.append(((areas[0], row["accountnumber"]), row))
    return found


def customer_path(key: tuple[str, str]) -> str:
    return f"CustomersV2(dataAreaId='{key[0]}',CustomerAccount='{quote(key[1])}'){ANY}"


def released_path(row: Row) -> str:
    number = quote(row["ProductNumber"])
    return (
        f"SellableReleasedProducts(dataAreaId='{row['dataAreaId']}',ProductNumber='{number}'){ANY}"
    )


def changed(before: list[Row], after: list[Row], key: str) -> dict[str, set[str]]:
    """Key -> columns that differ, of the records that differ; new and gone ones with `key`."""
    old = {row[key]: row for row in before}
    new = {row[key]: row for row in after}
    found = {name: {key} for name in old.keys() ^ new.keys()}
    for name in old.keys() & new.keys():
        if differing := {c for c in new[name] if old[name].get(c) != new[name][c]} - {*STAMPS}:
            found[name] = differing
    return found


# A plan's row of two records that agreed once.
AGREED_BEFORE: Row = {"first_contact": False, "kept": {}}


@pytest.fixture(scope="module")
def two(synced: Synced) -> TwoChanges:
    world = synced.world
    before = world.look()
    customer, account = accounts_of_one_customer(synced, before)[0]
    released = synced.products.released[synced.products.accepted[-1]][0]
    price = synced.products.money(released["SalesPrice"]) + Decimal("0.07")
    world.sales.update(f"accounts({account['accountid']})", {"name": NEW_NAME})
    world.finops.update(released_path(released), {"SalesPrice": float(price)})
    plan = world.p2c("plan", "--json")
    planned = world.look()
    run = world.p2c("run", "--json")
    assert run.exit == 0, run.err
    return TwoChanges(account, customer, released, price, plan, planned, run, before, world.look())


@pytest.fixture(scope="module")
def wrong_side(synced: Synced) -> WrongSide:
    world = synced.world
    before = world.look()
    accounts = accounts_of_one_customer(synced, before)
    (drifted, _), (both, account), (own, _) = accounts[10:13]
    held = next(r for r in before.products if r["productnumber"] == synced.products.accepted[0])
    deleted = unreferenced(synced, [row for _, row in accounts[20:]])
    world.finops.update(customer_path(drifted), {"OrganizationName": "Renamed here"})
    world.finops.update(customer_path(both), {"OrganizationName": "Renamed here too"})
    world.sales.update(f"accounts({account['accountid']})", {"name": "Renamed there"})
    world.finops.update(customer_path(own), {"NameAlias": "F&O's own"})
    world.sales.update(f"products({held['productid']})", {"currentcost": 4711})
    world.sales.delete(f"accounts({deleted['accountid']})")
    run = world.p2c("run", "--json")
    assert run.exit == 0, run.err
    return WrongSide(drifted, both, own, held, deleted, run, before, world.look())


def unreferenced(synced: Synced, accounts: list[Row]) -> Row:
    """An account that no other record of Sales points at, so that nothing else goes with it."""
    sales = synced.world.sales
    used = {row["_parentcustomerid_value"] for row in sales.rows("contacts")}
    for name in ("quotes", "salesorders", "invoices"):
        used |= {row["_customerid_value"] for row in sales.rows(name)}
    return next(row for row in accounts if row["accountid"] not in used)


def test_plan_shows_exactly_the_two_changes_field_by_field(two: TwoChanges) -> None:
    assert two.plan.exit == 0
    assert len(two.plan.json["changes"]) == 2
    old, number = two.account["name"].strip(), two.released["ProductNumber"]
    assert two.changes["accounts"] == {
        "flow": "accounts",
        "model": "changes_finops__customers",
        "operation": "update",
        "key": "/".join(two.customer),
        "fields": {
            name: {"before": old, "after": NEW_NAME}
            for name in ("OrganizationName", "AddressDescription", "DeliveryAddressDescription")
        },
        "status": "planned",
        "message": "",
        **AGREED_BEFORE,
    }
    assert two.changes["products"] == {
        "flow": "products",
        "model": "changes_sales__products",
        "operation": "update",
        "key": number,
        "fields": {"price": {"before": two.released["SalesPrice"], "after": two.price}},
        "status": "planned",
        "message": "",
        **AGREED_BEFORE,
    }


def test_plan_counts_add_up_and_plan_writes_nothing(two: TwoChanges) -> None:
    flows = two.plan.flows
    assert [key for key, flow in flows.items() if not adds_up(flow)] == []
    assert sum(flow["update"] for flow in flows.values()) == 2
    assert sum(flow["create"] + flow["deactivate"] for flow in flows.values()) == 0
    assert two.planned.customers == two.before.customers
    assert two.planned.products == two.before.products
    assert two.planned.items == two.before.items


def test_run_writes_exactly_two_records(two: TwoChanges) -> None:
    assert two.run.json["writes"] == 2
    written = {key: flow["written"] for key, flow in two.run.flows.items() if flow["written"]}
    assert written == {CUSTOMERS: 1, PRODUCTS: 1}
    assert [f for f in two.run.flows.values() if not (adds_up(f) and outcomes_add_up(f))] == []


def test_nothing_else_moved_in_either_system(two: TwoChanges) -> None:
    """The price list item follows its product in Sales itself (field-mapping 4.1)."""
    moved = {
        key: [name for name, value in row.items() if two.before.customers[key][name] != value]
        for key, row in two.after.customers.items()
        if row != two.before.customers[key]
    }
    assert moved.keys() == {two.customer}
    assert {*moved[two.customer]} - {"@odata.etag"} == {
        "OrganizationName", "AddressDescription", "DeliveryAddressDescription",
    }  # fmt: skip
    assert two.after.customers[two.customer]["OrganizationName"] == NEW_NAME
    number = two.released["ProductNumber"]
    products = changed(two.before.products, two.after.products, "productnumber")
    assert products == {number: {"price", "price_base"}}
    items = changed(two.before.items, two.after.items, "productpricelevelid")
    [item] = [row for row in two.after.items if row["productpricelevelid"] in items]
    assert (item["productnumber"], item["amount"]) == (number, two.price)


def test_a_customer_renamed_in_finops_is_drift_and_gets_its_name_back(
    wrong_side: WrongSide,
) -> None:
    flow = wrong_side.run.flows[CUSTOMERS]
    assert (flow["drift"], flow["update"], flow["written"]) == (1, 2, 2)
    assert flow["conflict"] == 0
    for key in (wrong_side.drifted, wrong_side.both):
        assert (
            wrong_side.after.customers[key]["AddressCity"]
            == (wrong_side.before.customers[key]["AddressCity"])
        )
    name = wrong_side.after.customers[wrong_side.drifted]["OrganizationName"]
    assert name == wrong_side.before.customers[wrong_side.drifted]["OrganizationName"]


def test_a_name_changed_on_both_sides_becomes_that_of_its_owner(wrong_side: WrongSide) -> None:
    assert wrong_side.after.customers[wrong_side.both]["OrganizationName"] == "Renamed there"


def test_drift_is_told_with_its_record(synced: Synced, wrong_side: WrongSide) -> None:
    report = synced.world.query(
        "select record_key, fate, detail from quality.record_fates "
        "where is_drift and flow = 'accounts'"
    )
    assert [(key, fate) for key, fate, _ in report] == [("/".join(wrong_side.drifted), "update")]
    assert "changed in finops" in report[0][2]


def test_what_finops_owns_stays(wrong_side: WrongSide) -> None:
    """A column the flow does not map is no drift and is left alone (G6)."""
    assert wrong_side.after.customers[wrong_side.own]["NameAlias"] == "F&O's own"


def test_a_product_changed_in_sales_is_drift_and_put_right(wrong_side: WrongSide) -> None:
    flow = wrong_side.run.flows[PRODUCTS]
    assert (flow["drift"], flow["update"], flow["written"]) == (1, 1, 1)
    [product] = [
        row for row in wrong_side.after.products
        if row["productid"] == wrong_side.product["productid"]
    ]  # fmt: skip
    assert product["currentcost"] == wrong_side.product["currentcost"]


def test_a_deleted_account_is_left_out_and_its_customer_stays(
    synced: Synced, wrong_side: WrongSide
) -> None:
    """G7: nothing is deleted or deactivated unless the flow's policy says so."""
    number = wrong_side.deleted["accountnumber"]
    kept = {key: row for key, row in wrong_side.after.customers.items() if key[1] == number}
    assert kept
    for key, row in kept.items():
        assert row == wrong_side.before.customers[key]
    flow = wrong_side.run.flows[CUSTOMERS]
    assert (flow["deactivate"], flow["filtered"] >= 1, adds_up(flow)) == (0, True, True)
    report = synced.world.query(
        "select fate, detail from quality.record_fates "
        f"where source_key like '%/{wrong_side.deleted['accountid']}'"
    )
    assert {fate for fate, _ in report} == {"filtered"}
    assert all("gone at the source" in detail for _, detail in report)
