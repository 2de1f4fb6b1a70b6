"""What a plan consists of: counted and sampled without reading a million rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from loaders import Ledger, Plan, alike
from loaders.errors import StorageError
from loaders.ledger import plan_file
from loaders.planning.rows import writes

FIRST = '{"first_contact":true}'
PLAN = Plan("plan-1", None, datetime.now(UTC), "planned", "v", (), {}, ("f",), None, {})


def row(number: int, **more: Any) -> dict[str, Any]:
    images = {"before": None, "after": f'{{"n":{number}}}'}
    about = {"flow": "f", "model": "changes_t", "system": "sales", "entity_set": "t"}
    return {
        "change_id": f"c{number}", **about, "operation": "create", "unit": None, **images,
        "record_key": f"k{number}", "record_id": None, "source_key": None, "key_values": "{}",
        "etag": None, "changed_columns": "[]", "parents": "[]", "agreement": None, **more,
    }  # fmt: skip


def mixed() -> list[dict[str, Any]]:
    """Kinds in turn, as documents and their lines stand in a plan."""
    kinds: list[dict[str, Any]] = [
        {},
        {"operation": "update"},
        {"operation": "update", "agreement": FIRST},
        {"operation": "update", "agreement": '{"first_contact":false}'},
        {"model": "changes_u", "operation": "delete"},
        {"status": "blocked", "error_message": "It waits."},
    ]
    return [row(n, **kinds[n % len(kinds)]) for n in range(600)]


def kind(one: dict[str, Any]) -> tuple[str, str, str, bool]:
    status = one.get("status", "planned")
    return one["model"], one["operation"], status, one["agreement"] == FIRST


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger.open(tmp_path)
    ledger.add_plan(PLAN, writes(mixed()))
    return ledger


@pytest.mark.parametrize("each", [0, 1, 7, 1_000, 5_000_000, None])
def test_the_first_rows_of_each_kind_and_the_counts_of_all(
    ledger: Ledger, each: int | None
) -> None:
    rows = mixed()
    found = alike(ledger, "plan-1", each)
    assert {one.key: one.rows for one in found} == Counter(map(kind, rows))
    for one in found:
        expected = [row["record_key"] for row in rows if kind(row) == one.key]
        assert [change.record_key for change in one.changes()] == expected[:each]
        messages = {change.error_message for change in one.changes()}
        assert messages <= ({"It waits."} if one.status == "blocked" else {None})


def test_all_rows_are_there_after_the_ledger_was_closed(ledger: Ledger) -> None:
    found = alike(ledger, "plan-1", None)
    ledger.close()
    assert sum(len(list(one.changes())) for one in found) == 600
    assert sum(len(list(one.changes())) for one in found) == 600


def test_a_sample_reads_no_row_group_without_a_row_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_file, "ROW_GROUP", 2_048)
    ledger = Ledger.open(tmp_path)
    ledger.add_plan(PLAN, writes(row(n) for n in range(20_000)))
    read: list[int] = []
    kept = pq.ParquetFile.read_row_group

    def noted(self: Any, group: int, **options: Any) -> Any:
        read.append(group)
        return kept(self, group, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    [one] = alike(ledger, "plan-1", 20)
    assert (one.rows, len(list(one.changes()))) == (20_000, 20)
    assert read == [0]


def test_a_plan_that_was_never_saved_has_nothing(ledger: Ledger) -> None:
    assert alike(ledger, "", 20) == []


def test_a_file_that_is_gone_is_named(ledger: Ledger) -> None:
    ledger.file("plan-1").unlink()
    with pytest.raises(StorageError, match=r"plan-1\.parquet"):
        alike(ledger, "plan-1", 20)
