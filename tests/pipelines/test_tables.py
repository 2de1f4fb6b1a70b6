from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from pipelines.common.errors import InvalidDeclaration
from pipelines.common.tables import Table, load_tables
from pipelines.finops import FinopsConnection
from pipelines.finops import declared_tables as finops_tables
from pipelines.sales import SalesConnection
from pipelines.sales import declared_tables as sales_tables

ADDRESS = ("http://service", "http://token", "id", "secret")
SALES = sales_tables(SalesConnection(*ADDRESS))
FINOPS = finops_tables(FinopsConnection(*ADDRESS))


@pytest.mark.parametrize("table", [*SALES.values(), *FINOPS.values()], ids=lambda t: t.name)
def test_names_are_the_ones_dlt_would_give(table: Table) -> None:
    naming = NamingConvention()
    assert naming.normalize_identifier(table.name) == table.name
    if table.name != "customers":
        assert naming.normalize_identifier(table.entity_set) == table.name
    for column in table.columns:
        assert naming.normalize_identifier(column.name) == column.name
        if column.declared != "lookup":
            assert naming.normalize_identifier(column.field) == column.name


def test_the_tables_of_all_flows_are_declared() -> None:
    assert list(SALES) == [
        "accounts", "contacts", "products", "pricelevels", "productpricelevels", "uoms",
        "uomschedules", "transactioncurrencies", "businessunits", "organizations", "quotes",
        "quotedetails", "salesorders", "salesorderdetails", "invoices", "invoicedetails",
    ]  # fmt: skip
    assert list(FINOPS) == [
        "customers", "cds_contact_persons", "sellable_released_products",
        "cds_sales_quotation_headers", "cds_sales_quotation_lines", "cds_sales_order_headers",
        "cds_sales_order_lines", "externally_maintained_customer_sales_invoice_headers",
        "externally_maintained_customer_sales_invoice_lines",
    ]  # fmt: skip


def test_customers_come_from_the_entity_set_the_tenant_has() -> None:
    tables = finops_tables(FinopsConnection(*ADDRESS, customers_entity_set="CustomersV3"))
    assert tables["customers"].entity_set == "CustomersV3"
    assert tables["customers"].columns == FINOPS["customers"].columns


def test_fields_keep_the_service_s_spelling_and_keys_their_order() -> None:
    accounts, lines = SALES["accounts"], FINOPS["cds_sales_order_lines"]
    assert "_transactioncurrencyid_value" in accounts.fields
    assert accounts.schema.field("transactioncurrencyid").type == pa.string()
    assert lines.key_fields == ("dataAreaId", "SalesOrderNumber", "LineCreationSequenceNumber")
    assert lines.schema.field("sales_price").type == pa.decimal128(32, 6)
    assert [field.name for field in lines.schema if not field.nullable] == list(lines.key)


def test_a_custom_field_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    path.write_text(
        "accounts:\n  key: [accountid]\n  columns:\n    accountid: text\n    new_tier: lookup\n"
    )
    assert load_tables(path, "sales")["accounts"].fields == ("accountid", "_new_tier_value")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("accounts: [", "not valid YAML"),
        ("- accounts", "expected entity sets"),
        ("accounts: {columns: {a: text}}", "accounts takes key, columns"),
        ("accounts: {key: [a], columns: {a: text}, mode: full}", "accounts takes key, columns"),
        ("accounts: {key: [b], columns: {a: text}}", "needs its key among its columns"),
        ("accounts: {key: [a], columns: {a: text, etag: text}}", "none named"),
        ("accounts: {key: [a], columns: {a: string}}", "accounts.a is declared as 'string'"),
        ("accounts: {key: [a], columns: {a: 'decimal(40,2)'}}", "decimal(precision,scale)"),
    ],
)
def test_a_mistake_in_a_declaration_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "tables.yml"
    path.write_text(text)
    with pytest.raises(InvalidDeclaration) as error:
        load_tables(path, "sales")
    assert words in str(error.value)
    assert "pipelines/sales/tables.yml" in str(error.value)
