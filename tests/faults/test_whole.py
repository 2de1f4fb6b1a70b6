"""Whole runs of `p2c` against a small sandbox: taken back, verified, and killed at any time.

P2C_FAULT_LOOPS says how many runs are killed; `make test-faults` sets it.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable

import pytest
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.process import Running

from tests.faults.chance import WRITING
from tests.faults.figures import Figures
from tests.faults.whole import TARGETS, State, key_of, popen, runs_to_the_fixed_point, state
from tests.loop.world import Answer, Row, World

LOOPS = int(os.environ.get("P2C_FAULT_LOOPS", "0"))
ALL_FLOWS = {
    "accounts", "contacts", "contacts_to_customers", "products", "quotations", "orders_out",
    "orders_back", "invoices",
}  # fmt: skip


@pytest.fixture(scope="module")
def make_world(sandboxes, tmp_path_factory) -> Callable[[], World]:
    def make() -> World:
        running: Running = sandboxes.start("demo")
        return World(running, tmp_path_factory.mktemp("whole"))

    return make


@pytest.fixture(scope="module")
def synced(make_world: Callable[[], World]) -> tuple[World, State, State, Answer]:
    """A world after its first run; what was there before and after; what the run said."""
    world = make_world()
    before = state(world)
    answer = world.p2c("run", "--json")
    assert answer.exit == 0, answer.err
    return world, before, state(world), answer


# tests/loaders/test_loaders_undo.py has each rule of an undo; this is all flows at once.
@pytest.mark.long
def test_an_undo_brings_back_what_was_and_a_run_what_came_after(
    synced: tuple[World, State, State, Answer],
) -> None:
    """On all flows, but for posted invoices and what they cannot be without.

    The run after it is started twice at once: one works, one is refused.
    """
    world, before, after, first = synced
    assert {flow["flow"] for flow in first.json["flows"] if flow["written"]} == ALL_FLOWS
    undo = world.p2c("undo", first.json["run_id"], "--json")
    assert undo.exit == 0, undo.err
    kept = posted(before, after)
    reasons = dict(undo.json["kept"])
    ours = [row for rows in kept.values() for row in rows if not row.get("msdynce_ismisctax")]
    assert len(reasons) == len(undo.json["kept"]) == len(ours)
    assert {r for k, r in reasons.items() if "it is a posted document" in r and "/" not in k} == {
        f"{row['invoicenumber']}: it is a posted document; correct it with a credit note in F&O,"
        " and run."
        for row in kept["sales", "invoices"]
    }
    applied = world.p2c("apply", undo.json["plan_id"], "--json")
    taken_back = first.json["writes"] - len(reasons)
    assert (applied.exit, applied.json["writes"]) == (0, taken_back), applied.err
    assert state(world) == together(before, kept)
    again = two_at_once(world)
    assert again.json["writes"] == taken_back, again.err
    assert state(world) == after
    verified = world.p2c("verify", "--json")
    assert (verified.exit, verified.json["messages"]) == (0, []), verified.err


def posted(before: State, after: State) -> State:
    """New invoices, their lines, and the new orders they are for, with theirs."""
    new = {target: [row for row in rows if row not in before[target]]
           for target, rows in after.items()}  # fmt: skip
    orders = {row["_salesorderid_value"] for row in new["sales", "invoices"]}
    assert orders
    return {
        ("sales", "invoices"): new["sales", "invoices"],
        ("sales", "invoicedetails"): new["sales", "invoicedetails"],
        ("sales", "salesorders"): [
            row for row in new["sales", "salesorders"] if row["salesorderid"] in orders
        ],
        ("sales", "salesorderdetails"): [
            row for row in new["sales", "salesorderdetails"] if row["_salesorderid_value"] in orders
        ],
    }


def together(one: State, other: State) -> State:
    """The records of both, in order."""
    found = {}
    for (system, entity_set), rows in one.items():
        key = TARGETS[system][entity_set]
        both = [*rows, *other.get((system, entity_set), [])]
        found[system, entity_set] = sorted(both, key=lambda row, key=key: key_of(row, key))
    return found


# tests/loaders/test_loaders_again.py and _undo.py have them, record by record, in every run.
@pytest.mark.long
def test_what_is_not_persisted_and_what_fails_alike_is_reported_once_and_written_no_more(
    synced: tuple[World, State, State, Answer],
) -> None:
    """One name is not persisted, another is refused; both come right when they change."""
    world, *_ = synced
    cut, *_, refused = customers(world)
    rename(world, cut, "A name that is cut")
    rename(world, refused, "Renamed")
    number = str(refused["accountnumber"])
    fault = Fault(kind="rejected", service="finops", path=re.escape(number), times=None)
    world.sandbox.faults.set(fault)
    first = world.p2c("run", "--json")
    assert (first.exit, first.json["status"], first.json["writes"]) == (1, "partial", 1)
    assert sum(flow["failed"] for flow in first.json["flows"]) == 1
    is_not_persisted(world, cut)
    fails_alike(world)
    second = world.p2c("run", "--json")
    [flow] = [flow for flow in second.json["flows"] if flow["quarantined"]]
    assert (second.exit, second.json["writes"]) == (0, 0), second.err
    assert (flow["update"], flow["failed"], flow["quarantined"]) == (1, 1, 1)
    report = world.query("select column_name, written, held from quality.not_persisted_values")
    assert report == [("OrganizationName", "A name that is cut", "A name")]
    [listed] = by_service(world, number)
    assert "Quarantined after it failed 3 times the same way" in listed["message"]
    world.sandbox.faults.clear()
    sent = world.p2c("retry", "--quarantined", "--json")
    assert (sent.exit, sent.json["writes"]) == (0, 1), sent.err
    assert by_service(world, number) == []
    rename(world, cut, "Another")
    assert world.p2c("run", "--json").json["writes"] == 1
    assert customer(world, cut)["OrganizationName"] == "Another"
    assert customer(world, refused)["OrganizationName"] == "Renamed"


def is_not_persisted(world: World, account: Row) -> None:
    """F&O shortens what was written; verify says so, once."""
    row = customer(world, account)
    key = f"dataAreaId='{row['dataAreaId']}',CustomerAccount='{row['CustomerAccount']}'"
    world.finops.update(f"CustomersV2({key})?cross-company=true", {"OrganizationName": "A name"})
    found = world.p2c("verify", "--json")
    assert (found.exit, found.json["status"]) == (1, "not_persisted")
    assert "OrganizationName is 'A name', not 'A name that is cut'" in found.json["messages"][0]


def fails_alike(world: World) -> None:
    """Two more tries, the third in all; then there is nothing to try."""
    for _ in range(2):
        again = world.p2c("retry", "--json")
        assert (again.exit, again.json["kind"], again.json["writes"]) == (1, "retry", 0)
    assert world.p2c("retry", "--json").json["flows"] == []


def by_service(world: World, number: str) -> list[Row]:
    """What a service refused of a record, as `p2c rejects` lists it."""
    records = world.p2c("rejects", "--json").json["records"]
    return [r for r in records if r["by"] == "service" and number in (r["record_key"] or "")]


def customers(world: World) -> list[Row]:
    """Accounts that are customers of one company."""
    found = Counter(
        row["CustomerAccount"] for row in world.finops.rows("CustomersV2", "cross-company=true")
    )
    return [row for row in world.sales.rows("accounts") if found[row["accountnumber"]] == 1]


def customer(world: World, account: Row) -> Row:
    """The customer that an account is."""
    [found] = world.finops.rows("CustomersV2", f"$filter={named(account)}&cross-company=true")
    return found


def rename(world: World, account: Row, name: str) -> None:
    """As a person does in Sales."""
    world.sales.update(f"accounts({account['accountid']})", {"name": name})


def named(account: Row) -> str:
    """A filter for the customer of an account."""
    number = str(account["accountnumber"] or "").replace("'", "''")
    return f"CustomerAccount eq '{number}'"


def two_at_once(world: World) -> Answer:
    """Two runs started together: what the one said that ran; the other is refused at once."""
    started = [popen(world, "run", "--json") for _ in range(2)]
    answer = [process.communicate(timeout=250) for process in started]
    codes = [process.returncode for process in started]
    assert sorted(codes) == [0, 1], answer
    (out, err), (_, refused) = answer if codes[0] == 0 else answer[::-1]
    assert re.search(r"is held by process \d+ \(p2c run\) since 20\d\d-", refused)
    return Answer(0, out, err)


@pytest.mark.skipif(LOOPS == 0, reason="whole runs that are killed take minutes: make test-faults")
@pytest.mark.parametrize("seed", range(max(LOOPS, 1)))
@pytest.mark.timeout(900)
def test_whole_runs_killed_at_any_time_end_where_an_undisturbed_one_does(
    synced: tuple[World, State, State, Answer],
    make_world: Callable[[], World],
    figures: Figures,
    seed: int,
) -> None:
    chance = random.Random(seed)
    world = make_world()
    figures.cases += 1
    faults = whole_faults(chance)
    world.sandbox.faults.set(*faults)
    for _ in range(3):
        process = popen(world, "run", "--json")
        try:
            process.communicate(timeout=chance.uniform(2, 25))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            figures.kills += 1
        figures.runs += 1
    for fault, struck in zip(faults, world.sandbox.faults.struck(), strict=True):
        figures.faults[fault.kind] += struck
    world.sandbox.faults.clear()
    runs = runs_to_the_fixed_point(world)
    figures.runs += runs
    figures.most_runs_after = max(figures.most_runs_after, runs)
    _, _, after, _ = synced
    now = state(world)
    for target, rows in after.items():
        figures.records += len(rows)
        keys = [key_of(row, TARGETS[target[0]][target[1]]) for row in now[target]]
        figures.doubled += len(keys) - len(set(keys))
        figures.lost += max(0, len(rows) - len(set(keys)))
        figures.wrong += sum(row not in now[target] for row in rows)
    assert now == after


def whole_faults(chance: random.Random) -> list[Fault]:
    """Faults of reading and of writing."""
    reading = ("throttle", "html", "drop_before", "drop_midbody", "truncated", "short_page")
    writing = ("throttle", "drop_after", "deadlock", "expired_token", "etag_moved", "html")
    created = [
        Fault(kind=kind, method="GET", times=1, skip=chance.randint(0, 30))
        for kind in chance.sample(reading, 2)
    ]
    for kind in chance.sample(writing, 3):
        part = kind in ("deadlock", "etag_moved")
        created.append(
            Fault(kind=kind, path="" if part else WRITING, times=2, skip=chance.randint(0, 3))
        )
    return created
