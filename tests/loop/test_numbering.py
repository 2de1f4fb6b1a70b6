"""Steps of the installation (A2, C2, C3): numbers and flags for records older than the solution."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.conftest import Data

from .conftest import a_world
from .world import Answer, Row, World

# Their rules have unit tests beside the models; the loop itself is in every other story.
pytestmark = pytest.mark.long
STEPS = ("--select", "number_accounts", "--select", "number_contacts")
KEYS = {"accounts": "accountid", "contacts": "contactid"}
NUMBERS = {"accounts": ("accountnumber", "ACC"), "contacts": ("msdynce_contactnumber", "CON")}
Rows = dict[str, dict[str, Row]]


@pytest.fixture(scope="module")
def world(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(sandbox_data, tmp_path_factory.mktemp("numbering"), "demo") as created:
        yield created


@pytest.fixture(scope="module")
def stepped(world: World) -> tuple[Rows, Answer, Answer, Rows]:
    """Both tables before; what the plan and its application said; both tables after."""
    before = look(world)
    plan = world.p2c("plan", *STEPS, "--json")
    assert look(world) == before, plan.err
    applied = world.p2c("apply", plan.json["plan_id"], "--json")
    assert applied.exit == 0, applied.err
    return before, plan, applied, look(world)


def look(world: World) -> Rows:
    return {name: {row[key]: row for row in world.sales.rows(name)} for name, key in KEYS.items()}


@pytest.mark.parametrize("name", KEYS)
def test_only_records_without_a_number_get_one(
    stepped: tuple[Rows, Answer, Answer, Rows], name: str
) -> None:
    before, _, _, after = stepped
    column, prefix = NUMBERS[name]
    new = {key for key, row in before[name].items() if not row[column]}
    assert new
    kept = {key: row[column] for key, row in before[name].items() if row[column]}
    assert {key: after[name][key][column] for key in kept} == kept
    shape = re.compile(rf"{prefix}-(\d+)-[A-Z0-9]{{6}}")
    used = [int(m[1]) for number in kept.values() if (m := shape.fullmatch(number))]
    sent = sorted(int(shape.fullmatch(after[name][key][column])[1]) for key in new)  # type: ignore[index]
    assert sent == [*range(max(used) + 1, max(used) + 1 + len(new))]


def test_contacts_are_flagged_by_their_documents_and_their_company(
    world: World, stepped: tuple[Rows, Answer, Answer, Rows]
) -> None:
    *_, after = stepped
    buyers = {
        row["_customerid_value"]
        for name in ("quotes", "salesorders", "invoices")
        for row in world.sales.rows(name)
    }
    assert buyers & after["contacts"].keys()
    for key, row in after["contacts"].items():
        assert row["msdynce_isactivecustomer"] is (key in buyers), row
        of_account = row["_parentcustomerid_value"] in after["accounts"]
        assert row["msdynce_iscompanyanaccount"] is of_account, row


def test_the_plan_was_written(stepped: tuple[Rows, Answer, Answer, Rows]) -> None:
    before, plan, applied, after = stepped
    changed = [
        key
        for name in KEYS
        for key, row in after[name].items()
        if any(row[c] != before[name][key][c] for c in (NUMBERS[name][0], *FLAGS[name]))
    ]
    assert len(plan.json["changes"]) == applied.json["writes"] == len(changed) > 0


@pytest.mark.usefixtures("stepped")
def test_a_second_time_there_is_nothing(world: World) -> None:
    again = world.p2c("run", *STEPS, "--json")
    assert (again.exit, again.json["writes"]) == (0, 0), again.err


FLAGS = {"accounts": (), "contacts": ("msdynce_isactivecustomer", "msdynce_iscompanyanaccount")}
