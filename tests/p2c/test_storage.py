"""A ledger, a lock or a warehouse that cannot be used is told as a file with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.errors import StorageError
from p2c.config.context import Context, load
from p2c.lock import hold
from p2c.lookup import status


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "dbt_project.yml").write_text("name: prospect_to_cash\n")
    return load(tmp_path)


def test_status_of_a_damaged_ledger_names_the_file(context: Context) -> None:
    path = context.path("state_dir") / "ledger.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all, only some words" * 40)
    with pytest.raises(StorageError, match=r"ledger\.sqlite is damaged: file is not a database"):
        status.read(context, 1)


def test_a_lock_that_cannot_be_made_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder belongs")
    lock = tmp_path / "taken" / "warehouse.duckdb.lock"
    with pytest.raises(StorageError, match=str(lock)), hold(lock.with_suffix(""), "run"):
        pass
