"""What people do to the records of both systems between a run that ended early and the next one.

The records are picked once, from a run that nobody disturbed, and are the same in every case.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.loop.world import Row, World

NEWCOMER = "7e0cd2a4-1f5b-4d8e-9a51-3c0f4d2b9e10"
CROSS = "cross-company=true"


@dataclass(frozen=True)
class Picked:
    """Accounts without documents or contacts, accounts with documents, contact persons, an order.

    Each account is one customer of one company, by its own number.
    """

    plain: tuple[Row, ...]
    traded: tuple[Row, ...]
    contacts: tuple[Row, ...]
    order: Row


def pick(world: World) -> Picked:
    """From a world after its first complete run; ordered by id, so that early and late meet."""
    accounts = sorted(_customers_by_number(world), key=lambda row: row["accountid"])
    documents = [*world.sales.rows("quotes"), *world.sales.rows("salesorders")]
    buyers = {row["_customerid_value"] for row in documents}
    contacts = world.sales.rows("contacts")
    parents = {row["_parentcustomerid_value"] for row in contacts}
    plain = [row for row in accounts if row["accountid"] not in buyers | parents]
    persons = {
        row["ContactPersonPartyNumber"] for row in world.finops.rows("CDSContactPersons", CROSS)
    }
    sent = {row["ordernumber"] for row in world.sales.rows("salesorders")}
    orders = [
        row
        for row in world.finops.rows("CDSSalesOrderHeaders", CROSS)
        if row["SalesOrderNumber"] in sent and row["SalesOrderProcessingStatus"] == "Active"
    ]
    return Picked(
        tuple(plain[:: len(plain) // 12]),
        tuple(row for row in accounts if row["accountid"] in buyers),
        tuple(row for row in contacts if row["msdynce_contactnumber"] in persons),
        min(orders, key=lambda row: row["SalesOrderNumber"]),
    )


def _customers_by_number(world: World) -> list[Row]:
    customers = world.finops.rows("CustomersV2", CROSS)
    numbers = Counter(row["CustomerAccount"] for row in customers)
    names = Counter(row["OrganizationName"] for row in customers)
    ours = {(row["CustomerAccount"], row["OrganizationName"]) for row in customers}
    return [
        row
        for row in world.sales.rows("accounts")
        if (row["accountnumber"], row["name"]) in ours
        and numbers[row["accountnumber"]] == names[row["name"]] == 1
    ]


def edit(world: World, picked: Picked) -> None:
    """Renumber, swap, clear, reuse, enter again and delete, on either side."""
    one, other, third, cleared, reused, gone, removed, renamed, again, *_ = picked.plain
    renumber(world, one, "ACC-90001-EDITED")
    renumber(world, picked.traded[0], "ACC-90002-EDITED")
    swap(world, other, third)
    renumber(world, cleared, None)
    renumber(world, reused, "ACC-90003-EDITED")
    enter(world, NEWCOMER, "The newcomer", reused["accountnumber"])
    world.sales.delete(f"accounts({gone['accountid']})")
    world.sales.delete(f"accounts({again['accountid']})")
    enter(world, again["accountid"][:-4] + "beef", again["name"], again["accountnumber"])
    delete_customer(world, removed)
    rename_customer(world, renamed)
    first, second, person, *_ = picked.contacts
    exchange(world, "contacts", "contactid", "msdynce_contactnumber", first, second)
    put(world, "contacts", "contactid", person, {"msdynce_contactnumber": "CON-90001-EDITED"})
    delete_order(world, picked.order)


def put(world: World, entity_set: str, key: str, row: Row, values: Row) -> None:
    """Change a record of Sales."""
    world.sales.update(f"{entity_set}({row[key]})", values)


def renumber(world: World, account: Row, number: str | None) -> None:
    """Another account number, or none."""
    put(world, "accounts", "accountid", account, {"accountnumber": number})


def swap(world: World, one: Row, other: Row) -> None:
    """Two accounts exchange their numbers."""
    exchange(world, "accounts", "accountid", "accountnumber", one, other)


def exchange(world: World, entity_set: str, key: str, column: str, one: Row, other: Row) -> None:
    """Two records exchange a value that no two may have at once."""
    put(world, entity_set, key, one, {column: "between"})
    put(world, entity_set, key, other, {column: one[column]})
    put(world, entity_set, key, one, {column: other[column]})


def enter(world: World, account_id: str, name: str, number: str) -> None:
    """A new account."""
    world.sales.create("accounts", {"accountid": account_id, "name": name, "accountnumber": number})


def delete_customer(world: World, account: Row) -> None:
    """In F&O, where the account is a customer already."""
    for key in _keys(world, account):
        world.finops.delete(f"CustomersV2({key})?{CROSS}")


def rename_customer(world: World, account: Row) -> None:
    """In F&O, which does not own the name."""
    for key in _keys(world, account):
        world.finops.update(f"CustomersV2({key})?{CROSS}", {"OrganizationName": "Renamed here"})


def _keys(world: World, account: Row) -> list[str]:
    wanted = f"$filter=CustomerAccount eq '{account['accountnumber']}'&{CROSS}"
    return [
        f"dataAreaId='{row['dataAreaId']}',CustomerAccount='{row['CustomerAccount']}'"
        for row in world.finops.rows("CustomersV2", wanted)
    ]


def delete_order(world: World, order: Row) -> None:
    """In F&O, with its lines, where it has come already."""
    number = order["SalesOrderNumber"]
    for entity_set in ("CDSSalesOrderLines", "CDSSalesOrderHeaders"):
        for row in world.finops.rows(entity_set, f"$filter=SalesOrderNumber eq '{number}'&{CROSS}"):
            if row["dataAreaId"] != order["dataAreaId"]:
                continue
            key = f"dataAreaId='{row['dataAreaId']}',SalesOrderNumber='{number}'"
            if "LineCreationSequenceNumber" in row:
                key += f",LineCreationSequenceNumber={row['LineCreationSequenceNumber']}"
            world.finops.delete(f"{entity_set}({key})?{CROSS}")
