"""Change sets and stable references against the sandbox's F&O."""

from __future__ import annotations

from dataclasses import replace

import pytest
from loader_world import change
from test_loaders_contract import CUSTOMERS, Systems, customer, lose_once, systems

from loaders.models import Change

__all__ = ["systems"]

TOGETHER = replace(CUSTOMERS, group=("AddressCity",))
NUMBERED = replace(CUSTOMERS, reference=("OrganizationName",))


def numbered(name: str) -> Change:
    """A customer whose number F&O's sequence assigns."""
    after = {"OrganizationName": name, "CustomerGroupId": "10", "SalesCurrencyCode": "USD"}
    key = {"dataAreaId": "usmf", "CustomerAccount": None}
    return change(abs(hash(name)) % 10**9, "create", "finops", key_values=key, after=after)


@pytest.fixture(autouse=True)
def nothing_is_lost(systems: Systems) -> None:
    systems.wire.lose = lambda request: None


def test_a_change_set_is_written_all_or_none(systems: Systems) -> None:
    rows = [
        customer("CS-1", AddressCity="A"),
        customer("CS-2", AddressCity="A", CustomerGroupId="nope"),
        customer("CS-3", AddressCity="B"),
        customer("CS-4", AddressCity="B"),
    ]
    outcomes = {o.write_id: o for o in systems.write(TOGETHER, *rows).outcomes}
    statuses = [outcomes[row.write_id].status for row in rows]
    assert statuses == ["rejected", "rejected", "acknowledged", "acknowledged"]
    assert all("nope" in (outcomes[row.write_id].error_message or "") for row in rows[:2])
    assert [bool(systems.read(CUSTOMERS, row)) for row in rows] == [False, False, True, True]
    assert systems.wire.requests[:1] == ["$batch"]


def test_a_change_set_whose_answer_was_lost_is_there_once(systems: Systems) -> None:
    rows = [customer(f"CL-{number}", AddressCity="C") for number in range(3)]
    lose_once(systems)
    assert systems.statuses(TOGETHER, *rows) == ["acknowledged"] * 3


def test_a_record_that_gets_its_number_there_is_found_by_its_reference(systems: Systems) -> None:
    lose_once(systems)
    row = numbered("Reference 1")
    assert systems.statuses(NUMBERED, row) == ["acknowledged"]
    record = systems.writers.of("finops").read_back(NUMBERED, [row])[row.write_id]
    assert record is not None
    assert record.values["CustomerAccount"]
    again = numbered("Reference 2")
    assert systems.statuses(NUMBERED, again) == ["acknowledged"]
    everything = systems.writers.of("finops").read_back(NUMBERED, [row, again])
    numbers = {record.values["CustomerAccount"] for record in everything.values() if record}
    assert len(numbers) == 2
