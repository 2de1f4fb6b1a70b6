from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pipelines.common.errors import CountMismatch

from .conftest import Warehouse
from .service import Fake

PRODUCTS = "sellable_released_products"


def _customers(fake: Fake, *accounts: str, company: str = "usmf") -> None:
    for account in accounts:
        fake.put("CustomersV2", dataAreaId=company, CustomerAccount=account, OrganizationName="")


def _alive(warehouse: Warehouse) -> list[tuple[str, str]]:
    return warehouse.query(
        "select data_area_id, customer_account from raw_finops.customers "
        "where deleted_at is null order by all"
    )


def test_all_companies_and_all_pages_are_read(fake: Fake, warehouse: Warehouse) -> None:
    fake.page_size = 2
    _customers(fake, "1", "2", "3")
    _customers(fake, "1", "2", company="demf")
    report = warehouse.one(fake.finops, "customers")
    assert (report.mode, report.rows, report.service_count) == ("full", 5, 5)
    assert len(_alive(warehouse)) == 5


def test_a_second_run_changes_nothing(fake: Fake, filled: Warehouse) -> None:
    before = _alive(filled)
    assert filled.one(fake.finops, "customers").rows == 1
    assert _alive(filled) == before


def test_a_row_that_is_gone_gets_a_tombstone_and_may_come_back(
    fake: Fake, filled: Warehouse
) -> None:
    fake.remove("CustomersV2", "usmf/1")
    report = filled.one(fake.finops, "customers")
    assert (report.rows, report.deletions, _alive(filled)) == (0, 1, [])
    assert filled.one(fake.finops, "customers").deletions == 0  # marked once
    _customers(fake, "1")
    filled.one(fake.finops, "customers")
    assert _alive(filled) == [("usmf", "1")]


def test_a_row_sent_twice_by_shifting_pages_is_kept_once(fake: Fake, warehouse: Warehouse) -> None:
    _customers(fake, "1", "2", "3")
    fake.page_size, fake.overlap = 2, 1
    report = warehouse.one(fake.finops, "customers")
    assert (report.rows, len(_alive(warehouse))) == (3, 3)


def test_lines_without_a_number_share_a_key_and_do_not_stop_the_read(
    fake: Fake, warehouse: Warehouse
) -> None:
    """F&O sends 0 for the lines of an order from before the integration (O8)."""
    line = {"dataAreaId": "usmf", "SalesOrderNumber": "SO-1"}
    lines = fake.rows.setdefault("CDSSalesOrderLines", {})
    for place, number in enumerate((0, 0, 0, 7)):
        lines[str(place)] = {**line, "LineCreationSequenceNumber": number, "@version": place}
    report = warehouse.one(fake.finops, "cds_sales_order_lines")
    assert (report.rows, report.service_count) == (2, 4)
    [note] = report.warnings
    assert "2 more rows have no number in their key" in note
    assert "LineCreationSequenceNumber" in note
    numbers = (
        "select line_creation_sequence_number from raw_finops.cds_sales_order_lines order by 1"
    )
    assert warehouse.query(numbers) == [(0,), (7,)]
    assert warehouse.one(fake.finops, "cds_sales_order_lines").landed == 0


def test_a_row_that_is_missing_beside_lines_without_a_number_still_stops_the_read(
    fake: Fake, warehouse: Warehouse
) -> None:
    line = {"dataAreaId": "usmf", "SalesOrderNumber": "SO-1", "LineCreationSequenceNumber": 0}
    lines = fake.rows.setdefault("CDSSalesOrderLines", {})
    lines["1"], lines["2"] = {**line, "@version": 1}, {**line, "@version": 2}
    fake.miscount = 1
    with pytest.raises(CountMismatch):
        warehouse.one(fake.finops, "cds_sales_order_lines")


def test_customers_v3(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("CustomersV3", dataAreaId="usmf", CustomerAccount="1")
    connection = replace(fake.finops, customers_entity_set="CustomersV3")
    assert warehouse.one(connection, "customers").rows == 1
    assert (fake.asked["CustomersV3"], fake.asked["CustomersV2"]) == (3, 0)


def test_values_stay_as_they_were_sent(fake: Fake, warehouse: Warehouse) -> None:
    fake.put(
        "CDSSalesOrderHeaders", dataAreaId="usmf", SalesOrderNumber="000123", SalesOrderName="",
        OrderTotalAmount="raw:1234567890.1234564999", SalesOrderProcessingStatus="Confirmed",
        RequestedShippingDate="1900-01-01T12:00:00Z",
        OrderCreationDateTime="2026-01-31T23:59:59Z",
    )  # fmt: skip
    warehouse.one(fake.finops, "cds_sales_order_headers")
    assert warehouse.query(
        "select sales_order_number, sales_order_name, order_total_amount, "
        "sales_order_processing_status, requested_shipping_date, order_creation_date_time "
        "from raw_finops.cds_sales_order_headers"
    ) == [
        (
            "000123", "", Decimal("1234567890.123456"), "Confirmed",
            datetime(1900, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
        )
    ]  # fmt: skip


def test_names_are_snake_case(fake: Fake, warehouse: Warehouse) -> None:
    warehouse.one(fake.finops, "customers")
    names = {row[0] for row in warehouse.query(
        "select column_name from information_schema.columns "
        "where table_schema = 'raw_finops' and table_name = 'customers'"
    )}  # fmt: skip
    assert {"data_area_id", "address_country_region_iso_code", "primary_contact_url"} <= names
