"""Two full systems: nothing undecided is made, a decision pairs, a pair stays (K1, K2, K4)."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import a_world
from .world import Answer, Row, World

pytestmark = pytest.mark.long

FLOWS = ("--select", "accounts", "--select", "contacts")
# Name, telephone number, street and town in Sales; then the same in F&O, typed by somebody else.
SURE = (
    ("Alpine Ski House GmbH", "+49 30 1234567", "Hauptstraße 5", "Berlin"),
    ("ALPINE SKI HOUSE", "030/1234567", "Hauptstr. 5", "Berlin"),
)
UNSURE = (
    ("Margie's Travel", "+1 425 5550100", "1 Main Street", "Seattle"),
    ("Margies Travel", "", "77 Sunset Boulevard", "Portland"),
)
SAME_NUMBER = (
    ("Wingtip Toys", "", "2 Pine Road", "Denver"),
    ("Litware", "", "9 Elm Road", "Boise"),
)
ONLY_IN_SALES = ("Tailspin Aviation", "+1 206 5550199", "3 Hangar Way", "Everett")
NUMBERS = {"sure": "ACC-1", "unsure": "ACC-2", "same": "ACC-3", "new": "ACC-4"}


def fill(world: World) -> None:
    """Both sides; the contact belongs to the account that nobody is sure of."""
    for name, values in (("sure", SURE[0]), ("unsure", UNSURE[0]), ("same", SAME_NUMBER[0]),
                         ("new", ONLY_IN_SALES)):  # fmt: skip
        columns = ("name", "telephone1", "address1_line1", "address1_city")
        account = {column: value for column, value in zip(columns, values, strict=True) if value}
        world.sales.create("accounts", {**account, "accountnumber": NUMBERS[name]})
    parent = accounts(world)[UNSURE[0][0]]["accountid"]
    world.sales.create("contacts", {
        "firstname": "Ann", "lastname": "Beebe", "msdynce_contactnumber": "CON-1",
        "parentcustomerid_account@odata.bind": f"/accounts({parent})",
    })  # fmt: skip
    for number, party, values in (("US-001", "000001", SURE[1]), ("US-002", "000002", UNSURE[1]),
                                   (NUMBERS["same"], "000003", SAME_NUMBER[1])):  # fmt: skip
        columns = ("OrganizationName", "PrimaryContactPhone", "AddressStreet", "AddressCity")
        world.finops.create("CustomersV2", {
            "dataAreaId": "usmf", "CustomerAccount": number, "PartyNumber": party,
            "PartyType": "Organization", "CustomerGroupId": "10", "SalesCurrencyCode": "USD",
            "AddressCountryRegionId": "USA", **dict(zip(columns, values, strict=True)),
        })  # fmt: skip


def accounts(world: World) -> dict[str, Row]:
    return {row["name"]: row for row in world.sales.rows("accounts")}


def customers(world: World) -> dict[str, Row]:
    rows = world.finops.rows("CustomersV2", "cross-company=true")
    return {row["CustomerAccount"]: row for row in rows}


def persons(world: World) -> list[tuple[str, str]]:
    rows = world.finops.rows("CDSContactPersons", "cross-company=true")
    return [(row["ContactPersonPartyNumber"], row["AssociatedPartyNumber"]) for row in rows]


def run(world: World) -> Answer:
    answer = world.p2c("run", *FLOWS, "--json")
    assert answer.exit == 0, answer.err
    return answer


def decide(world: World, *rows: Mapping[str, str]) -> None:
    """As a person edits the seed."""
    seed = world.project / "seeds/key_overrides.csv"
    names = seed.read_text(encoding="utf-8").splitlines()[0].split(",")
    with seed.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, names, restval="").writerows(rows)


def pairs(world: World) -> dict[str, tuple[str, str]]:
    """Name in Sales → key in F&O and how the pair is known."""
    names = {row["accountid"]: name for name, row in accounts(world).items()}
    found = world.query("select sales_id, finops_key, matched_by from keys.keys_crosswalk "
                        "where entity = 'customers'")  # fmt: skip
    return {names[sales_id]: (key, matched_by) for sales_id, key, matched_by in found}


def blocked(world: World) -> dict[str, str]:
    return dict(world.query(
        "select split_part(source_key, '/', 2), detail from quality.record_fates "
        "where fate = 'blocked'"
    ))  # fmt: skip


@pytest.fixture
def world(sandbox_data: Data, tmp_path: Path) -> Iterator[World]:
    with a_world(sandbox_data, tmp_path / "world", "base", 1800) as started:
        yield started.in_copy(tmp_path / "project")


@pytest.mark.timeout(2400)
def test_undecided_is_not_made_decided_is_paired_and_a_pair_stays(world: World) -> None:
    fill(world)
    first = run(world)
    ids = {name: row["accountid"] for name, row in accounts(world).items()}

    assert set(customers(world)) == {"US-001", "US-002", "ACC-3", "ACC-4"}
    assert persons(world) == []
    waiting = blocked(world)
    for name in (UNSURE[0][0], SAME_NUMBER[0][0]):
        assert waiting[ids[name]].startswith("match_to_review: "), waiting
    assert "US-002 (Margies Travel" in waiting[ids[UNSURE[0][0]]]
    [contact] = [row["contactid"] for row in world.sales.rows("contacts")]
    assert "waits for a decision" in waiting[contact]
    assert customers(world)["ACC-3"]["OrganizationName"] == "Litware"
    assert sum(flow["create"] for flow in first.json["flows"]) == 1

    decide(
        world,
        {"entity": "customers", "sales_id": ids[UNSURE[0][0]], "finops_key": "US-002"},
        {"entity": "customers", "sales_id": ids[SAME_NUMBER[0][0]], "finops_key": "ACC-3",
         "decision": "different"},
    )  # fmt: skip
    run(world)

    assert set(customers(world)) == {"US-001", "US-002", "ACC-3", "ACC-4"}
    assert customers(world)["US-002"]["PartyNumber"] == "000002"
    assert persons(world) == [("CON-1", "000002")]
    known = pairs(world)
    assert known[UNSURE[0][0]] == ("US-002", "override")
    assert known[SURE[0][0]][0] == "US-001"
    assert known[ONLY_IN_SALES[0]] == ("ACC-4", "created")
    assert SAME_NUMBER[0][0] not in known

    its_number_changes_and_it_stays_one(world, ids)


def its_number_changes_and_it_stays_one(world: World, ids: Mapping[str, str]) -> None:
    """In Sales; then warehouse and ledger are lost too."""
    for name in (SURE[0][0], ONLY_IN_SALES[0]):
        world.sales.update(f"accounts({ids[name]})", {"accountnumber": f"NEW-{name[:5]}"})
    held = set(customers(world))
    third = run(world)
    assert sum(flow["written"] for flow in third.json["flows"]) == 0
    assert pairs(world)[SURE[0][0]] == ("US-001", "link")

    shutil.rmtree(world.folder / "state")
    world.warehouse.unlink()
    run(world)
    assert set(customers(world)) == held
    assert pairs(world)[ONLY_IN_SALES[0]][0] == "ACC-4"
