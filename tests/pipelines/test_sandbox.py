"""The pipelines against the sandbox: what one side holds, the other has read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from p2c_sandbox.process import Running

from pipelines.run import FinopsConnection, SalesConnection

from .conftest import Warehouse

FLOWS = {"accounts", "pricelevels", "uoms", "organizations", "customers",
         "sellable_released_products"}  # fmt: skip


@dataclass
class Pair:
    """Both services of a sandbox, for the pipelines and for direct requests."""

    sandbox: Running

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
        }

    @property
    def sales(self) -> SalesConnection:
        service = self.sandbox.sales
        return SalesConnection(service.url, service.token_url, **self.credentials, page_size=100)

    @property
    def finops(self) -> FinopsConnection:
        service = self.sandbox.finops
        return FinopsConnection(service.url, service.token_url, **self.credentials, page_size=200)

    def ask(self, system: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request to a service, outside of the pipelines."""
        connection = self.sales if system == "sales" else self.finops
        form = {"grant_type": "client_credentials", "scope": f"{connection.url}/.default"}
        token = httpx.post(connection.token_url, data={**form, **self.credentials}).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answer = httpx.request(method, f"{connection.root}/{path}", json=body, headers=headers)
        answer.raise_for_status()
        return answer


@pytest.fixture(scope="module")
def pair(sandbox_demo: Any) -> Pair:
    return Pair(sandbox_demo())


@pytest.fixture(scope="module")
def read(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse after a first extract of all declared tables, in pages of 100 and 200."""
    folder: Path = tmp_path_factory.mktemp("warehouse")
    warehouse = Warehouse(folder / "warehouse.duckdb", folder / "state")
    report = warehouse.extract(pair.sales, pair.finops, tables=set())
    assert [warning for table in report.tables for warning in table.warnings] == []
    return warehouse


def _alive(warehouse: Warehouse, table: str) -> int:
    found = warehouse.query(f"select count(*) from {table} where deleted_at is null")
    return int(found[0][0])


@pytest.mark.parametrize(
    ("system", "path", "table"),
    [
        ("sales", "accounts/$count", "raw_sales.accounts"),
        ("sales", "uoms/$count", "raw_sales.uoms"),
        ("finops", "CustomersV2/$count?cross-company=true", "raw_finops.customers"),
        ("finops", "SellableReleasedProducts/$count?cross-company=true",
         "raw_finops.sellable_released_products"),
    ],
)  # fmt: skip
def test_every_row_arrives(pair: Pair, read: Warehouse, system: str, path: str, table: str) -> None:
    count = int(pair.ask(system, "GET", path).text)
    assert (count > 0, _alive(read, table)) == (True, count)


def test_values_arrive_exactly(pair: Pair, read: Warehouse) -> None:
    rows = pair.ask(
        "finops", "GET",
        "SellableReleasedProducts?cross-company=true&$select=dataAreaId,ProductNumber,SalesPrice",
    ).text  # fmt: skip
    assert read.query(
        "with sent as (select unnest(from_json(?, "
        "'{\"value\": [{\"dataAreaId\": \"varchar\", \"ProductNumber\": \"varchar\", "
        "\"SalesPrice\": \"decimal(32,6)\"}]}').value) as row) "
        "select count(*) from sent join raw_finops.sellable_released_products as kept "
        "on kept.data_area_id = sent.row.dataAreaId "
        "and kept.product_number = sent.row.ProductNumber "
        "where kept.sales_price <> sent.row.SalesPrice",
        [rows],
    ) == [(0,)]  # fmt: skip


def test_changes_and_deletions_are_followed(pair: Pair, read: Warehouse) -> None:
    before = _alive(read, "raw_sales.accounts")
    first, second = (row[0] for row in read.query(
        "select accountid from raw_sales.accounts where deleted_at is null order by 1 limit 2"
    ))  # fmt: skip
    customer = read.query("select data_area_id, customer_account from raw_finops.customers")[0]
    pair.ask("sales", "PATCH", f"accounts({first})", {"name": "Renamed"})
    pair.ask("sales", "DELETE", f"accounts({second})")
    pair.ask("finops", "DELETE", "CustomersV2(dataAreaId='{}',CustomerAccount='{}')"
             "?cross-company=true".format(*customer))  # fmt: skip
    report = read.extract(pair.sales, pair.finops, tables=FLOWS)
    done = {table.table: (table.mode, table.rows, table.deletions) for table in report.tables}
    assert done["accounts"] == ("delta", 1, 1)
    assert done["uoms"] == ("delta", 0, 0)
    assert done["customers"][2] == 1
    assert _alive(read, "raw_sales.accounts") == before - 1
    again = read.extract(pair.sales, pair.finops, tables=FLOWS)
    assert {(table.mode, table.rows) for table in again.tables if table.mode == "delta"} == {
        ("delta", 0)
    }


def test_an_expired_token_is_followed_by_a_full_read(pair: Pair, read: Warehouse) -> None:
    organization = read.query("select organizationid from raw_sales.organizations")[0][0]
    setting = {"expirechangetrackingindays": 0}
    pair.ask("sales", "PATCH", f"organizations({organization})", setting)
    report = read.one(pair.sales, "accounts")
    pair.ask("sales", "PATCH", f"organizations({organization})", {**setting, **{
        "expirechangetrackingindays": 7}})  # fmt: skip
    assert (report.mode, report.rows) == ("full", _alive(read, "raw_sales.accounts"))
