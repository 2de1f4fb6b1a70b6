"""Columns and tables that a service lacks: named all, and the rest goes on where asked."""

from __future__ import annotations

import pytest

from pipelines.common.errors import (
    UnknownColumn,
    UnknownTable,
    UnknownTableName,
)

from .conftest import BOTH, Warehouse, account, digest
from .service import Fake


@pytest.mark.parametrize("columns", [("name",), ("name", "fax", "_ownerid_value")])
def test_missing_columns_stop_the_run_and_all_are_named(
    fake: Fake, filled: Warehouse, columns: tuple[str, ...]
) -> None:
    fake.absent["accounts"] = set(columns)
    before = digest(filled.path)
    with pytest.raises(UnknownColumn) as error:
        filled.extract(fake.sales, fake.finops, tables=BOTH, full=True)
    assert set(error.value.columns) == {
        column.strip("_").removesuffix("_value") for column in columns
    }
    assert "in accounts" in str(error.value)
    assert "on_missing_column" in str(error.value)
    assert digest(filled.path) == before


def test_missing_columns_leave_their_table_and_the_rest_goes_on(
    fake: Fake, filled: Warehouse
) -> None:
    fake.absent["accounts"] = {"name", "fax"}
    fake.put("uoms", uomid="v", name="crate")
    report = filled.extract(fake.sales, fake.finops, tables=BOTH, on_missing_column="continue")
    (skipped,) = report.skipped
    assert (skipped.table, skipped.mode, skipped.missing_columns) == (
        "accounts", "skipped", ("name", "fax"),
    )  # fmt: skip
    assert "Sales has no column 'name', 'fax' in accounts" in skipped.warnings[0]
    alive = "select count(name) from raw_sales.accounts where deleted_at is null"
    assert filled.query(alive) == [(25,)]
    assert filled.query("select count(*) from raw_sales.uoms") == [(2,)]
    assert filled.query(
        "select mode, missing_columns from raw_sales.reads where table_name = 'accounts' "
        "order by load_id desc limit 1"
    ) == [("skipped", "name,fax")]


def test_after_a_skipped_table_its_delta_goes_on_where_it_was(
    fake: Fake, filled: Warehouse
) -> None:
    fake.absent["accounts"] = {"name"}
    account(fake, 99, "New")
    filled.one(fake.sales, "accounts", on_missing_column="continue")
    fake.absent.clear()
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows) == ("delta", 1)


def test_a_missing_table_is_the_same_kind_of_error(fake: Fake, warehouse: Warehouse) -> None:
    fake.gone.add("uoms")
    with pytest.raises(UnknownTable, match="Sales has no table uoms"):
        warehouse.one(fake.sales, "uoms")
    report = warehouse.one(fake.sales, "uoms", on_missing_column="continue")
    assert report.missing_columns == ("*",)
    assert warehouse.query("select count(*) from raw_sales.uoms") == [(0,)]


def test_a_column_left_out_without_a_word_is_missing_too(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.silent = {"quantity"}
    with pytest.raises(UnknownColumn) as error:
        warehouse.one(fake.sales, "uoms")
    assert error.value.columns == ("quantity",)


def test_a_table_nobody_declared_is_refused(fake: Fake, warehouse: Warehouse) -> None:
    with pytest.raises(UnknownTableName, match="No table 'acounts' is declared; there are acc"):
        warehouse.extract(fake.sales, tables={"acounts"})
