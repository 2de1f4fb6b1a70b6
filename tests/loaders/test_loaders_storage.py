"""A ledger that cannot be used says which file it is, why, and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from loaders import Ledger
from loaders.errors import StorageError
from loaders.ledger import store
from loaders.ledger.connection import storage_error
from tests.loaders.loader_world import World


def test_a_full_disk_is_told_and_the_rows_before_it_are_kept(ledger: Ledger) -> None:
    first = ledger.start_run("run")
    [pages] = ledger.connection.execute("pragma page_count").fetchone()
    ledger.connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(StorageError, match=r"disk is full\. Make room on the disk") as full:  # noqa: PT012
        for _ in range(2000):
            ledger.start_run("run" * 50)
    assert str(full.value).startswith(str(ledger.path))
    ledger.connection.execute(f"pragma max_page_count = {pages + 1000}")
    ledger.finish_run(first, "ok", {})
    status = ledger.connection.execute("select status from runs order by n limit 1").fetchone()
    assert status[0] == "ok"


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 50])
def test_a_damaged_file_is_told(world: World, content: bytes) -> None:
    world.state_dir.mkdir()
    (world.state_dir / "ledger.sqlite").write_bytes(content)
    with pytest.raises(StorageError, match=r"is damaged: file is not a database\. Put a copy"):
        Ledger.open(world.state_dir)


def test_a_folder_that_is_a_file_is_told(world: World) -> None:
    world.state_dir.write_text("")
    with pytest.raises(StorageError, match=str(world.state_dir)):
        Ledger.open(world.state_dir)


def test_a_file_that_another_program_holds_is_told(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0)
    ledger.connection.execute("begin immediate")
    with pytest.raises(StorageError, match="is held by another program: database is locked"):
        Ledger.open(ledger.path.parent)
    ledger.connection.execute("rollback")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (sqlite3.OperationalError("attempt to write a readonly database"), "the right to write it"),
        (sqlite3.OperationalError("unable to open database file"), "the right to write it"),
        (sqlite3.OperationalError("disk I/O error"), "See to the disk"),
        (OSError(28, "No space left on device"), "Make room on the disk"),
        (OSError(30, "Read-only file system"), "the right to write it"),
        (PermissionError(13, "Permission denied"), "the right to write it"),
        (sqlite3.DatabaseError("database disk image is malformed"), "from a backup"),
    ],
    ids=str,
)
def test_each_trouble_has_its_advice(error: sqlite3.Error | OSError, advice: str) -> None:
    message = str(storage_error(Path(".p2c/ledger.sqlite"), error))
    assert message.startswith(".p2c/ledger.sqlite ")
    assert advice in message


def test_a_mistake_in_our_own_sql_is_no_trouble_of_the_file(ledger: Ledger) -> None:
    ledger.start_run("run")
    with pytest.raises(sqlite3.IntegrityError):
        ledger.connection.execute("insert into runs (touched, run_id) select 1, run_id from runs")
