"""Of a full read only what is new, different or gone is loaded; `reads` says how much that was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.common import loading, resources, rows
from pipelines.common.landing import Landing
from pipelines.common.project import declaration
from pipelines.common.reading import TableRead
from pipelines.common.rows import Rows
from pipelines.common.tables import Table, load_tables

from .conftest import Warehouse, account, digest, fill
from .service import Fake
from .test_crashes import _crash

ROOT = Path(__file__).parents[2]
READS = "select mode, rows, deletions, landed, data_load_id = load_id from raw_sales.reads "
LAST = READS + "where table_name = 'accounts' order by load_id desc limit 1"
LOADS = "select accountid, _dlt_load_id from raw_sales.accounts order by all"
ALL = "select * exclude (_dlt_load_id) from raw_sales.accounts order by all"
VALUES = ALL.replace("_dlt_load_id", "_dlt_load_id, deleted_at")
SINCE = (
    "select data_load_id from raw_sales.reads where table_name = 'accounts' order by load_id desc "
    "limit 1"
)


def _changed(warehouse: Warehouse, before: list[tuple[object, ...]]) -> set[object]:
    """Keys of rows that came with another load than before."""
    return {key for key, load in warehouse.query(LOADS) if (key, load) not in before}


def test_a_full_read_that_finds_nothing_new_loads_nothing(fake: Fake, filled: Warehouse) -> None:
    before, since = filled.query(LOADS), filled.query(SINCE)
    report = filled.one(fake.sales, "accounts", full=True)
    assert (report.mode, report.rows, report.landed) == ("full", 25, 0)
    assert filled.query(LOADS) == before
    assert filled.query(LAST) == [("full", 25, 0, 0, False)]
    assert filled.query(SINCE) == since


def test_new_different_and_gone_rows_are_loaded_and_no_others(
    fake: Fake, filled: Warehouse
) -> None:
    before = filled.query(LOADS)
    account(fake, 3, "Renamed")
    account(fake, 99, "New")
    fake.remove("accounts", "id07")
    report = filled.one(fake.sales, "accounts", full=True)
    assert (report.rows, report.deletions, report.landed) == (25, 1, 3)
    assert _changed(filled, before) == {"id03", "id07", "id99"}
    assert filled.query(LAST) == [("full", 25, 1, 3, True)]
    gone = "select name, etag, deleted_at is null from raw_sales.accounts where accountid = 'id07'"
    assert filled.query(gone) == [("Account 7", 'W/"8"', False)]
    assert filled.one(fake.sales, "accounts", full=True).landed == 0


@pytest.mark.parametrize("full", [True, False])
def test_a_row_that_was_gone_is_loaded_when_it_is_back_as_it_was(
    fake: Fake, filled: Warehouse, full: bool
) -> None:
    kept = fake.rows["accounts"]["id07"]
    fake.remove("accounts", "id07")
    filled.one(fake.sales, "accounts", full=full)
    fake.rows["accounts"]["id07"] = kept
    assert filled.one(fake.sales, "accounts", full=True).landed == 1
    alive = "select count(*) from raw_sales.accounts where deleted_at is null"
    assert filled.query(alive) == [(25,)]


def test_a_null_is_another_value_than_none_before(fake: Fake, filled: Warehouse) -> None:
    """Values that move from one column to the next are no equal row either."""
    row = fake.rows["accounts"]["id03"]
    row |= {"telephone1": "5"}
    assert filled.one(fake.sales, "accounts", full=True).landed == 1
    row |= {"telephone1": None, "fax": "5"}
    assert filled.one(fake.sales, "accounts", full=True).landed == 1
    found = "select telephone1, fax from raw_sales.accounts where accountid = 'id03'"
    assert filled.query(found) == [(None, "5")]


def test_rows_of_a_load_that_never_arrived_are_loaded_again(fake: Fake, filled: Warehouse) -> None:
    """A kill while loading leaves rows without a read: what was built before them is outdated."""
    with duckdb.connect(str(filled.path)) as database:
        database.execute(
            "update raw_sales.accounts set _dlt_load_id = '9' where accountid = 'id03'"
        )
        database.execute(
            "insert into raw_sales.accounts by name select * replace ('id98' as accountid, "
            "'9' as _dlt_load_id, now() as deleted_at) from raw_sales.accounts limit 1"
        )
    report = filled.one(fake.sales, "accounts", full=True)
    assert (report.landed, filled.query(LAST)[0][-1]) == (2, True)
    assert filled.query("select count(*) from raw_sales.accounts where _dlt_load_id = '9'") == [
        (0,)
    ]
    alive = "select count(*) from raw_sales.accounts where deleted_at is null"
    assert filled.query(alive) == [(25,)]


def test_a_new_column_lands_all_rows_and_a_dropped_one_those_that_hold_it(
    fake: Fake, filled: Warehouse, tmp_path: Path
) -> None:
    connection = replace(fake.sales, project_dir=tmp_path)
    path = tmp_path / "pipelines/sales/tables.yml"
    path.parent.mkdir(parents=True)
    declared = declaration("sales", ROOT).read_text()
    path.write_text(declared.replace("    name: text\n", "    name: text\n    tier: text\n", 1))
    fake.rows["accounts"]["id03"]["tier"] = "gold"
    assert filled.one(connection, "accounts").landed == 25
    path.write_text(declared)
    assert filled.one(connection, "accounts").landed == 1
    assert filled.query("select count(tier) from raw_sales.accounts") == [(0,)]
    assert filled.one(connection, "accounts", full=True).landed == 0


def test_a_read_that_was_not_loaded_yet_is_compared_with_after_it_is(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(fake, 3, "Renamed")
    fake.remove("accounts", "id07")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts", full=True)
    account(fake, 3, "Account 3")
    report = filled.one(fake.sales, "accounts", full=True)
    assert (report.rows, report.deletions, report.landed) == (24, 0, 1)
    found = "select name from raw_sales.accounts where accountid = 'id03'"
    assert filled.query(found) == [("Account 3",)]


def test_a_package_from_before_there_was_a_comparison_is_still_marked(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It brings every row, does not say what it landed, and leaves what is gone to be found."""
    fake.remove("accounts", "id07")
    with monkeypatch.context() as patch:
        patch.setattr(resources, "_landing", lambda read, *_: _everything(read))
        patch.setattr(resources._Done, "row", _older(resources._Done.row))
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts", full=True)
    assert filled.one(fake.sales, "accounts", full=True).landed == 0
    dead = "select accountid from raw_sales.accounts where deleted_at is not null"
    assert filled.query(dead) == [("id07",)]


def _everything(read: TableRead) -> Landing:
    return Landing(read.rows.num_rows)


def _older(row: object) -> object:
    def without(*arguments: object) -> pa.Table:
        found = row(*arguments)  # type: ignore[operator]
        for name in ("landed", "data_load_id"):
            at = found.schema.get_field_index(name)
            found = found.set_column(at, name, pa.nulls(1, found.schema.field(name).type))
        return found

    return without


def test_a_warehouse_from_before_is_gone_on_with(
    fake: Fake, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its `reads` has neither column."""
    fill(fake)
    older = pa.schema(
        [f for f in resources._READS_SCHEMA if f.name not in {"landed", "data_load_id"}]
    )
    with monkeypatch.context() as patch:
        patch.setattr(resources, "_READS_SCHEMA", older)
        warehouse.one(fake.sales, "accounts")
    first = warehouse.query("select load_id from raw_sales.reads")
    report = warehouse.one(fake.sales, "accounts", full=True)
    assert report.landed == 0
    assert warehouse.query(SINCE) == first


# Rows that are too many for memory.


def test_rows_on_disk_make_the_same_warehouse(
    fake: Fake, filled: Warehouse, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of any size is read, compared and changed as a small one is."""
    monkeypatch.setattr(rows, "HELD", 0)
    monkeypatch.setattr(rows, "PIECE", 2)
    large = Warehouse(warehouse.path.with_name("large.duckdb"), warehouse.state / "large")
    fake.page_size, fake.overlap = 4, 1
    assert large.one(fake.sales, "accounts").rows == 25
    assert large.query(ALL) == filled.query(ALL)
    account(fake, 3, "Renamed")
    fake.remove("accounts", "id07")
    for one in (large, filled):
        assert one.one(fake.sales, "accounts", full=True).landed == 2
    assert large.query(VALUES) == filled.query(VALUES)
    assert not list(large.state.rglob("*.parquet"))


def test_what_a_killed_read_left_on_disk_is_removed(fake: Fake, filled: Warehouse) -> None:
    left = filled.state / "dlt/sales.reading/accounts-1/000001.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    before = digest(filled.path)
    filled.one(fake.sales, "accounts")
    assert not left.exists()
    assert digest(filled.path) != before  # `reads` has a row more


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "tables.yml"
    path.write_text("things:\n  key: [id, part]\n  columns: {id: text, part: int, name: text}\n")
    return load_tables(path, "sales")["things"]


@pytest.mark.parametrize("held", [0, 2**20])
def test_of_rows_sent_twice_the_last_one_counts(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(rows, "HELD", held)
    found = Rows(table, tmp_path)
    for number, keys in enumerate([["a", "b"], ["b", "c", "b"], ["a"]]):
        for key in keys:
            found.add(_row(table, key, f"{number}"))
    found.keep_last()
    assert _names(found) == {"a": "2", "b": "1", "c": "1"}
    assert found.num_rows == 3
    found.add(_row(table, "c", "3"))
    found.keep_last()
    assert _names(found) == {"a": "2", "b": "1", "c": "3"}
    assert found.holding(["a", "x"]) == {"a"}
    assert _names(found.without({"a", "x"})) == {"b": "1", "c": "3"}


def test_their_files_are_gone_with_them(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "HELD", 0)
    found = Rows(table, tmp_path)
    found.add(_row(table, "a", "1"))
    assert list(tmp_path.glob("things-*/*.parquet"))
    del found
    assert not list(tmp_path.glob("things-*"))


def _row(table: Table, key: str, name: str) -> pa.Table:
    return pa.Table.from_pylist([{"id": key, "part": 1, "name": name}], table.schema)


def _names(found: Rows) -> dict[str, str]:
    return {row["id"]: row["name"] for part in found.tables() for row in part.to_pylist()}
