"""A small service that answers as both systems do on the paths the pipelines use.

It knows the columns the pipelines declare and nothing of the business; faults are attributes.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipelines.finops import FinopsConnection
from pipelines.finops import declared_tables as finops_tables
from pipelines.sales import SalesConnection
from pipelines.sales import declared_tables as sales_tables

SECRET = "right"
CREDENTIALS = {"client_id": "app", "client_secret": SECRET}


@dataclass
class Fake:
    """Rows by entity set and key, with versions; what was asked for is in `asked`."""

    page_size: int = 10000
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    deleted: list[tuple[int, str, str]] = field(default_factory=list)
    version: int = 0
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    # faults
    busy: int = 0
    oldest_token: int = 0
    lives: int = 3599
    revoked: bool = False
    untracked: set[str] = field(default_factory=set)
    absent: dict[str, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    miscount: int = 0
    hidden_changes: list[int] = field(default_factory=list)
    overlap: int = 0
    revoke_after: int = 0
    answer: tuple[int, str] | None = None
    token_answer: tuple[int, str] | None = None
    count_answer: bytes | None = None
    organisation: str = "00000000-0000-0000-0000-0000000000aa"
    redirect: dict[str, str] = field(default_factory=dict)  # entity set or "token" → address
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    mangle: Callable[[dict[str, Any]], Any] = lambda page: page
    # what was asked
    preferences: dict[str, set[str]] = field(default_factory=dict)
    filters: Counter[str] = field(default_factory=Counter)
    scopes: set[str] = field(default_factory=set)
    secrets: list[str] = field(default_factory=list)
    secret: str = SECRET
    bearer: str = "good"

    def reset(self) -> None:
        """Forget rows, faults and what was asked; only the address stays."""
        url = self.url
        self.__init__()
        self.url = url

    def put(self, entity_set: str, **row: Any) -> None:
        """Insert or replace a row by its key; F&O rows by (dataAreaId, …)."""
        self.version += 1
        key = "/".join(str(row[name]) for name in _keys()[entity_set])
        self.rows.setdefault(entity_set, {})[key] = {**row, "@version": self.version}

    def remove(self, entity_set: str, key: str) -> None:
        self.version += 1
        del self.rows[entity_set][key]
        self.deleted.append((self.version, entity_set, key))

    @property
    def sales(self) -> SalesConnection:
        return SalesConnection(self.url, f"{self.url}/t/oauth2/v2.0/token", **CREDENTIALS)

    @property
    def finops(self) -> FinopsConnection:
        return FinopsConnection(self.url, f"{self.url}/t/oauth2/v2.0/token", **CREDENTIALS)

    # routes

    async def token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        self.asked["token"] += 1
        self.secrets += form.get("client_secret", [])
        if "token" in self.redirect:
            return RedirectResponse(self.redirect["token"])
        if self.token_answer:
            return Response(self.token_answer[1], self.token_answer[0])
        self.revoked = False
        if form["client_secret"] != [self.secret]:
            description = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
            return JSONResponse({"error": "invalid_client", "error_description": description}, 401)
        self.scopes.update(form["scope"])
        return JSONResponse({"access_token": self.bearer, "expires_in": self.lives})

    async def sales_rows(self, request: Request) -> Response:
        if refused := self.guarded(request):
            return refused
        if request.path_params["set"] == "WhoAmI":
            return JSONResponse({"OrganizationId": self.organisation})
        return self.sales_answer(request)

    async def finops_rows(self, request: Request) -> Response:
        return self.guarded(request) or self.finops_answer(request)

    def guarded(self, request: Request) -> Response | None:
        entity_set = request.path_params["set"].split("(")[0]
        self.asked[entity_set] += 1
        if prefer := request.headers.get("prefer"):
            self.preferences.setdefault(entity_set, set()).add(prefer)
        if self.revoke_after:
            self.revoke_after -= 1
            self.revoked = self.revoke_after == 0
        self.secrets.append(request.headers.get("authorization", ""))
        if self.secrets[-1] != f"Bearer {self.bearer}" or self.revoked:
            return _error(401, "", "unauthorized")
        if fault := self.fault(request, entity_set):
            return fault
        if entity_set in self.gone:
            return _error(404, "0x80060888", f"Resource not found for the segment '{entity_set}'.")
        return self.unknown_column(request, entity_set)

    def fault(self, request: Request, entity_set: str) -> Response | None:
        looks = "$top" in request.query_params
        if entity_set in self.redirect and not looks:
            return RedirectResponse(self.redirect[entity_set])
        if self.refusals and not looks:
            status, headers = self.refusals.pop(0)
            return Response("", status, headers)
        if self.busy:
            self.busy -= 1
            return Response("<html>busy</html>", 503, {"Retry-After": "0"})
        return Response(self.answer[1], self.answer[0]) if self.answer else None

    def unknown_column(self, request: Request, entity_set: str) -> Response | None:
        for name in request.query_params.get("$select", "").split(","):
            if name in self.absent.get(entity_set, ()):
                message = f"Could not find a property named '{name}' on type 'Ns.{entity_set}'."
                return _error(400, "0x80060888", message)
        return None

    def sales_answer(self, request: Request) -> Response:
        path, query = request.path_params["set"], request.query_params
        single = re.fullmatch(r"(\w+)\((.+)\)", path)
        if single:
            found = single[2] in self.rows.get(single[1], {})
            return JSONResponse({}) if found else _error(404, "0x80040217", "Does Not Exist")
        tracked = "odata.track-changes" in request.headers.get("prefer", "")
        if tracked and path in self.untracked:
            return _error(400, "0x80072491", "Change tracking is not enabled.")
        since = int(query.get("$deltatoken", query.get("$since", "0")))
        if since and since < self.oldest_token:
            return _error(400, "0x80044352", "Version stamp … has expired.")
        entries: list[dict[str, Any]] = [
            row for row in self.rows.get(path, {}).values() if row["@version"] > since
        ]
        if "modifiedon ge" in query.get("$filter", ""):
            self.filters[path] += 1
            entries = [row for row in entries if row.get("modifiedon", "") >= query["$filter"][14:]]
        if since:
            entries += [
                {
                    "@odata.context": f"x/$metadata#{path}/$deletedEntity",
                    "id": key,
                    "reason": "deleted",
                }
                for version, name, key in self.deleted
                if version > since and name == path
            ]
        if request.path_params.get("count") and self.count_answer is not None:
            return Response(self.count_answer)
        if request.path_params.get("count"):
            missed = self.hidden_changes.pop(0) if since and self.hidden_changes else 0
            return PlainTextResponse(str(len(entries) + self.miscount + missed))
        answer = self.page(path, query, entries)
        if tracked and "@odata.nextLink" not in answer:
            select = quote(query.get("$select", ""))
            answer["@odata.deltaLink"] = (
                f"{self.url}/api/data/v9.2/{path}?$select={select}&$deltatoken={self.version}"
            )
        return self.sent(answer)

    def finops_answer(self, request: Request) -> Response:
        path, query = request.path_params["set"], request.query_params
        every = query.get("cross-company") == "true"
        rows = [row for row in self.rows.get(path, {}).values() if every or _company(row) == "usmf"]
        if request.path_params.get("count"):
            return PlainTextResponse(str(len(rows) + self.miscount))
        assert query.get("$top") or query["$orderby"] == ",".join(_keys()[path])
        return self.sent(self.page(path, query, sorted(rows, key=str)))

    def sent(self, page: dict[str, Any]) -> Response:
        """The page, or whatever a test makes of it: another document, or bytes."""
        body = self.mangle(page)
        if isinstance(body, bytes):
            return Response(body, media_type="application/json")
        return _json(body)

    def page(self, path: str, query: Any, entries: list[dict[str, Any]]) -> dict[str, Any]:
        start, size = int(query.get("$skip", "0")), self.page_size
        shown = [
            self.shown(entry, query["$select"].split(","))
            for entry in entries[start : start + size]
        ]
        answer: dict[str, Any] = {"@odata.context": "x", "value": shown}
        if start + size < len(entries):
            base = "data" if "cross-company" in query else "api/data/v9.2"
            kept = "&".join(f"{k}={quote(v)}" for k, v in query.items() if k != "$skip")
            answer["@odata.nextLink"] = (
                f"{self.url}/{base}/{path}?{kept}&$skip={start + size - self.overlap}"
            )
        return answer

    def shown(self, entry: dict[str, Any], select: list[str]) -> dict[str, Any]:
        if "reason" in entry:
            return entry
        named = {name: entry.get(name) for name in select if name not in self.silent}
        return {"@odata.etag": f'W/"{entry["@version"]}"', **named, **self.extra}


def _company(row: dict[str, Any]) -> str:
    return str(row["dataAreaId"])


@functools.cache
def _keys() -> dict[str, tuple[str, ...]]:
    connections = (SalesConnection("u", "t", "i", "s"), FinopsConnection("u", "t", "i", "s"))
    tables = [*sales_tables(connections[0]).values(), *finops_tables(connections[1]).values()]
    keys = {table.entity_set: table.key_fields for table in tables}
    return {**keys, "CustomersV3": keys["CustomersV2"]}


def _json(body: Any) -> Response:
    # Values written as `Raw` keep their digits: the tests decide how a number is spelled.
    text = re.sub(r'"raw:([^"]+)"', r"\1", json.dumps(body))
    return Response(text, media_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


@contextmanager
def running(fake: Fake) -> Iterator[Fake]:
    """The service on a free port of the loopback, in a thread."""
    routes = [Route("/{tenant}/oauth2/v2.0/token", fake.token, methods=["POST"])]
    for root, endpoint in (("api/data/v9.2", fake.sales_rows), ("data", fake.finops_rows)):
        routes += [
            Route(f"/{root}/{{set}}/{{count:path}}", endpoint),
            Route(f"/{root}/{{set}}", endpoint),
        ]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    socket.listen()  # so that a request waits for the thread instead of being refused
    fake.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield fake
    finally:
        server.should_exit = True
        thread.join()
        socket.close()
