"""The Sales service: which request goes where (Dataverse Web API, protocols part A)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from p2c_sandbox.odata.batch import BatchRules, BatchRunner
from p2c_sandbox.odata.csdl import metadata
from p2c_sandbox.odata.errors import BadRequest, NotOffered, ServiceError, UnknownProperty
from p2c_sandbox.odata.http import Handler, Request, Response, json_response, query_pairs
from p2c_sandbox.odata.media import answered
from p2c_sandbox.odata.model import Table
from p2c_sandbox.odata.paths import Segment, parse_path
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales import functions
from p2c_sandbox.sales.annotations import PREFERENCE
from p2c_sandbox.sales.bound import check_bound
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.caller import caller
from p2c_sandbox.sales.definitions import requests as definitions
from p2c_sandbox.sales.delta import Delta, is_delta
from p2c_sandbox.sales.elsewhere import ELSEWHERE
from p2c_sandbox.sales.errors import error_response, no_resource, not_allowed
from p2c_sandbox.sales.links import Links
from p2c_sandbox.sales.operations import operations
from p2c_sandbox.sales.reading import Readings, SalesReader, read_options
from p2c_sandbox.sales.rows import Rows
from p2c_sandbox.sales.security.access import demand
from p2c_sandbox.sales.security.requests import Security
from p2c_sandbox.sales.settings import SalesSettings
from p2c_sandbox.sales.web_actions import Actions
from p2c_sandbox.sales.writing import Writer

_LOG = logging.getLogger("p2c_sandbox.sales")
_READS = ("GET", "HEAD")


def _check_length(request: Request) -> None:
    """A3: longest URL of a GET, alone and in a batch."""
    limit = 65_536 if request.in_batch else 32_768
    if request.method in _READS and len(request.url) > limit:
        raise BadRequest(f"The URL is longer than {limit} characters.", status=414)


class SalesService:
    """Answers requests below `/api/data/v9.x`. Requests run one after another (store lock).

    `answer` is `handle` with `around` put around it; the parts of a batch go through it too.
    """

    def __init__(
        self,
        store: Store,
        settings: SalesSettings | None = None,
        around: Callable[[Handler], Handler] = lambda handler: handler,
    ) -> None:
        self.store = store
        self.settings = settings or SalesSettings()
        self.readings = Readings(store, self.settings, SalesReader(store, self.settings))
        self.delta = Delta(self.readings)
        self.writer = Writer(store.service)
        self.rows = Rows(self.readings, self.writer)
        self.security = Security(self.readings)
        self.links = Links(self.readings, self.writer)
        self.actions = Actions(self.readings, self.writer)
        self.answer = around(self.handle)

    def handle(self, request: Request) -> Response:
        """Answer any request; refusals become error bodies."""
        try:
            with self.store.lock:
                ieee754 = self.settings.ieee754 == "honoured"
                response = answered(self._answer, request, ieee754=ieee754)
        except UnknownProperty as error:
            response = self._refuse(request, ELSEWHERE.instead_of(error) or error)
        except ServiceError as error:
            response = self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the log has it, the client a 500
            _LOG.exception("unexpected error in %s %s", request.method, request.path)
            failure = ServiceError("An unexpected error occurred.", code="0x80040224", status=500)
            response = self._refuse(request, failure)
        request_id = str(uuid.uuid4())
        common = {"REQ_ID": request_id, "x-ms-service-request-id": request_id}
        common["x-ms-dop-hint"] = str(self.settings.dop_hint)
        return replace(response, headers={**common, **response.headers})

    def _refuse(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, ServiceError):
            error = ServiceError(str(error))
        return error_response(error, details=PREFERENCE in request.preferences)

    def _answer(self, request: Request) -> Response:
        _check_length(request)
        if (special := self._special(request)) is not None:
            return special
        segments = parse_path(request.path)
        call = Call(self.store, self.settings, caller(self.store, request))
        if segments[0].name in definitions.SETS:
            return definitions.answer(self.store.service, segments, request)
        table = self.store.service.tables.get(segments[0].name)
        if table is None:
            return self._operation(call, segments, request)
        if (answer := self.security.answer(call, table, segments, request)) is not None:
            return answer
        check_bound(self.store.service, segments[1:], request)
        if request.method in _READS:
            return self._read(call, table, segments, request)
        return self._write(call, table, segments, request)

    def _special(self, request: Request) -> Response | None:
        if request.method == "POST" and request.path == "$batch":
            return self._batch(request)
        if request.path.rstrip("/") == "":
            return self._service_document(request)
        return self._metadata(request) if request.path == "$metadata" else None

    def _metadata(self, request: Request) -> Response:
        """Annotations come with `?annotations=true` (protocols A4), and with the preference that a
        client library sends for them."""
        asked = dict(query_pairs(request.query)).get("annotations") == "true"
        service, wanted = self.store.service, asked or PREFERENCE in request.preferences
        body = metadata(service, annotations=wanted, operations=operations(service))
        return Response(200, {"Content-Type": "application/xml", "OData-Version": "4.0"}, body)

    def _service_document(self, request: Request) -> Response:
        sets = [{"name": n, "kind": "EntitySet", "url": n} for n in self.store.service.tables]
        return json_response({"@odata.context": f"{request.root}/$metadata", "value": sets})

    def _operation(self, call: Call, segments: list[Segment], request: Request) -> Response:
        """Actions by POST, functions by GET; what only the service has is 501."""
        name = segments[0].name
        if ELSEWHERE.has_resource(name):
            raise NotOffered(f"'{name}' is not offered by the sandbox.")
        if len(segments) > 1 or not (self.actions.offers(name) or functions.offers(name)):
            raise no_resource(name)
        if request.method not in (("POST",) if self.actions.offers(name) else _READS):
            raise not_allowed(request)
        if functions.offers(name):
            return json_response(functions.run(call, segments[0], request))
        with self.store.transaction():
            return self.actions.run(call, name, request)

    def _read(
        self, call: Call, table: Table, segments: list[Segment], request: Request
    ) -> Response:
        demand(call, table, "Read")
        head, rest = segments[0], segments[1:]
        if head.key is not None:
            return self._read_row(call, table, head.key, rest, request)
        delta = is_delta(request, read_options(request.query))
        if not rest:
            if delta:
                return self.delta.page(request, table)
            return self.readings.collection(request, table)
        if rest[0].name == "$count":
            if delta:
                return self.delta.count(request, table)
            return self.readings.count(request, table)
        raise ELSEWHERE.unknown_part(table.entity, rest[0].name)

    def _read_row(
        self,
        call: Call,
        table: Table,
        key: Mapping[str, str],
        rest: list[Segment],
        request: Request,
    ) -> Response:
        if not rest:
            return self.rows.read(call, table, key, request)
        return self.links.read(call, table, key, rest, request)

    def _write(
        self, call: Call, table: Table, segments: list[Segment], request: Request
    ) -> Response:
        if table.system:
            raise BadRequest(f"Rows of '{table.set}' cannot be written.", status=405)
        with self.store.transaction():
            head, rest = segments[0], segments[1:]
            if head.key is not None and rest:
                demand(call, table, "Write")
                return self.links.write(call, table, head.key, rest, request)
            return self.rows.write(call, table, head.key, rest, request)

    def _batch(self, request: Request) -> Response:
        """Protocols A8: at most 1,000 parts; stops at the first failing one and answers 400."""
        rules = BatchRules(
            limit=self.settings.batch_limit,
            too_many=self._too_many,
            stop_on_error=True,
            outer_error_status=400,
        )
        runner = BatchRunner(
            rules, self.answer, self.store.transaction, lambda error: self._refuse(request, error)
        )
        return runner.run(request)

    def _too_many(self, found: int) -> BadRequest:
        limit = self.settings.batch_limit
        return BadRequest(
            f"Number of requests in the batch ({found}) exceeds the limit of {limit}."
        )
