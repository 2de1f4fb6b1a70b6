"""The SQLite store: exact values, versions, deletions, transactions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from p2c_sandbox.odata.store import IntegrityError, Store
from p2c_sandbox.odata.values import decimal_text, scaled, unscaled


def test_values_come_back_as_they_went_in(store):
    row = {
        "id": "a",
        "name": "Ä",
        "amount": Decimal("-922337203685477.5807"),
        "quantity": Decimal("0.00001"),
        "active": True,
        "made": "2026-01-31T10:15:00Z",
    }
    with store.transaction():
        store.insert("things", [row])
    found = store.get("things", {"id": "a"})
    assert {name: found[name] for name in row} == row
    assert found["allowed"] is None


def test_decimals_compare_as_numbers_in_sql(store):
    amounts = [Decimal(text) for text in ("9.5", "-10", "10", "0.0001", "-0.5")]
    with store.transaction():
        store.insert("things", [{"id": str(a), "amount": a} for a in amounts])
    found = store.execute("SELECT amount FROM things ORDER BY amount")
    assert [unscaled(value, 4) for (value,) in found] == sorted(amounts)


@given(st.decimals(min_value=-922337203685477, max_value=922337203685477, places=4))
def test_decimal_text_is_exact(value):
    text = decimal_text(scaled(value, 4), 4)
    assert Decimal(text) == value
    assert len(text.partition(".")[2]) == 4


def test_composite_keys(store):
    key = {"company": "usmf", "number": "SO-1", "position": 2}
    with store.transaction():
        store.insert("lines", [key | {"text": "x"}, key | {"position": 3}])
    assert store.get("lines", key)["text"] == "x"
    with pytest.raises(IntegrityError), store.transaction():
        store.insert("lines", [key])


def test_every_write_gets_the_next_version(store):
    with store.transaction():
        store.insert("things", [{"id": "a"}, {"id": "b"}])
        row = store.get("things", {"id": "a"})
        store.update("things", [(row["_id"], {"name": "x"})])
    versions = {r["id"]: r["_version"] for r in store.find("things", {})}
    assert versions == {"a": 3, "b": 2}
    assert store.version == 3


def test_deletions_are_remembered_by_version_unless_the_row_came_back(store):
    with store.transaction():
        store.insert("things", [{"id": "a"}, {"id": "b"}])
        for name in "ab":
            store.delete("things", store.get("things", {"id": name}))
        store.insert("things", [{"id": "b"}])
    assert [key for key, _ in store.deletions("things", 2, store.version)] == ["a"]
    assert store.deletions("things", 3, store.version) == []


def test_failed_transaction_leaves_rows_and_counters_as_they_were(store):
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012
        store.insert("things", [{"id": "a"}])
        store.next_number("orders")
        raise ZeroDivisionError
    assert (store.count("things"), store.version, store.next_number("orders")) == (0, 0, 1)


def test_inner_transaction_fails_alone(store):
    with store.transaction():
        store.insert("things", [{"id": "a"}])
        with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012
            store.insert("things", [{"id": "b"}])
            raise ZeroDivisionError
        store.insert("things", [{"id": "c"}])
    assert [row["id"] for row in store.find("things", {})] == ["a", "c"]


def test_file_keeps_rows_and_counters(service, tmp_path):
    first = Store(service, tmp_path / "s.sqlite")
    with first.transaction():
        first.insert("things", [{"id": "a"}])
        assert first.next_number("orders", first=1000) == 1000
    first.close()
    second = Store(service, tmp_path / "s.sqlite")
    assert (second.count("things"), second.version) == (1, 1)
    assert second.next_number("orders", first=1000) == 1001
    second.close()


def test_clear_removes_rows_deletions_and_counters(store):
    with store.transaction():
        store.insert("things", [{"id": "a"}])
        store.delete("things", store.get("things", {"id": "a"}))
    store.clear()
    assert (store.count("things"), store.version) == (0, 0)
    assert store.deletions("things", 0, 99) == []


def test_text_is_found_without_case(store):
    with store.transaction():
        store.insert("things", [{"id": "a", "code": "Abc"}])
    assert store.get("things", {"code": "aBC"})["id"] == "a"
    with pytest.raises(IntegrityError), store.transaction():
        store.insert("things", [{"id": "b", "code": "ABC"}])
