from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.common.errors import CountMismatch
from pipelines.common.project import declaration

from .conftest import Warehouse, account, fill
from .service import Fake

ROOT = Path(__file__).parents[2]
ALIVE = "select accountid from raw_sales.accounts where deleted_at is null order by all"


def _alive(warehouse: Warehouse) -> list[str]:
    return [row[0] for row in warehouse.query(ALIVE)]


def test_three_pages_are_all_read(fake: Fake, warehouse: Warehouse) -> None:
    fill(fake)
    report = warehouse.one(fake.sales, "accounts")
    assert (report.mode, report.rows, report.service_count) == ("full", 25, 25)
    assert _alive(warehouse) == [f"id{number:02}" for number in range(25)]
    assert fake.preferences["accounts"] == {
        "odata.track-changes,odata.maxpagesize=5000",
        "odata.maxpagesize=5000",  # the overlap after a read of several pages
    }


def test_every_declared_column_is_there_with_its_type(fake: Fake, filled: Warehouse) -> None:
    types = dict(filled.query(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'raw_sales' and table_name = 'accounts'"
    ))  # fmt: skip
    assert types["creditlimit"] == "DECIMAL(19,4)"
    assert types["address2_country"] == "VARCHAR"  # null in every row
    assert types["numberofemployees"] == "INTEGER"
    assert types["modifiedon"] == types["deleted_at"] == "TIMESTAMP WITH TIME ZONE"
    assert {"etag", "_dlt_load_id", "ownerid"} <= types.keys()
    assert filled.query("select distinct ownerid from raw_sales.accounts") == [("owner",)]


def test_an_empty_table_exists(fake: Fake, warehouse: Warehouse) -> None:
    assert warehouse.one(fake.sales, "quotes").rows == 0
    assert warehouse.query("select count(*) from raw_sales.quotes") == [(0,)]


def test_a_second_run_reads_nothing_and_changes_nothing(fake: Fake, filled: Warehouse) -> None:
    before = filled.query("from raw_sales.accounts order by all")
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows, report.deletions) == ("delta", 0, 0)
    assert filled.query("from raw_sales.accounts order by all") == before
    reads = "select mode, rows from raw_sales.reads where table_name = 'accounts' order by load_id"
    assert filled.query(reads) == [("full", 25), ("delta", 0)]


def test_a_delta_brings_changes_new_rows_and_deletions(fake: Fake, filled: Warehouse) -> None:
    account(fake, 3, "Renamed")
    account(fake, 99, "New")
    fake.remove("accounts", "id07")
    fake.deleted.append((fake.version, "accounts", "never seen"))
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows, report.deletions) == ("delta", 2, 1)
    alive = _alive(filled)
    assert len(alive) == 25
    assert "id99" in alive
    assert "id07" not in alive
    assert filled.query("select name from raw_sales.accounts where accountid = 'id03'") == [
        ("Renamed",)
    ]
    gone = filled.query("select name, etag from raw_sales.accounts where accountid = 'id07'")
    assert gone == [("Account 7", 'W/"8"')]  # the tombstone keeps what was known


def test_a_row_that_comes_back_is_alive_again(fake: Fake, filled: Warehouse) -> None:
    fake.remove("accounts", "id07")
    filled.one(fake.sales, "accounts")
    assert "id07" not in _alive(filled)
    account(fake, 7, "Back")
    assert filled.one(fake.sales, "accounts").rows == 1
    assert "id07" in _alive(filled)


def test_gone_and_back_within_one_delta(fake: Fake, filled: Warehouse) -> None:
    fake.remove("accounts", "id07")
    account(fake, 7, "Back")
    report = filled.one(fake.sales, "accounts")
    assert (report.rows, report.deletions) == (1, 0)
    assert "id07" in _alive(filled)


def test_an_expired_token_brings_a_full_read_and_finds_the_deletions(
    fake: Fake, filled: Warehouse
) -> None:
    fake.remove("accounts", "id07")
    fake.oldest_token = fake.version + 1
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows, report.deletions) == ("full", 24, 1)
    assert report.warnings == ("accounts: its change tracking token has expired; read in full",)
    assert "id07" not in _alive(filled)
    reads = "select deletions from raw_sales.reads where table_name = 'accounts' order by load_id"
    assert filled.query(reads) == [(0,), (1,)]


def test_without_change_tracking_every_read_is_full(fake: Fake, filled: Warehouse) -> None:
    fake.untracked.add("accounts")
    assert filled.one(fake.sales, "accounts").mode == "full"
    fake.remove("accounts", "id07")
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.deletions, len(_alive(filled))) == ("full", 1, 24)


def test_rows_changed_during_a_long_first_read_are_read_again(
    fake: Fake, warehouse: Warehouse
) -> None:
    fill(fake)
    account(fake, 5, "Later", modified="2999-01-01T00:00:00Z")
    report = warehouse.one(fake.sales, "accounts")
    assert fake.filters["accounts"] == 1
    assert (report.rows, len(_alive(warehouse))) == (25, 25)


def test_full_reads_everything_in_spite_of_a_delta_link(fake: Fake, filled: Warehouse) -> None:
    report = filled.one(fake.sales, "accounts", full=True)
    assert (report.mode, report.rows) == ("full", 25)


def test_a_new_column_brings_a_full_read(fake: Fake, filled: Warehouse, tmp_path: Path) -> None:
    tables = declaration("sales", ROOT).read_text()
    path = tmp_path / "pipelines/sales/tables.yml"
    path.parent.mkdir(parents=True)
    path.write_text(tables.replace("    name: text\n", "    name: text\n    new_tier: text\n", 1))
    fake.put("accounts", accountid="id99", name="New", new_tier="gold")
    assert filled.one(replace(fake.sales, project_dir=tmp_path), "accounts").mode == "full"
    found = filled.query("select new_tier from raw_sales.accounts where accountid = 'id99'")
    assert found == [("gold",)]


def test_a_warehouse_that_was_removed_is_filled_again(fake: Fake, filled: Warehouse) -> None:
    filled.path.unlink()
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, len(_alive(filled))) == ("full", 25)


def test_money_is_exact(fake: Fake, warehouse: Warehouse) -> None:
    spellings = ["0.1", "1E+2", "123456789012345.6789", "7", "19.989999999999998"]
    for spelling in spellings:
        fake.put("accounts", accountid=spelling, creditlimit=f"raw:{spelling}")
    warehouse.one(fake.sales, "accounts")
    found = dict(warehouse.query("select accountid, creditlimit from raw_sales.accounts"))
    assert found == {spelling: round(Decimal(spelling), 4) for spelling in spellings}


def test_a_count_that_never_agrees_is_an_error_with_both_numbers(
    fake: Fake, warehouse: Warehouse
) -> None:
    fill(fake)
    fake.miscount = 3
    with pytest.raises(CountMismatch, match="counts 28 rows in accounts but sent 25") as error:
        warehouse.one(fake.sales, "accounts")
    assert (error.value.rows, error.value.service_count) == (25, 28)
    assert not warehouse.path.exists()


def test_a_delta_that_does_not_add_up_brings_a_full_read(fake: Fake, filled: Warehouse) -> None:
    account(fake, 3, "Renamed")
    fake.hidden_changes = [1, 1]
    report = filled.one(fake.sales, "accounts")
    assert report.mode == "full"
    assert report.warnings == (
        "accounts: 1 changes were sent where the service counts 2, twice; read in full",
    )


def test_a_change_between_reading_and_counting_is_read_at_once(
    fake: Fake, filled: Warehouse
) -> None:
    account(fake, 3, "Renamed")
    fake.hidden_changes = [1]
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows, report.warnings) == ("delta", 1, ())


def test_a_count_that_stops_at_its_ceiling_is_a_lower_bound(
    fake: Fake, warehouse: Warehouse
) -> None:
    for number in range(5002):
        fake.put("uoms", uomid=f"u{number}", name="box")
    fake.miscount = -2
    assert warehouse.one(fake.sales, "uoms").rows == 5002


def test_a_property_nobody_asked_for_is_reported(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.extra = {"surprise": 1, "name@OData.Community.Display.V1.FormattedValue": "Box"}
    report = warehouse.one(fake.sales, "uoms")
    assert [warning.split(";")[0] for warning in report.warnings] == [
        "uoms: the service also sent surprise, which is not declared and not stored"
    ]
