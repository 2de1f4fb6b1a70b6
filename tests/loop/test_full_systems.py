"""Go live with two full systems: plan, review, first contact, and the days after (K1 to K4)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import a_world
from .full_systems import NEW, SURE, UNSURE, Full, customers, fill
from .world import Answer, Row, World

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

CROSSWALK = """
select sales_number, finops_key from (
    select a.accountnumber as sales_number, c.finops_key from keys.keys_crosswalk as c
    inner join staging.stg_sales__accounts as a on c.sales_id = a.accountid
    where c.entity = 'customers' and c.data_area_id = 'usmf'
)
"""
# Marks a customer as one that this project keeps; it says nothing about the company.
MARK = "IsExternallyMaintained"
# What F&O keeps of every record, whoever writes.
OWN = {"@odata.etag", MARK}


@dataclass(frozen=True)
class Story:
    """What the systems held after each step."""

    full: Full
    plan: Answer
    undecided: Answer
    after_undecided: dict[str, Row]
    decided: Answer
    after_decided: dict[str, Row]
    again: Answer
    edited: Answer
    after_edited: dict[str, Row]
    pairs_after: dict[str, str]
    undone: Answer
    after_undone: dict[str, Row]


@pytest.fixture(scope="module")
def story(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("full_systems")
    with a_world(sandbox_data, folder, "base") as empty:
        world = empty.in_copy(folder / "project")
        full = fill(world)
        plan = world.p2c("plan", "--select", "accounts", "--json")
        undecided = run(world)
        after_undecided = customers(world)
        decide(full, folder / "to_decide.csv")
        decided = run(world)
        after_decided = customers(world)
        again = run(world)
        renumber_and_edit(full)
        edited = run(world)
        after_edited = customers(world)
        pairs = dict(world.query(CROSSWALK))
        undo = world.p2c("undo", str(undecided.json["run_id"]), "--json")
        assert undo.exit == 0, undo.err
        undone = world.p2c("apply", str(undo.json["plan_id"]), "--json")
        yield Story(
            full, plan, undecided, after_undecided, decided, after_decided, again, edited,
            after_edited, pairs, undone, customers(world),
        )  # fmt: skip


def run(world: World) -> Answer:
    answer = world.p2c("run", "--select", "accounts", "--json")
    assert answer.exit == 0, answer.err
    return answer


def decide(full: Full, file: Path) -> None:
    """What is to be decided, filled in as a person does who knows the companies."""
    exported = full.world.p2c("keys", "export", str(file), "--json")
    assert exported.exit == 0, exported.err
    numbers = {
        str(a["accountid"]): str(a["accountnumber"]) for a in full.world.sales.rows("accounts")
    }
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        same = full.pairs.get(numbers[row["sales_id"]]) == row["finops_key"]
        row["decision"] = "pair" if same else "different"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    taken = full.world.p2c("keys", "import", str(file), "--json")
    assert taken.exit == 0, taken.err


def renumber_and_edit(full: Full) -> None:
    """A customer gets another number in Sales, another one another telephone number."""
    accounts = {str(a["accountnumber"]): a for a in full.world.sales.rows("accounts")}
    first, second = list(full.pairs)[:2]
    full.world.sales.update(f"accounts({accounts[first]['accountid']})", {"accountnumber": "Z-1"})
    full.world.sales.update(
        f"accounts({accounts[second]['accountid']})", {"telephone1": "999 111 2222"}
    )


def created(answer: Answer) -> int:
    return sum(flow["create"] for flow in answer.json["flows"])


def names(found: dict[str, Row]) -> list[str]:
    return sorted(str(row["OrganizationName"]) for row in found.values())


def values(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in OWN}


def test_the_plan_shows_first_contacts_apart(story: Story) -> None:
    """The sure pairs are in it, and no record that may be in F&O already."""
    [flow] = story.plan.json["flows"]
    assert flow["first_contact"] == len(SURE)
    assert flow["create"] == len(NEW)
    assert flow["blocked"] == len(UNSURE) + 1  # and the branch of the chain


def test_nothing_is_created_that_has_a_candidate(story: Story) -> None:
    """K2: before anybody has decided, only those appear that F&O has nothing like."""
    before, after = story.full.before, story.after_undecided
    assert sorted(names(after)) == sorted([*names(before), *NEW])


def test_decided_only_the_missing_fifth_is_created(story: Story) -> None:
    """20 of 25 were there: 5 are new, and everybody is one customer."""
    before, after = story.full.before, story.after_decided
    assert len(after) == len(before) + len(story.full.new)
    assert created(story.undecided) + created(story.decided) == len(story.full.new)


def test_nothing_of_theirs_was_overwritten(story: Story) -> None:
    """K3, `fill`: what F&O had stays; what it had not comes from Sales."""
    accounts = {str(a["accountnumber"]): a for a in story.full.world.sales.rows("accounts")}
    filled = 0
    for number, account in story.full.pairs.items():
        had, has = story.full.before[account], story.after_decided[account]
        assert {n: v for n, v in values(had).items() if v != has[n]} == {
            n: v for n, v in values(had).items() if v != has[n] and v in ("", 0)
        }
        assert has[MARK] == "Yes"
        filled += has["SalesMemo"] == accounts.get(number, {}).get("description")
    assert filled >= len(story.full.pairs) - 1  # one has another number by now


def test_the_run_after_writes_nothing(story: Story) -> None:
    assert story.again.json["writes"] == 0


def test_a_customer_with_another_number_is_the_same_pair(story: Story) -> None:
    """K1, and an ordinary edit flows although the first contact kept what F&O had."""
    first, second = list(story.full.pairs.items())[:2]
    assert created(story.edited) == 0
    assert story.pairs_after["Z-1"] == first[1]
    assert len(story.pairs_after) == len(set(story.pairs_after.values()))
    assert story.after_edited[second[1]]["PrimaryContactPhone"] == "999 111 2222"
    assert len(story.after_edited) == len(story.after_decided)


def test_undone_they_hold_what_they_held(story: Story) -> None:
    """What a later run wrote again stays, as the undo says."""
    assert story.undone.exit == 0, story.undone.err
    edited = list(story.full.pairs.values())[1]
    for account in [*story.full.pairs.values()][: len(SURE)]:
        if account != edited:
            assert values(story.after_undone[account]) == values(story.full.before[account])
