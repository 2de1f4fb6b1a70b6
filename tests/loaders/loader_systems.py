"""Writers to a running sandbox, with a hand on the network between them."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
from p2c_sandbox.process import Running

from loaders.applying.delivery import Delivered, Delivery
from loaders.clock import Clock
from loaders.models import ApplySettings, Change, Column, Service, WriteTarget
from loaders.services.writers import Writers
from tests.loaders.loader_rows import change, guid, target

ACCOUNTS = target(
    "sales",
    entity_set="accounts",
    key=("accountid",),
    columns={
        "accountid": Column("accountid", "varchar"),
        "name": Column("name", "varchar"),
        "accountnumber": Column("accountnumber", "varchar"),
        "description": Column("description", "varchar"),
        "creditlimit": Column("creditlimit", "decimal(19,4)"),
        "numberofemployees": Column("numberofemployees", "integer"),
        "creditonhold": Column("creditonhold", "boolean"),
        "transactioncurrencyid": Column(
            "transactioncurrencyid", "varchar", lookup="transactioncurrencies"
        ),
        "parentaccountid": Column("parentaccountid", "varchar", lookup="accounts"),
    },
)


CUSTOMERS = target(
    "finops",
    entity_set="CustomersV2",
    key=("dataAreaId", "CustomerAccount"),
    columns={
        "dataAreaId": Column("dataAreaId", "varchar"),
        "CustomerAccount": Column("CustomerAccount", "varchar"),
        "OrganizationName": Column("OrganizationName", "varchar"),
        "CustomerGroupId": Column("CustomerGroupId", "varchar"),
        "SalesCurrencyCode": Column("SalesCurrencyCode", "varchar"),
        "AddressCity": Column("AddressCity", "varchar"),
        "CreditLimit": Column("CreditLimit", "decimal(32,6)"),
    },
)


class Hurried(Clock):
    """Waits pass fifty times as quickly."""

    def monotonic(self) -> float:
        return super().monotonic() * 50

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(seconds / 50)


class Lossy(httpx.BaseTransport):
    """The network, with a hand on it: `lose` sees each answer after the service committed."""

    def __init__(self) -> None:
        self.network = httpx.HTTPTransport()
        self.lose: Callable[[httpx.Request], None] = lambda request: None
        self.requests: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.network.handle_request(request)
        if "token" in request.url.path:
            return response
        self.requests.append(request.url.path.rsplit("/", 1)[-1])
        try:
            self.lose(request)
        except httpx.TransportError:
            response.close()
            raise
        return response

    def close(self) -> None:
        self.network.close()


class Systems:
    """Writers to a running sandbox, and a look at its rows past the writers."""

    def __init__(self, running: Running, clock: Clock | None = None, **more: Any) -> None:
        self.faults, self.numbers = running.faults, 0
        self.wire, self.stop = Lossy(), threading.Event()
        self.services = {
            name: Service(
                name, at.url, at.token_url, running.client_id, running.client_secret,
                transport=self.wire,
            )
            for name, at in (("sales", running.sales), ("finops", running.finops))
        }  # fmt: skip
        settings = ApplySettings(sales_rows_per_request=1000, finops_rows_per_request=1000, **more)
        self.writers = Writers(self.services, settings, self.stop, clock or Clock())

    def write(self, where: WriteTarget, *rows: Change) -> Delivered:
        self.wire.requests.clear()
        return Delivery(self.writers.of(where.system), where, 6, self.stop).deliver(rows)

    def statuses(self, where: WriteTarget, *rows: Change) -> list[str]:
        by_id = {outcome.write_id: outcome.status for outcome in self.write(where, *rows).outcomes}
        return [by_id[row.write_id] for row in rows]

    def read(self, where: WriteTarget, row: Change) -> dict:
        record = self.writers.of(where.system).read_back(where, [row])[row.write_id]
        return dict(record.values) if record else {}

    def etag(self, where: WriteTarget, row: Change) -> str:
        return self.read(where, row)["@odata.etag"]


def account(number: int, operation: str = "create", **after: object) -> Change:
    values = after or {"name": f"Account {number}"}
    key = {"accountid": guid(number)}
    etag = after.pop("etag", None)
    return change(number, operation, key_values=key, after=values, etag=etag)


def customer(number: int | str, operation: str = "create", **after: object) -> Change:
    basics = {
        "OrganizationName": f"C {number}",
        "CustomerGroupId": "10",
        "SalesCurrencyCode": "USD",
    }
    key = {"dataAreaId": "usmf", "CustomerAccount": str(number)}
    etag = after.pop("etag", None)
    values = {**basics, **after} if operation == "create" else after
    return change(
        abs(hash(number)) % 10**9, operation, "finops",
        key_values=key, after=values, etag=etag, record_key=f"usmf/{number}",
    )  # fmt: skip
