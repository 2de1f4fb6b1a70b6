"""Runs that end between reading, loading and marking: nothing is lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dlt
import pytest

from pipelines.common import loading
from pipelines.common.errors import (
    LoadFailed,
)
from pipelines.common.report import ExtractStep

from .conftest import Warehouse, account, fill
from .service import Fake


def test_a_crash_between_reading_and_loading_loses_nothing(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(fake, 99, "New")
    fake.remove("accounts", "id07")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts")
    messages: list[ExtractStep] = []
    report = filled.extract(fake.sales, tables={"accounts"}, progress=messages.append)
    assert report.notes == ("sales: what an earlier run had read was loaded first",)
    assert ExtractStep("note", "sales", message=report.notes[0]) in messages
    assert report.tables[0].rows == 0  # the delta after the one that was kept
    alive = "select accountid from raw_sales.accounts where deleted_at is null order by all"
    found = [row[0] for row in filled.query(alive)]
    assert len(found) == 25
    assert "id99" in found
    assert "id07" not in found


KILLED = """
import os, sys
from pathlib import Path
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from pipelines.run import SalesConnection, extract

copy = DuckDbCopyJob.run

def copy_and_die(job):
    copy(job)
    if "accounts" in job._file_path:
        os._exit(9)

DuckDbCopyJob.run = copy_and_die
url, warehouse, state = sys.argv[1:]
connection = SalesConnection(url, url + "/t/oauth2/v2.0/token", "app", "right")
extract([connection], Path(warehouse), Path(state), tables={"accounts", "uoms"})
"""


def test_a_process_killed_while_loading_loses_and_doubles_nothing(
    fake: Fake, warehouse: Warehouse
) -> None:
    fill(fake)
    program = [sys.executable, "-c", KILLED, fake.url, str(warehouse.path), str(warehouse.state)]
    root = Path(__file__).parents[2]
    assert subprocess.run(program, check=False, cwd=root, capture_output=True).returncode == 9
    report = warehouse.extract(fake.sales, tables={"accounts", "uoms"})
    assert report.notes == (
        "sales: an earlier run stopped while loading; everything is read again",
    )
    assert {table.mode for table in report.tables} == {"full"}
    for table, rows in (("accounts", 25), ("uoms", 1), ("reads", 2)):
        assert warehouse.query(f"select count(*) from raw_sales.{table}") == [(rows,)]


def test_a_crash_before_deletions_are_marked_is_made_good(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.remove("accounts", "id07")
    fake.remove("CustomersV2", "usmf/1")
    for system, table in ((fake.sales, "accounts"), (fake.finops, "customers")):
        with monkeypatch.context() as patch:
            patch.setattr(loading, "load", _load_and_crash)
            with pytest.raises(KeyboardInterrupt):
                filled.one(system, table)
    filled.extract(fake.sales, fake.finops, tables={"uoms", "cds_contact_persons"})
    dead = "select count(*) from {} where deleted_at is not null"
    for table in ("raw_sales.accounts", "raw_finops.customers"):
        assert filled.query(dead.format(table)) == [(1,)]


def test_a_package_that_cannot_be_loaded_is_dropped_and_read_again(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(fake, 99, "New")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts")
    original, calls = loading.load, []

    def fails_first(pipeline: dlt.Pipeline) -> None:
        calls.append(pipeline)
        if len(calls) == 1:
            raise LoadFailed("sales", "loading", "broken file")
        original(pipeline)

    monkeypatch.setattr(loading, "load", fails_first)
    report = filled.extract(fake.sales, tables={"accounts"})
    assert "could not be loaded (broken file); everything is read again" in report.notes[0]
    assert (report.tables[0].mode, report.tables[0].rows) == ("full", 26)


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def _load_and_crash(pipeline: dlt.Pipeline, load: Callable[..., None] = loading.load) -> None:
    load(pipeline)
    raise KeyboardInterrupt
