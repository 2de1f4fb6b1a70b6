"""A run is killed in the middle of its writes, people go on working, the next run follows.

What the killed run wrote is known all the same: nobody is taken for somebody else, or made twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from p2c_sandbox.faults.model import Fault

from tests.loop.world import COMMAND, PROJECT, Row, World

KILLED = 600


@pytest.fixture
def killed(sandboxes, tmp_path: Path) -> World:
    """A world whose first run died while it was waiting for the answer to its invoice lines."""
    world = World(sandboxes.start("demo"), tmp_path)
    hang = Fault(kind="latency", service="sales", path="invoicedetails", seconds=40, times=None)
    kill_when_struck(world, Fault(**{**hang.model_dump(), "method": "POST"}))
    return world


def kill_when_struck(world: World, fault: Fault) -> None:
    """Start a run, and kill -9 all its processes as soon as the fault has befallen a request."""
    world.sandbox.faults.set(fault)
    process = subprocess.Popen(
        [*COMMAND, "run", "--json"],
        cwd=PROJECT,
        env=world._environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + KILLED
    while world.sandbox.faults.struck() == [0]:
        assert process.poll() is None, "the run ended before it wrote any invoice line"
        assert time.monotonic() < end
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    world.sandbox.faults.clear()


def customers(world: World) -> Counter[str]:
    """Names of the customers that this project maintains."""
    rows = world.finops.rows("CustomersV2", "cross-company=true")
    return Counter(
        row["OrganizationName"] for row in rows if row["IsExternallyMaintained"] == "Yes"
    )


def orders(world: World) -> dict[str, Row]:
    """What identifies the lines of Sales' orders, by id."""
    names = ("productdescription", "_productid_value", "quantity", "priceperunit")
    return {
        row["salesorderdetailid"]: {name: row.get(name) for name in names}
        for row in world.sales.rows("salesorderdetails")
    }


# tests/loaders/test_loaders_crash.py kills the writing process in every run of the tests.
@pytest.mark.long
@pytest.mark.timeout(900)
def test_numbers_that_change_between_a_kill_and_the_next_run_double_nobody(killed: World) -> None:
    """Renumbered, swapped and reused account numbers; the orders' lines stay their own."""
    before, lines = customers(killed), orders(killed)
    numbered = [row for row in killed.sales.rows("accounts", "$orderby=accountid")
                if before[row["name"]] == 1 and row["accountnumber"]]  # fmt: skip
    first, second, third, *_ = numbered
    for account, number in (
        (first, "ACC-RENUMBERED"),
        (second, third["accountnumber"]),
        (third, second["accountnumber"]),
    ):
        killed.sales.update(f"accounts({account['accountid']})", {"accountnumber": number})
    answer = killed.p2c("run", "--json")
    assert answer.exit == 0, answer.err
    after = customers(killed)
    assert {name: after[name] for name in before} == dict(before)
    now = orders(killed)
    assert {key: now.get(key) for key in lines} == lines
    again = killed.p2c("run", "--json")
    assert (again.exit, again.json["writes"]) == (0, 0), again.err
