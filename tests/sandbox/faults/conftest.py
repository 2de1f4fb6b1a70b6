"""A sandbox that misbehaves on request, and a client that notices everything."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from p2c_sandbox.process import Running, Service

# A server that closes with bytes of the request unread resets the connection; else it just ends.
# Which of the two a client sees depends on what arrived first.
CONNECTION_LOST = (httpx.RemoteProtocolError, httpx.ReadError)


@dataclass
class Client:
    """One service of a running sandbox; every request opens a connection of its own."""

    running: Running
    service: Service
    base: str
    token: str = ""

    def __post_init__(self) -> None:
        self.sign_in()

    def http(self) -> httpx.Client:
        return httpx.Client(trust_env=False, verify=False, timeout=10)

    def ask_token(self) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.running.client_id,
            "client_secret": self.running.client_secret,
            "scope": f"{self.service.url}/.default",
        }
        with self.http() as http:
            return http.post(self.service.token_url, data=form)

    def sign_in(self) -> None:
        self.token = self.ask_token().json()["access_token"]

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        url = path if path.startswith("http") else f"{self.service.url}{self.base}{path}"
        with self.http() as http:
            return http.request(method, url, json=body, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return self.send("POST", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return self.send("PATCH", path, body, **more)

    def batch(self, *requests: tuple[str, str, str], **headers: str) -> httpx.Response:
        """Independent parts: (method, path, JSON text)."""
        parts = [
            "--batch_1\r\nContent-Type: application/http\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n"
            f"{method} {self.base}{path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}"
            for method, path, body in requests
        ]
        content = "\r\n".join([*parts, "--batch_1--", ""])
        kind = {"Content-Type": "multipart/mixed; boundary=batch_1"}
        return self.post("$batch", None, content=content, headers=kind | headers)

    def count(self, entity_set: str) -> int:
        return int(self.get(f"{entity_set}/$count").text.lstrip("\ufeff"))


def clients(running: Running) -> tuple[Client, Client]:
    """Clients of Sales and of F&O."""
    return (
        Client(running, running.sales, "/api/data/v9.2/"),
        Client(running, running.finops, "/data/"),
    )


@pytest.fixture(scope="module")
def running(sandbox_base) -> Running:
    return sandbox_base()


@pytest.fixture(scope="module")
def both(running) -> tuple[Client, Client]:
    return clients(running)


@pytest.fixture
def faults(running):
    """The faults of the sandbox; none are left behind."""
    yield running.faults
    running.faults.clear()


@pytest.fixture
def sales(both) -> Client:
    both[0].sign_in()
    return both[0]


@pytest.fixture
def finops(both) -> Client:
    both[1].sign_in()
    return both[1]
