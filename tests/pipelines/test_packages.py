"""F&O read by packages from a sandbox: the same rows as by OData, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.common import blobs
from pipelines.common.client import ODataClient
from pipelines.common.package_errors import (
    BadPackage,
    BlobCutOff,
    NotPackaged,
    PackageError,
    PackageFailed,
    PackageNeverEnds,
    UnknownWay,
)
from pipelines.common.packages import Patience
from pipelines.finops import declared_tables, package_reading
from pipelines.finops.helpers import read_table
from pipelines.run import FinopsConnection, TableReport

from .conftest import Warehouse, digest
from .finops_world import DECLARED, Finops, state_of

TABLE = "raw_finops.customers"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "PAUSES", (0, 0))


@pytest.fixture(scope="module")
def quick(sandbox_demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Finops:
    running = sandbox_demo(switches={"finops.package_runs": "synchronous"})
    return Finops(running, tmp_path_factory.mktemp("project"))


@pytest.fixture
def finops(quick: Finops) -> Iterator[Finops]:
    yield quick
    quick.running.faults.clear()
    for account in quick.accounts():
        quick.delete(account)
    for name in quick.projects():
        quick.pair.ask("finops", "DELETE", f"DataManagementDefinitionGroups('{name}')")


def values(warehouse: Warehouse, table: str = TABLE) -> list[Any]:
    return warehouse.query(
        f"select * exclude (etag, _dlt_load_id, deleted_at) from {table} "
        "where deleted_at is null order by all"
    )


def by_odata(finops: Finops, tmp_path: Path, table: str = TABLE) -> list[Any]:
    """The same table into a warehouse of its own."""
    other = Warehouse(tmp_path / "odata.duckdb", tmp_path / "odata")
    other.one(finops.connection(read_by="odata"), table.partition(".")[2])
    return values(other, table)


def read(warehouse: Warehouse, finops: Finops, **settings: Any) -> TableReport:
    return warehouse.one(finops.connection(**settings), "customers")


TABLES = sorted(
    declared_tables(FinopsConnection("u", "t", "i", "s", project_dir=DECLARED.parents[2]))
)


FILLED = {
    "customers", "sellable_released_products", "cds_sales_order_headers", "cds_sales_order_lines",
    "externally_maintained_customer_sales_invoice_headers",
    "externally_maintained_customer_sales_invoice_lines",
}  # fmt: skip


@pytest.fixture
def documents(finops: Finops) -> None:
    """An invoiced order of a customer's: days, moments and amounts in six tables."""
    finops.create("P-1", SalesMemo='A "b", c\r\nd', CreditLimit=-0.5, SiteId="1",
                  WarehouseId="13", IsExternallyMaintained="Yes")  # fmt: skip
    at = {"dataAreaId": "usmf"}
    finops.post("SellableReleasedProducts", **at, ProductNumber="P-P", ProductName="Product",
                SalesUnitSymbol="ea", CurrencyCode="USD", SalesPrice=10.25, ProductType="Item",
                IsStockedProduct="Yes")  # fmt: skip
    order = {**at, "SalesOrderNumber": "P-O"}
    finops.post("CDSSalesOrderHeaders", **order, OrderingCustomerAccountNumber="P-1",
                RequestedShippingDate="2026-03-01T12:00:00Z")  # fmt: skip
    finops.post("CDSSalesOrderLines", **order, ProductNumber="P-P", OrderedSalesQuantity=2.5)
    finops.post("SandboxActions/invoice", order="P-O", company="usmf", whole=True)


def test_every_table_is_the_same_by_packages(
    finops: Finops, documents: None, tmp_path: Path
) -> None:
    ways = {}
    for way in ("odata", "package"):
        warehouse = Warehouse(tmp_path / f"{way}.duckdb", tmp_path / way)
        report = warehouse.extract(finops.connection(read_by=way), tables=set())
        assert [warning for table in report.tables for warning in table.warnings] == []
        ways[way] = {name: values(warehouse, f"raw_finops.{name}") for name in TABLES}
    assert ways["odata"] == ways["package"]
    assert {name for name, rows in ways["odata"].items() if rows} >= FILLED
    assert len(finops.projects()) == 1  # of the table whose changes are exported


def test_changes_and_deletions_arrive(finops: Finops, warehouse: Warehouse, tmp_path: Path) -> None:
    finops.create("P-1")
    finops.create("P-2")
    first = read(warehouse, finops)
    assert (first.mode, first.rows) == ("full", first.service_count)
    finops.change("P-1", OrganizationName="Other")
    finops.create("P-3")
    finops.delete("P-2")
    second = read(warehouse, finops)
    assert (second.mode, second.rows, second.deletions, second.warnings) == ("delta", 2, 1, ())
    assert values(warehouse) == by_odata(finops, tmp_path)
    third = read(warehouse, finops)
    assert (third.mode, third.rows, third.deletions) == ("delta", 0, 0)


@pytest.mark.long
def test_a_deletion_beside_a_creation_is_found_when_the_keys_are_due(
    finops: Finops, warehouse: Warehouse
) -> None:
    finops.create("P-1")
    read(warehouse, finops)
    finops.delete("P-1")
    finops.create("P-2")
    other = "where deleted_at is null and customer_account in ('P-1', 'P-2')"
    due = read(warehouse, finops, keys_hours=0)
    assert (due.rows, due.deletions) == (1, 1)
    assert warehouse.query(f"select customer_account from {TABLE} {other}") == [("P-2",)]


def test_what_an_interrupted_run_had_exported_is_not_lost(
    finops: Finops, warehouse: Warehouse
) -> None:
    connection = finops.connection()
    client = ODataClient(connection)
    table = declared_tables(connection)["customers"]

    def again(link: str | None) -> Any:
        return read_table(client, table, link, lambda _: None, warehouse=warehouse.path)

    read(warehouse, finops)
    link = state_of(finops, warehouse)
    finops.create("P-9")
    for _ in range(2):
        ((part),) = again(link).rows.tables()
        assert part["customer_account"].to_pylist() == ["P-9"]
    assert read(warehouse, finops).rows == 1


def test_changes_that_were_not_told_are_reported_by_the_full_reading(
    finops: Finops, warehouse: Warehouse, tmp_path: Path
) -> None:
    finops.create("P-1")
    read(warehouse, finops)
    finops.change("P-1", OrganizationName="Changed unseen")
    finops.steal()
    assert read(warehouse, finops).rows == 0
    report = read(warehouse, finops, full_read_hours=0)
    assert report.mode == "full"
    ((warning),) = report.warnings
    assert "found 1 rows (such as usmf/P-1)" in warning
    assert values(warehouse) == by_odata(finops, tmp_path)
    assert read(warehouse, finops, full_read_hours=0).warnings == ()
    assert len(finops.projects()) == 1


def test_a_row_that_was_not_told_of_leads_to_a_full_reading(
    finops: Finops, warehouse: Warehouse, tmp_path: Path
) -> None:
    read(warehouse, finops)
    finops.create("P-1")
    finops.steal()
    report = read(warehouse, finops)
    assert (report.mode, len(report.warnings)) == ("full", 1)
    assert "found 1 rows that the export of changes had not told of" in report.warnings[0]
    assert values(warehouse) == by_odata(finops, tmp_path)


def test_changes_that_cannot_be_had_are_a_full_reading_with_the_reason(
    finops: Finops, warehouse: Warehouse
) -> None:
    read(warehouse, finops)
    finops.fault("job_fails")
    report = read(warehouse, finops)
    assert (report.mode, len(report.warnings)) == ("full", 1)
    assert "aborted on request" in report.warnings[0]
    (project,) = finops.projects()
    finops.pair.ask("finops", "DELETE", f"DataManagementDefinitionGroups('{project}')")
    report = read(warehouse, finops)
    assert (report.mode, "does not exist" in report.warnings[0]) == ("full", True)


@pytest.mark.parametrize(
    ("fault", "error", "settings"),
    [
        ({"kind": "job_fails", "times": None}, PackageFailed, {}),
        ({"kind": "job_never_ends", "times": None}, PackageNeverEnds, {"package_minutes": 0}),
        ({"kind": "truncated", "times": None, "path": "blobs"}, BadPackage, {}),
        ({"kind": "drop_midbody", "times": None, "path": "blobs"}, BlobCutOff, {}),
    ],
)
def test_a_package_that_goes_wrong_is_one_sentence_and_nothing_is_loaded(
    finops: Finops, warehouse: Warehouse, fault: Any, error: type[PackageError], settings: Any
) -> None:
    read(warehouse, finops)
    before = digest(warehouse.path)
    finops.create("P-1")
    finops.fault(**fault)
    with pytest.raises(error) as caught:
        read(warehouse, finops, **settings)
    text = str(caught.value)
    assert "customers" in text
    assert "nothing of it was loaded" in text
    assert "\n" not in text
    assert digest(warehouse.path) == before
    finops.running.faults.clear()
    full = error is PackageNeverEnds  # else the job is waited for, which still runs
    again = warehouse.one(finops.connection(), "customers", full=full)
    assert ("P-1",) in warehouse.query(f"select customer_account from {TABLE}")
    assert again.rows >= 1


@pytest.mark.long
def test_a_gone_address_is_asked_for_again(finops: Finops, warehouse: Warehouse) -> None:
    finops.fault("html", status=403, path="blobs")
    report = read(warehouse, finops)
    assert report.rows == report.service_count


@pytest.mark.long
def test_the_size_decides_where_it_is_asked(finops: Finops, warehouse: Warehouse) -> None:
    def auto(least: int) -> bool:
        read(warehouse, finops, read_by="auto", package_rows=least)
        return bool(finops.projects())

    count = int(finops.pair.ask("finops", "GET", "CustomersV2/$count?cross-company=true").text)
    assert not auto(count + 1)
    assert auto(count)
    report = read(warehouse, finops, read_by="auto", package_rows=count + 1)
    assert report.mode == "delta"
    assert read(warehouse, finops, read_by="auto", package_rows=2 * count + 2).mode == "full"


def test_a_table_can_be_an_exception(finops: Finops, warehouse: Warehouse) -> None:
    read(warehouse, finops, read_by_table={"customers": "odata"})
    assert finops.projects() == []


def test_ways_that_cannot_be_gone_are_refused_first(finops: Finops, warehouse: Warehouse) -> None:
    with pytest.raises(UnknownWay, match="'nothing', which is not declared"):
        read(warehouse, finops, read_by_table={"nothing": "package"})
    declared = finops.project / "pipelines/finops/tables.yml"
    kept = declared.read_text()
    declared.write_text(kept.replace("  package: {label: Customers V2, changes: true}\n", ""))
    try:
        with pytest.raises(NotPackaged, match="what the entity is called"):
            read(warehouse, finops)
        assert read(warehouse, finops, read_by="auto", package_rows=0).mode == "full"
    finally:
        declared.write_text(kept)
    assert finops.projects() == []


@pytest.mark.long
def test_other_answers_of_the_service(
    sandbox_demo: Any, tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    switches = {
        "package_unseen": "1", "package_polls": "1", "package_url_polls": "1",
        "package_value": "nested", "package_header": "as_named", "package_company": "included",
        "package_no_changes": "no_file", "package_unknown": "unknown",
    }  # fmt: skip
    monkeypatch.setattr(package_reading, "Patience", partial(Patience, first=0.01, most=0.01))
    running = sandbox_demo(switches={f"finops.{name}": value for name, value in switches.items()})
    finops = Finops(running, tmp_path / "project")
    first = read(warehouse, finops)
    assert (first.mode, first.rows) == ("full", first.service_count)
    assert values(warehouse) == by_odata(finops, tmp_path)
    finops.create("P-1")
    assert [read(warehouse, finops).rows for _ in range(2)] == [1, 0]
