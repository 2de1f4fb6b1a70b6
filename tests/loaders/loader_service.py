"""A service in memory that speaks what the writers speak."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx

from loaders import Service

# services in memory

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class FakeService:
    """Rows by URL key, speaking `$batch`, CreateMultiple and the conditional rules of Dataverse.

    Change sets are all or nothing; `names_parts`: answers carry the Content-ID of their part.
    `before` and `after` are called around the work of every request that is no token request;
    either may raise or return a response of its own instead. `moves` names the records whose
    version moves as one is deleted.
    """

    system: str = "sales"
    bulk: bool = True
    names_parts: bool = True
    moves: Callable[[str], Iterable[str]] = lambda key: ()
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    refuse: Callable[[dict[str, Any]], str | None] = lambda body: None
    before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    tokens: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def service(self) -> Service:
        name: Any = self.system
        url = f"https://{self.system}.example"
        return Service(
            name, url, f"{url}/token", "client", "hush", transport=httpx.MockTransport(self)
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            self.tokens += 1
            token = {"access_token": f"t{self.tokens}", "expires_in": 3600}
            return httpx.Response(200, json=token)
        self.requests.append(request)
        early = self.before(request)
        if early is not None:
            return early
        with self.lock:
            response = self._work(request)
        return self.after(request) or response

    @property
    def paths(self) -> list[str]:
        """Last part of every request's path, tokens aside."""
        return [request.url.path.rsplit("/", 1)[-1] for request in self.requests]

    def _work(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sdkmessagefilters"):
            return httpx.Response(200, json={"value": [{"sdkmessagefilterid": "x"}] * self.bulk})
        if request.url.path.endswith("CreateMultiple"):
            return self._create_multiple(request)
        return self._batch(request)

    def _create_multiple(self, request: httpx.Request) -> httpx.Response:
        bodies = json.loads(request.content)["Targets"]
        message = next((text for body in bodies if (text := self.refuse(body))), None)
        keys = [f"({body['widgetid' if 'widgetid' in body else 'ownerid']})" for body in bodies]
        if message:
            return httpx.Response(400, json={"error": {"code": "0x80040203", "message": message}})
        if any(key in self.rows for key in keys):
            body = {"error": {"code": "0x80040237", "message": "matching key values exist"}}
            return httpx.Response(412, json=body)
        for key, body in zip(keys, bodies, strict=True):
            self.put(key, body)
        return httpx.Response(200, json={"Ids": [key[1:-1] for key in keys]})

    def put(self, key: str, values: dict[str, Any]) -> None:
        self.versions[key] = self.versions.get(key, 0) + 1
        self.rows[key] = {**self.rows.get(key, {}), **values}

    def _batch(self, request: httpx.Request) -> httpx.Response:
        document = BytesParser().parsebytes(
            b"Content-Type: "
            + request.headers["Content-Type"].encode()
            + b"\r\n\r\n"
            + request.content
        )
        lines = [f"--b\r\n{self._part(part)}\r\n" for part in document.get_payload()]
        content = "".join(lines) + "--b--\r\n"
        return httpx.Response(
            200, content=content.encode(), headers={"Content-Type": "multipart/mixed; boundary=b"}
        )

    def _part(self, part: Message) -> str:
        return self._change_set(part) if part.is_multipart() else self._single(part)[1]

    def _single(self, part: Message) -> tuple[int, str]:
        status, headers, body = self._inner(part.get_payload(decode=True))
        text = json.dumps(body) if body is not None else ""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return status, (
            "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
            f"{self._content_id(part)}\r\nHTTP/1.1 {status} Said\r\n{head}\r\n{text}\r\n"
        )

    def _content_id(self, part: Message) -> str:
        return f"Content-ID: {part['Content-ID']}\r\n" if self.names_parts else ""

    def _change_set(self, parts: Message) -> str:
        """All or nothing; one answer when it fails."""
        rows, versions = dict(self.rows), dict(self.versions)
        answers = []
        for part in parts.get_payload():
            status, text = self._single(part)
            if status >= 400:
                self.rows, self.versions = rows, versions
                return text
            answers.append(f"--s\r\n{text}\r\n")
        return f"Content-Type: multipart/mixed; boundary=s\r\n\r\n{''.join(answers)}--s--\r\n"

    def _inner(self, raw: bytes) -> tuple[int, dict[str, str], Any]:
        head, _, content = raw.lstrip().partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in rest)
        body = json.loads(content) if content.strip() else {}
        key = url[url.find("(") : url.rfind(")") + 1]
        if self.system == "finops" and method == "POST":
            key = f"(dataAreaId='{body['dataAreaId']}',Number='{body['Number']}')"
        return self._apply(method, key, headers, body)

    def _apply(
        self, method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        if method == "GET":
            return self._get(key)
        refusal = self._refusal(method, key, headers, body)
        if refusal:
            return refusal
        if method == "DELETE":
            del self.rows[key]
            for other in self.moves(key):
                self.put(other, {})
        else:
            self.put(key, body)
        return 201 if method == "POST" else 204, {}, None

    def _get(self, key: str) -> tuple[int, dict[str, str], Any]:
        if key not in self.rows:
            return 404, {}, self._error("gone")
        return 200, {}, {"@odata.etag": f'W/"{self.versions[key]}"', **self.rows[key]}

    def _refusal(
        self, method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any] | None:
        there = key in self.rows
        if (message := self.refuse(body)) is not None:
            return 400, {"REQ_ID": "r-1"}, self._error(message)
        if method == "POST":
            error = self._error("Cannot create a record. The record already exists.")
            return (400, {}, error) if there else None
        if headers.get("If-None-Match") == "*":
            error = self._error("matching key values already exists", "0x80040237")
            return (412, {}, error) if there else None
        if not there:
            return self._missing()
        if headers.get("If-Match") not in ("*", None, f'W/"{self.versions[key]}"'):
            return 412, {}, self._error("RowVersion does not match", "0x80060882")
        return None

    def _missing(self) -> tuple[int, dict[str, str], Any]:
        if self.system == "finops":
            return 400, {}, self._error("No resources were found when selecting for update.")
        return 404, {}, self._error("widget does not exist", "0x80040217")

    def _error(self, message: str, code: str = "0x80040203") -> dict[str, Any]:
        if self.system == "finops":
            inner = {"message": message, "type": "A.B.AxODataWriteException"}
            return {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}
        return {"error": {"code": code, "message": message}}
