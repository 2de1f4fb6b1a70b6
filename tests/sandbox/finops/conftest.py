"""The F&O service without a network: requests go straight to its handler."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from p2c_sandbox.demo.seeding import Size, seed_finops
from p2c_sandbox.finops.service import Finops, finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Headers, Request, Response
from p2c_sandbox.odata.store import Store

ROOT = "https://contoso.operations.dynamics.com/data"
CUSTOMER = {
    "dataAreaId": "usmf",
    "OrganizationName": "Adventure Works",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "USD",
}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """What the service says inside, where it says something."""
        return self.json["error"]["innererror"]["message"]


class Api:
    """Calls one service; `path` is below /data."""

    def __init__(self, service: Finops) -> None:
        self.service = service
        self.store = service.store

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        where, _, query = path.removeprefix(f"{ROOT}/").partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        named = Headers.of({name.replace("_", "-"): value for name, value in headers.items()})
        return self.answer(Request(method, ROOT, where, query, named, content))

    def answer(self, request: Request) -> Answer:
        response: Response = self.service.handle(request)
        return Answer(response.status, dict(response.headers), response.body)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def rows(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert answer.status == 200, answer.body
        return answer.json["value"]

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)


@pytest.fixture
def make_api():
    """Factory: `make_api(profile="demo", stale_etag="ignored")`."""
    stores = []

    def make(profile: str = "base", **settings: Any) -> Api:
        store = Store(finops_model())
        stores.append(store)
        seed_finops(store, profile, Size(0, 40), 7)
        return Api(Finops(store, FinopsSettings(**settings)))

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def api(make_api) -> Api:
    return make_api()


@pytest.fixture
def demo_api(make_api) -> Api:
    return make_api("demo")


class Shop:
    """One company with a customer, a stocked product at 10.00 and a service; orders are short."""

    def __init__(self, api: Api, **customer: Any) -> None:
        self.api = api
        created = {**CUSTOMER, "CustomerAccount": "C-1", "SiteId": "1", "WarehouseId": "13"}
        assert api.post("CustomersV2", {**created, **customer}).status == 201
        self.release("P-1", "Item", 10)
        self.release("S-1", "Service", 50)

    def release(self, number: str, kind: str, price: float, company: str = "usmf") -> None:
        product = {
            "dataAreaId": company, "ProductNumber": number, "ProductName": f"Product {number}",
            "SalesUnitSymbol": "ea", "CurrencyCode": "USD", "SalesPrice": price,
            "ProductType": kind, "IsStockedProduct": "Yes" if kind == "Item" else "No",
        }  # fmt: skip
        assert self.api.post("SellableReleasedProducts", product).status == 201

    def order(self, number: str = "ORD-1", **more: Any) -> Answer:
        body = {"SalesOrderNumber": number, "OrderingCustomerAccountNumber": "C-1", **more}
        return self.api.post("CDSSalesOrderHeaders", body)

    def line(self, quantity: float, *, number: int = 0, **more: Any) -> Answer:
        body = {
            "SalesOrderNumber": "ORD-1",
            "OrderedSalesQuantity": quantity,
            "ProductNumber": "P-1",
        }
        if number:
            body["LineCreationSequenceNumber"] = number
        return self.api.post("CDSSalesOrderLines", {**body, **more})

    def do(self, action: str, **arguments: Any) -> Any:
        answer = self.try_to(action, **arguments)
        assert answer.status == 200, answer.body
        return answer.json

    def try_to(self, action: str, **arguments: Any) -> Answer:
        return self.api.post(f"SandboxActions/{action}", arguments)

    def header(self, number: str = "ORD-1", company: str = "usmf") -> dict[str, Any]:
        key = f"dataAreaId='{company}',SalesOrderNumber='{number}'"
        return self.api.get(f"CDSSalesOrderHeaders({key})?cross-company=true").json

    def lines(self) -> list[dict[str, Any]]:
        return self.api.rows("CDSSalesOrderLines?$orderby=LineCreationSequenceNumber")

    def invoices(self) -> list[dict[str, Any]]:
        return self.api.rows("ExternallyMaintainedCustomerSalesInvoiceHeaders")

    def invoice_lines(self) -> list[dict[str, Any]]:
        return self.api.rows("ExternallyMaintainedCustomerSalesInvoiceLines")


@pytest.fixture
def shop(api) -> Shop:
    """The customer is kept in Sales."""
    return Shop(api, IsExternallyMaintained="Yes")


@pytest.fixture
def taxed(api) -> Shop:
    """The customer pays 6.5 % on items and charges, nothing on services."""
    return Shop(api, IsExternallyMaintained="Yes", SalesTaxGroup="DOM")
