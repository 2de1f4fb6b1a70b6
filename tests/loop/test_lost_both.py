"""Warehouse and ledger are both lost after a change of numbers; records entered anew (K4)."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.loop.world import Answer, Row, World

pytestmark = pytest.mark.long

PAIRS = "select sales_id, finops_key, matched_by from keys.keys_crosswalk"
WAITING = """
select split_part(source_key, '/', 2) from quality.record_fates
where detail like 'match_to_review: %' or detail like '%might_be_known%'
"""


@pytest.fixture
def world(sandboxes, tmp_path: Path) -> World:
    (tmp_path / "loop").mkdir()
    return World(sandboxes.start("demo"), tmp_path / "loop")


def run(world: World) -> Answer:
    answer = world.p2c("run", "--select", "accounts", "--select", "contacts", "--json")
    assert answer.exit == 0, answer.err
    return answer


def people(world: World) -> Counter[tuple[str, str]]:
    """Contact persons by company and name."""
    rows = world.finops.rows("CDSContactPersons", "cross-company=true")
    return Counter((row["dataAreaId"], f"{row['FirstName']} {row['LastName']}") for row in rows)


def customers(world: World) -> Counter[tuple[str, str]]:
    """Customers by company and name."""
    rows = world.finops.rows("CustomersV2", "cross-company=true")
    return Counter((row["dataAreaId"], row["OrganizationName"]) for row in rows)


@pytest.mark.timeout(900)
def test_who_was_renumbered_is_found_or_waits_and_nobody_is_made_twice(world: World) -> None:
    run(world)
    before, persons = customers(world), people(world)
    in_finops = {
        row["CustomerAccount"] for row in world.finops.rows("CustomersV2", "cross-company=true")
    }
    accounts = [row for row in world.sales.rows("accounts", "$orderby=accountid")
                if row["accountnumber"] in in_finops]  # fmt: skip
    renumbered, entered_anew, shared = accounts[:3]
    parties = {row["ContactPersonPartyNumber"]
               for row in world.finops.rows("CDSContactPersons", "cross-company=true")}  # fmt: skip
    contact, sharing = [row for row in world.sales.rows("contacts", "$orderby=contactid")
                        if row["msdynce_contactnumber"] in parties][:2]  # fmt: skip
    world.sales.update(f"accounts({renumbered['accountid']})", {"accountnumber": "RENUMBERED-1"})
    world.sales.update(
        f"contacts({contact['contactid']})", {"msdynce_contactnumber": "RENUMBERED-2"}
    )
    shutil.rmtree(world.folder / "state")
    world.warehouse.unlink()

    result = run(world)

    assert (customers(world), people(world)) == (before, persons)
    assert sum(flow["create"] for flow in result.json["flows"]) == 0
    known = {sales_id: (key, by) for sales_id, key, by in world.query(PAIRS)}
    waiting = {key for (key,) in world.query(WAITING)}
    for record, number in (
        (renumbered["accountid"], renumbered["accountnumber"]),
        (contact["contactid"], contact["msdynce_contactnumber"]),
    ):
        found, by = known.get(record, (number, "rule:"))
        assert found == number
        assert by.startswith("rule:")
        assert (record in waiting) is (record not in known)

    use_numbers_again(world, entered_anew, shared, sharing)
    assert customers(world).total() == before.total()
    assert "Entered anew" in {name for _, name in customers(world)}


def use_numbers_again(world: World, entered_anew: Row, shared: Row, sharing: Row) -> None:
    """A record is entered anew with its number; a contact gets the number of an account."""
    number = str(entered_anew["accountnumber"])
    world.sales.delete(f"accounts({entered_anew['accountid']})")
    world.sales.create("accounts", {"name": "Entered anew", "accountnumber": number})
    world.sales.update(
        f"contacts({sharing['contactid']})", {"msdynce_contactnumber": shared["accountnumber"]}
    )
    run(world)
    rejected = [
        (row["source_key"].split("/")[1], row["message"])
        for row in world.p2c("rejects", "--json").json["records"]
        if row["code"] == "duplicate_number"
    ]
    named = dict(rejected)
    assert sharing["contactid"] in named[shared["accountid"]]
    assert shared["accountid"] in named[sharing["contactid"]]
