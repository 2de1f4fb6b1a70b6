"""Requests below /data: which set, which row, and what is to be done with it (protocols part B)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from p2c_sandbox.finops import calls
from p2c_sandbox.finops.company import Company
from p2c_sandbox.finops.errors import FinopsError, NoSuchResource, body_of, throttled
from p2c_sandbox.finops.etags import etag
from p2c_sandbox.finops.lacking import check
from p2c_sandbox.finops.packages import actions as packages
from p2c_sandbox.finops.reading import Readings
from p2c_sandbox.finops.rules import NO_RULES, RULES
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.finops.values import key_form
from p2c_sandbox.finops.writing import Writings, id_of
from p2c_sandbox.odata.app import build
from p2c_sandbox.odata.auth import Auth
from p2c_sandbox.odata.batch import BatchRules, BatchRunner
from p2c_sandbox.odata.csdl import metadata
from p2c_sandbox.odata.errors import NotOffered, ServiceError
from p2c_sandbox.odata.http import Handler, Request, Response, json_response
from p2c_sandbox.odata.limits import Limiter
from p2c_sandbox.odata.media import answered
from p2c_sandbox.odata.model import Row, Service, Table, Value, load_service
from p2c_sandbox.odata.paths import Segment, key_of, parse_path
from p2c_sandbox.odata.store import Store

METADATA = Path(__file__).parent.parent / "metadata" / "finops"
ACTION_NAMESPACE = "Microsoft.Dynamics.DataEntities."


def finops_model() -> Service:
    """The tables of the service."""
    return load_service(METADATA)


def sets_elsewhere() -> frozenset[str]:
    """Data entities that the service has and the sandbox has not."""
    found = yaml.safe_load((METADATA / "_elsewhere.yml").read_text(encoding="utf-8"))
    return frozenset(found["sets"])


def create_app(
    store: Store,
    auth: Auth,
    *,
    settings: FinopsSettings | None = None,
    middleware: Sequence[Middleware] = (),
    around: Callable[[Handler], Handler] = lambda handler: handler,
) -> Starlette:
    """The service below /data, tokens at `/<tenant>/oauth2[/v2.0]/token`.

    The caller closes the store. Faults on request plug in as `middleware` and `around`.
    """
    settings = settings or FinopsSettings()
    service = Finops(store, settings, around)
    limiter = Limiter(settings, throttled)
    return build(
        service.answer,
        auth,
        roots=("/data",),
        limiter=limiter,
        middleware=middleware,
        routes=[*service.packages.blobs.routes(), *not_offered_routes()],
    )


def not_offered_routes() -> list[Route]:
    """Other interfaces of F&O say that they are not here, and not that nobody knows them."""

    async def answer(http: HttpRequest) -> JSONResponse:
        error = NotOffered(f"The sandbox does not offer {http.url.path}: it has /data only.")
        return JSONResponse(body_of(error), error.status)

    roots = ("/api/connector", "/api/services", "/soap", "/metadata", "/Metadata")
    return [Route(root + "/{rest:path}", answer, methods=["GET", "POST"]) for root in roots]


class Finops:
    """Answers requests; `handle` never raises for a request that is merely wrong.

    `answer` is `handle` with `around` put around it; the parts of a batch go through it too.
    """

    def __init__(
        self,
        store: Store,
        settings: FinopsSettings,
        around: Callable[[Handler], Handler] = lambda handler: handler,
    ) -> None:
        self.store = store
        self.settings = settings
        self.metadata = metadata(store.service)
        self.elsewhere = sets_elsewhere()
        self.readings = Readings(store, settings)
        self.writings = Writings(store, settings)
        self.packages = packages.Packages(self.writings)
        self.answer = around(self.handle)
        self.batches = BatchRunner(
            BatchRules(
                limit=settings.batch_limit,
                too_many=self._too_many,
                stop_on_error=False,
                error_status=lambda status: _part_status(status, settings),
                backwards=settings.batch_order == "reversed",
            ),
            self.answer,
            store.transaction,
            refused,
        )

    def handle(self, request: Request) -> Response:
        """The answer to one request, alone or inside a batch."""
        try:
            if request.method == "POST" and request.path.startswith(calls.ROOT):
                name = request.path.removeprefix(calls.ROOT)
                return json_response(calls.run(self.writings, name, request.json()))
            ieee754 = self.settings.ieee754 == "honoured"
            return answered(self._handle, request, ieee754=ieee754)
        except ServiceError as error:
            return refused(error)

    def _handle(self, request: Request) -> Response:
        segments = parse_path(request.path)
        answer = self._beside_tables(segments, request)
        return answer or self._of_table(segments, request)

    def _beside_tables(self, segments: list[Segment], request: Request) -> Response | None:
        if not segments:
            return self._service_document(request)
        name, posted = segments[0].name, request.method == "POST"
        if name == "$batch" and posted:
            return self.batches.run(request)
        if name == "$metadata":
            return Response(200, {"Content-Type": "application/xml"}, self.metadata)
        if name == packages.SET and len(segments) > 1 and posted:
            value = self.packages.run(segments[1].name, request)
            context = f"{request.root}/$metadata#Edm.String"
            return json_response({"@odata.context": context, "value": value})
        return None

    def _of_table(self, segments: list[Segment], request: Request) -> Response:
        missing = segments[0].name in self.settings.entities_missing
        table = None if missing else self.store.service.tables.get(segments[0].name)
        if table is None and segments[0].name in self.elsewhere:
            raise NotOffered(f"The sandbox does not offer the data entity '{segments[0].name}'.")
        if table is None:
            raise NoSuchResource(request.url)
        check(table, self.settings)
        company = Company.of(request.query, self.settings.default_company)
        if len(segments) > 1:
            return self._further(table, segments, request, company)
        if segments[0].key is None:
            return self._set(table, request, company)
        return self._row(table, self._key(table, segments[0], request), request, company)

    def _too_many(self, count: int) -> ServiceError:
        return FinopsError(
            f"The batch has {count} operations; at most {self.settings.batch_limit} are allowed."
        )

    def _service_document(self, request: Request) -> Response:
        sets = [
            {"name": name, "kind": "EntitySet", "url": name} for name in self.store.service.tables
        ]
        return json_response({"@odata.context": f"{request.root}/$metadata", "value": sets})

    def _further(
        self, table: Table, segments: list[Segment], request: Request, company: Company
    ) -> Response:
        """`/$count`, and actions of a set or of a row."""
        name = segments[1].name
        if name == "$count" and request.method == "GET" and segments[0].key is None:
            return self.readings.count(table, request, company)
        if name.startswith(ACTION_NAMESPACE) and request.method == "POST":
            return self._action(table, segments, request, company)
        raise NotOffered(f"The sandbox does not offer the path '{request.path}'.")

    def _action(
        self, table: Table, segments: list[Segment], request: Request, company: Company
    ) -> Response:
        name = segments[1].name.removeprefix(ACTION_NAMESPACE)
        action = RULES.get(table.set, NO_RULES).actions.get(name)
        if action is None:
            raise NotOffered(f"The sandbox does not offer the action '{name}' of {table.set}.")
        row: Row | None = None
        if segments[0].key is not None:
            key = self._key(table, segments[0], request)
            row = self.writings.find(table, key, company)
        with self.store.transaction():
            value = action(self.store, row, request.json())
        return json_response({"@odata.context": f"{request.root}/$metadata#", "value": value})

    def _set(self, table: Table, request: Request, company: Company) -> Response:
        if request.method == "GET":
            return self.readings.page(table, request, company)
        if request.method != "POST":
            raise FinopsError(
                f"The requested resource does not support http method '{request.method}'.",
                status=405,
            )
        with self.store.transaction():
            row = self.writings.insert(table, request.json(), company)
            answer = self.readings.one(table, request, id_of(row), 201)
            location = _address(table, row, request)
        return Response(201, {**answer.headers, "Location": location}, answer.body)

    def _row(
        self, table: Table, key: Mapping[str, Value], request: Request, company: Company
    ) -> Response:
        if request.method == "GET":
            return self._read(table, key, request, company)
        with self.store.transaction():
            found = self.writings.find(table, key, company)
            self.writings.check_etag(found, request.headers.get("if-match", ""))
            if request.method == "DELETE":
                self.writings.delete(table, found)
            else:
                replace = request.method == "PUT"
                self.writings.update(table, found, request.json(), replace=replace)
        return Response(204, {"OData-Version": "4.0"})

    def _read(
        self, table: Table, key: Mapping[str, Value], request: Request, company: Company
    ) -> Response:
        found = self.store.get(table.set, key)
        if found is None or not company.sees(table, found):
            raise NoSuchResource(request.url)
        answer = self.readings.one(table, request, id_of(found))
        version = found["_version"]
        assert isinstance(version, int)
        return Response(200, {**answer.headers, "ETag": etag(id_of(found), version)}, answer.body)

    def _key(self, table: Table, segment: Segment, request: Request) -> dict[str, Value]:
        """Protocols B2: a missing part is 400, a key that is not one is 404 with another body."""
        try:
            found = key_of(table, segment.key or {})
            key = {name: key_form(table.columns[name], value) for name, value in found.items()}
        except (KeyError, ValueError, ArithmeticError):
            raise NoSuchResource(request.url) from None
        unnamed = "" in (segment.key or {}) and len(table.key) > 1
        if unnamed or set(key) - set(table.key):
            raise NoSuchResource(request.url)
        if missing := [name for name in table.key if name not in key]:
            raise FinopsError(
                "More than one resource was found when selecting for the given key: "
                f"{', '.join(missing)} is missing."
            )
        return key


def refused(error: Exception) -> Response:
    """The answer for an error; one that is not the client's is passed on."""
    if not isinstance(error, ServiceError):
        raise error
    return json_response(body_of(error), error.status)


def _part_status(status: int, settings: FinopsSettings) -> int:
    """Protocols E10: refused rows inside a batch have been seen as 400 and as 500."""
    return settings.failed_part if status == 400 else status


def _address(table: Table, row: Row, request: Request) -> str:
    """Where a row is found again."""
    parts = ",".join(f"{name}={_literal(row[name])}" for name in table.key)
    return f"{request.root}/{table.set}({parts})"


def _literal(value: Value) -> str:
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return text if text.endswith("Z") and "T" in text else "'" + text.replace("'", "''") + "'"
