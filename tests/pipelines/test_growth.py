"""What a month of runs leaves on disk beside the warehouse does not grow."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dlt
import pytest

from pipelines.common.errors import LoadFailed
from pipelines.common.prune import prune_reads

from .conftest import BOTH, Warehouse, account
from .service import Fake


def left(folder: Path) -> dict[str, int]:
    """File → bytes, of everything under a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.stat().st_size for path in found}


def test_the_state_of_many_runs_is_no_larger_than_that_of_one(
    fake: Fake, filled: Warehouse
) -> None:
    """Changes in every run: the same files afterwards, their size but for the time stamps."""
    sizes = []
    for number in range(5):
        account(fake, number, f"Renamed {number}", modified=f"2026-01-0{number + 1}T00:00:00Z")
        filled.extract(fake.sales, fake.finops, tables=BOTH)
        sizes.append(left(filled.state))
    assert [set(files) for files in sizes] == [set(sizes[0])] * 5
    assert sum(sizes[-1].values()) <= 1.05 * sum(sizes[0].values())
    assert not [name for name in sizes[-1] if "loaded/" in name or "trace" in name]
    assert filled.query("select name from raw_sales.accounts where accountid = 'id04'") == [
        ("Renamed 4",)
    ]


def test_what_earlier_runs_have_left_is_removed_too(fake: Fake, filled: Warehouse) -> None:
    """A state from before this was so shrinks with the next run."""
    old = filled.state / "dlt/sales/load/loaded/1700000000.1"
    old.mkdir(parents=True)
    (old / "schema.json").write_text("{}")
    filled.extract(fake.sales, tables={"accounts"})
    assert not old.exists()


def test_a_package_that_is_not_loaded_is_never_removed(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tidying up touches what is in the warehouse only: the next run loads the rest."""
    account(fake, 3, "Renamed")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "load", full)
        with pytest.raises(OSError, match="No space left"):
            filled.extract(fake.sales, tables={"accounts"})
    report = filled.extract(fake.sales, tables={"accounts"})
    assert "loaded first" in " ".join(report.notes)
    assert filled.query("select name from raw_sales.accounts where accountid = 'id03'") == [
        ("Renamed",)
    ]


def test_a_full_disk_while_reading_names_the_folder(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlt writes to open files, whose errors name none."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("dlt.common.data_writers.buffered.BufferedDataWriter._flush_items", full)
    with pytest.raises(LoadFailed, match=r"No space left on device: .*state/dlt/sales"):
        filled.extract(fake.sales, tables={"accounts"}, full=True)


def test_after_its_book_keeping_was_pruned_an_extract_goes_on_where_it_was(
    fake: Fake, filled: Warehouse
) -> None:
    """Nothing is read in full for it, nothing lands again, and a lost state is found in dlt's."""
    for day in (1, 2):  # nothing is left of the first one's package
        account(fake, 3, f"Renamed {day}", modified=f"2026-01-0{day}T00:00:00Z")
        filled.extract(fake.sales, fake.finops, tables=BOTH)
    dropped = prune_reads(filled.path, datetime.now(UTC) + timedelta(days=1))
    assert dropped.reads > 0
    assert dropped.packages > 0
    assert dropped.states > 0
    account(fake, 4, "Renamed 4", modified="2026-01-09T00:00:00Z")
    filled.extract(fake.sales, fake.finops, tables=BOTH)
    last = "select mode, landed from raw_{}.reads where table_name = '{}' order by load_id desc"
    assert filled.query(last.format("sales", "accounts"))[0] == ("delta", 1)
    assert filled.query(last.format("finops", "customers"))[0] == ("full", 0)
    shutil.rmtree(filled.state)
    prune_reads(filled.path, datetime.now(UTC) + timedelta(days=1))
    filled.extract(fake.sales, fake.finops, tables=BOTH)
    assert filled.query(last.format("finops", "customers"))[0] == ("full", 0)
    assert filled.query("select count(*) from raw_sales.accounts where deleted_at is null") == [
        (25,)
    ]
