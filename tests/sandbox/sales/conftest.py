"""A Sales service in memory and a client that speaks to it without a network."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import simplejson
from p2c_sandbox.odata.auth import Auth, Credentials
from p2c_sandbox.odata.model import Service, load_service
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.app import create_app
from p2c_sandbox.sales.base import METADATA, open_store
from p2c_sandbox.sales.settings import SalesSettings

ROOT = "http://sales.test/api/data/v9.2"
USD = "00000005-0000-0000-0000-000000000000"
SCHEDULE = "00000006-0000-0000-0000-000000000000"
UNIT = "00000007-0000-0000-0000-000000000000"
ABSENT = "0f0f0f0f-0000-4000-8000-000000000000"


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Sales:
    """Synchronous client of one service; `store` lets a test look behind it."""

    def __init__(self, service: Service, settings: SalesSettings | None = None) -> None:
        self.clock = Clock()
        self.store: Store = open_store(clock=self.clock, service=service)
        self.auth = Auth(Credentials("id", "secret"), clock=self.clock)
        app = create_app(self.store, self.auth, settings=settings)
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://sales.test"
        )
        self.token = self.ask_token().json()["access_token"]

    def close(self) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()
        self.store.close()

    def raw(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._http.request(method, url, **options))

    def ask_token(self, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": "id",
            "client_secret": "secret",
            "scope": "http://sales.test/.default",
        }
        return self.raw("POST", "/tenant/oauth2/v2.0/token", data=form | changes)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Authorization": f"Bearer {self.token}"}
        url = path if path.startswith("http") else f"{ROOT}/{path}"
        content = None if body is None else simplejson.dumps(body, use_decimal=True)
        if content is not None:
            named["Content-Type"] = "application/json"
        return self.raw(method, url, content=content, headers=named)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, **headers)

    def read(self, path: str, **headers: str) -> Any:
        """Body of a GET that must succeed; decimals stay exact."""
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return simplejson.loads(answer.text, use_decimal=True)

    def create(self, entity_set: str, **body: Any) -> str:
        """Guid of a new row; `x__bind` stands for `x@odata.bind`."""
        sent = {name.replace("__bind", "@odata.bind"): value for name, value in body.items()}
        answer = self.request("POST", entity_set, sent)
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")

    def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.request("PATCH", path, body, **headers)

    def accounts(self, count: int) -> list[str]:
        """Guids of new accounts `Account 0`, `Account 1`, …"""
        targets = [
            {"@odata.type": "Microsoft.Dynamics.CRM.account", "name": f"Account {n}"}
            for n in range(count)
        ]
        path = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
        answer = self.request("POST", path, {"Targets": targets})
        assert answer.status_code == 200, answer.text
        return answer.json()["Ids"]

    def product(self, number: str = "P1", **more: Any) -> str:
        return self.create(
            "products",
            **{
                "productnumber": number,
                "name": f"Product {number}",
                "quantitydecimal": 2,
                "defaultuomid__bind": f"/uoms({UNIT})",
                "defaultuomscheduleid__bind": f"/uomschedules({SCHEDULE})",
                **more,
            },
        )

    def price_list(self, name: str = "Retail", currency: str = USD) -> str:
        bind = f"/transactioncurrencies({currency})"
        return self.create("pricelevels", name=name, transactioncurrencyid__bind=bind)

    def order(self, **more: Any) -> str:
        account = self.create("accounts", name="Buyer")
        price_list = self.price_list(f"List {account}")
        return self.create(
            "salesorders",
            **{
                "name": "Order",
                "customerid_account__bind": f"/accounts({account})",
                "pricelevelid__bind": f"/pricelevels({price_list})",
                "transactioncurrencyid__bind": f"/transactioncurrencies({USD})",
                **more,
            },
        )


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refused request."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


def amount(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture(scope="session")
def model() -> Service:
    return load_service(METADATA)


@pytest.fixture
def sales(model) -> Iterator[Sales]:
    service = Sales(model)
    yield service
    service.close()


@pytest.fixture
def sales_with(model) -> Iterator[Any]:
    """A function that makes services with other settings."""
    created: list[Sales] = []

    def make(**settings: Any) -> Sales:
        created.append(Sales(model, SalesSettings(**settings)))
        return created[-1]

    yield make
    for service in created:
        service.close()
