"""One command makes two systems equal; the same command again finds nothing to do."""

from __future__ import annotations

from collections import Counter

import pytest

from .conftest import Synced
from .world import adds_up, outcomes_add_up


def test_the_first_run_writes_and_the_second_writes_nothing(synced: Synced) -> None:
    assert (synced.first.json["status"], synced.second.json["status"]) == ("ok", "ok")
    assert synced.first.json["writes"] > 0
    assert synced.second.json["writes"] == 0


@pytest.mark.parametrize("run", ["first", "second"])
def test_every_source_record_has_one_fate_and_every_change_one_outcome(
    synced: Synced, run: str
) -> None:
    flows = getattr(synced, run).flows
    assert flows
    wrong = [key for key, flow in flows.items() if not (adds_up(flow) and outcomes_add_up(flow))]
    assert wrong == []


def test_writes_are_the_sum_of_what_the_flows_wrote(synced: Synced) -> None:
    flows = synced.first.flows.values()
    assert synced.first.json["writes"] == sum(flow["written"] for flow in flows)
    assert [flow for flow in flows if flow["failed"] or flow["stale"] or flow["unverified"]] == []


def test_what_was_created_is_identical_the_second_time(synced: Synced) -> None:
    for key, second in synced.second.flows.items():
        first = synced.first.flows[key]
        assert second["create"] == second["update"] == second["drift"] == 0, key
        assert second["rejected"] == first["rejected"], key


def test_source_rows_are_what_the_services_hold(synced: Synced) -> None:
    flows = synced.first.flows
    assert flows["accounts", "finops.CustomersV2"]["source_rows"] == len(synced.customers.pairs)
    assert flows["products", "sales.products"]["source_rows"] == len(synced.products.released)
    prices = {(r["ProductNumber"], r["CurrencyCode"].upper()) for r in synced.before.released}
    assert flows["products", "sales.productpricelevels"]["source_rows"] == len(prices)


def test_only_what_differed_was_written(synced: Synced) -> None:
    """Customers that F&O had already are updated, the others created."""
    had = {key for key in synced.before.customers if key in synced.customers.by_key}
    flow = synced.first.flows["accounts", "finops.CustomersV2"]
    assert had
    assert flow["update"] + flow["identical"] == len(had)
    assert flow["create"] == len(synced.customers.by_key) - len(had)


def test_the_source_side_was_not_written(synced: Synced) -> None:
    """G6: accounts stay as Sales has them, released products as F&O has them."""
    assert synced.after.accounts == synced.before.accounts
    assert synced.after.released == synced.before.released


def test_the_ledger_has_a_verified_write_for_each_record_written(synced: Synced) -> None:
    rows = synced.world.query(
        "select flow, system || '.' || entity_set, status, count(*) from ledger.writes "
        f"where run_id = '{synced.first.json['run_id']}' group by all"
    )
    counted: Counter[tuple[str, str]] = Counter()
    for flow, target, status, count in rows:
        assert status in ("acknowledged", "verified"), (flow, target, status)
        counted[flow, target] += count
    assert counted == {
        key: flow["written"] for key, flow in synced.first.flows.items() if flow["written"]
    }


def test_the_doctor_finds_no_problem_and_fits_a_pipe(synced: Synced) -> None:
    """With both services, the warehouse of the runs and the project as it is."""
    answer = synced.world.p2c("doctor")
    assert (answer.exit, answer.err) == (0, "")
    assert "arning" not in answer.out
    assert answer.out.rstrip().rpartition("\n")[2].startswith("No problem found in ")
    assert not [line for line in answer.out.splitlines() if line != line.rstrip()]
