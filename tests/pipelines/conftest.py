from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.common.settings import Connection
from pipelines.run import ExtractReport, TableReport, extract

from .service import Fake, running

BOTH = {"accounts", "uoms", "customers"}


@pytest.fixture(scope="session")
def server() -> Iterator[Fake]:
    with running(Fake()) as service:
        yield service


@pytest.fixture
def fake(server: Fake) -> Fake:
    """The service, without rows and without faults."""
    server.reset()
    return server


@pytest.fixture(scope="session")
def other_server() -> Iterator[Fake]:
    with running(Fake()) as service:
        yield service


@pytest.fixture
def other(other_server: Fake) -> Fake:
    """A service at another address: another organisation, or the same one after a move."""
    other_server.reset()
    return other_server


@pytest.fixture(autouse=True, scope="session")
def impatient() -> Iterator[None]:
    """Few and quick retries, by dlt's own settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
        patch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
        patch.setenv("RUNTIME__REQUEST_TIMEOUT", "10")
        yield


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without this checkout's configuration."""
    monkeypatch.chdir(tmp_path)


@dataclass
class Warehouse:
    """A warehouse under test and the state beside it."""

    path: Path
    state: Path

    def extract(self, *systems: Connection, tables: set[str], **options: Any) -> ExtractReport:
        return extract(list(systems), self.path, self.state, tables=tables, **options)

    def one(self, system: Connection, table: str, **options: Any) -> TableReport:
        """Extract one table and return its report."""
        return self.extract(system, tables={table}, **options).tables[0]

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(sql, parameters).fetchall()


def account(fake: Fake, number: int, name: str, modified: str = "2020-01-01T00:00:00Z") -> None:
    """Insert or change account `id<number>`."""
    fake.put(
        "accounts", accountid=f"id{number:02}", name=name, modifiedon=modified,
        creditlimit="raw:15000.2500", _ownerid_value="owner",
    )  # fmt: skip


def digest(path: Path) -> str:
    """Of a whole file, to see that it was left alone."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill(fake: Fake) -> None:
    """25 accounts (three pages of ten), one unit, one customer."""
    fake.page_size = 10
    for number in range(25):
        account(fake, number, f"Account {number}")
    fake.put("uoms", uomid="u", name="box")
    fake.put("CustomersV2", dataAreaId="usmf", CustomerAccount="1")


@pytest.fixture(scope="session")
def first_read(server: Fake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a warehouse and its state after one extract of what `fill` makes."""
    folder = tmp_path_factory.mktemp("filled")
    server.reset()
    fill(server)
    one = Warehouse(folder / "warehouse.duckdb", folder / "state")
    one.extract(server.sales, server.finops, tables=BOTH)
    return folder


@pytest.fixture
def filled(first_read: Path, fake: Fake, tmp_path: Path) -> Warehouse:
    """A copy of that warehouse, and the service as it was read."""
    fill(fake)
    shutil.copytree(first_read, tmp_path, dirs_exist_ok=True)
    return Warehouse(tmp_path / "warehouse.duckdb", tmp_path / "state")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse.duckdb", tmp_path / "state")
