"""The real flows with new records of F&O as data packages: the second run finds nothing to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import a_world
from .world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


DOCUMENTS = (
    "CDSSalesOrderHeaders",
    "CDSSalesOrderLines",
    "CDSSalesQuotationHeaders",
    "CDSSalesQuotationLines",
)


@pytest.fixture
def world(sandbox_data: Data, tmp_path: Path) -> Iterator[World]:
    with a_world(sandbox_data, tmp_path / "world", "demo", 1800) as started:
        yield replace(started, settings={"SOURCES__FINOPS__WRITE_BY": "package"}, patience=900)


def test_what_packages_wrote_is_identical_in_the_next_run(world: World) -> None:
    first = world.p2c("run", "--yes", "--json").json
    assert (first["status"], first["writes"] > 500) == ("ok", True)
    with closing(sqlite3.connect(world.folder / "state" / "ledger.sqlite")) as ledger:
        ways = ledger.execute(
            "select entity_set, request_id like 'p2c-import-%', status, count(*) > 0 from writes "
            "where system = 'finops' and operation = 'create' group by 1, 2, 3"
        ).fetchall()
    assert set(ways) == {
        ("CustomersV2", 1, "acknowledged", 1),
        ("CDSContactPersons", 1, "acknowledged", 1),
        *((name, None, "acknowledged", 1) for name in DOCUMENTS),
    }
    second = world.p2c("run", "--yes", "--json").json
    assert (second["status"], second["writes"]) == ("ok", 0)
