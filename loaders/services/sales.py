"""Writes to Sales through the Dataverse Web API (protocols A6 to A11).

Creates go in bulk messages where the table has them, with ids chosen before; updates in `$batch`
with If-Match, so that an update never creates and never overwrites a row that moved. A bulk
message is atomic and does not say which row failed: its rows then go out again as the parts of one
batch, so that one bad row costs itself and one more call.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from loaders.errors import AmbiguousAnswer, BulkRefused, RetryLater
from loaders.exact_json import dumps, loads
from loaders.models import Change, Outcome, WriteTarget
from loaders.services.answer import json_object, own_error, request_id
from loaders.services.batch import ODATA, BatchWriter, load_of
from loaders.services.encoder import Encoders
from loaders.services.http import ServiceClient
from loaders.services.multipart import Part, PartAnswer
from loaders.services.payload import EncodeError, column_of, sales_key
from loaders.services.responses import sales_error, sales_outcome, unencodable

JSON = {**ODATA, "Content-Type": "application/json"}
CREATE = {**ODATA, "If-None-Match": "*"}
BULK_REFUSALS = 2


class SalesWriter(BatchWriter):
    """One Sales environment."""

    most_rows = 1_000  # protocols A8

    def __init__(self, client: ServiceClient, rows_per_request: int) -> None:
        service = client.service
        self.read_before_update = False  # Dataverse refuses an old ETag (protocols A7)
        self._client = client
        self._root = f"{service.url.rstrip('/')}/api/data/{service.api_version}"
        self._path = urlsplit(self._root).path
        super().__init__(client, self._root, rows_per_request)
        self._encoders = Encoders()
        self._asks = threading.Lock()
        self._bulk: dict[str, bool] = {}
        self._refusals: dict[str, int] = {}

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        """Write rows of one operation."""
        if _is_bulk(rows) and self._has_bulk(target):
            with suppress(BulkRefused):
                return self._create_multiple(target, rows)
        return super().send(target, rows)

    def _read_url(self, target: WriteTarget, row: Change) -> str:
        names = [*target.key, *loads(row.before), *loads(row.after)]
        selected = (column_of(target, name).held_as for name in names)
        return f"{self._row_url(target, row)}?$select={','.join(dict.fromkeys(selected))}"

    def _row_url(self, target: WriteTarget, row: Change) -> str:
        return f"{self._path}/{target.entity_set}{sales_key(loads(row.key_values))}"

    def _outcome(self, row: Change, answer: PartAnswer | None) -> Outcome:
        return sales_outcome(row, answer)

    def _part(self, target: WriteTarget, row: Change) -> Part:
        """If-None-Match makes a PATCH a pure create, If-Match a pure update (protocols A7)."""
        url = self._row_url(target, row)
        if row.operation == "delete":
            return Part(row.write_id, "DELETE", url, _pinned(row), group=row.unit)
        headers = CREATE if row.operation == "create" else _pinned(row)
        body = dumps(self._encoders.of(target).body(row))
        return Part(row.write_id, "PATCH", url, headers, body, row.unit)

    def _has_bulk(self, target: WriteTarget) -> bool:
        """Whether the table has CreateMultiple, asked once, and has not refused it repeatedly."""
        name = target.entity_set
        with self._asks:
            if name not in self._bulk:
                self._bulk[name] = self._probe(target)
        return self._bulk[name] and self._refusals.get(name, 0) < BULK_REFUSALS

    def _probe(self, target: WriteTarget) -> bool:
        """The availability test of protocols A9."""
        condition = (
            "sdkmessageid/name eq 'CreateMultiple' and "
            f"primaryobjecttypecode eq '{logical_name(target)}'"
        )
        query = f"$select=sdkmessagefilterid&$filter={quote(condition)}"
        try:
            response = self._client.request(
                "GET", f"{self._root}/sdkmessagefilters?{query}", headers=ODATA
            )
        except AmbiguousAnswer as error:
            raise RetryLater(str(error), http_status=error.http_status) from error
        return response.is_success and bool(json_object(response).get("value"))

    def _create_multiple(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        kind, encoder = f"Microsoft.Dynamics.CRM.{logical_name(target)}", self._encoders.of(target)
        bodies: dict[str, dict[str, Any]] = {}
        refused: list[Outcome] = []
        for row in rows:
            try:
                body = encoder.body(row)
            except EncodeError as error:
                refused.append(unencodable(row, error))
            else:
                bodies[row.write_id] = {"@odata.type": kind, **loads(row.key_values), **body}
        return refused + (self._post_targets(target, rows, bodies) if bodies else [])

    def _post_targets(
        self,
        target: WriteTarget,
        rows: Sequence[Change],
        bodies: Mapping[str, Mapping[str, Any]],
    ) -> list[Outcome]:
        response = self._client.request(
            "POST",
            f"{self._root}/{target.entity_set}/Microsoft.Dynamics.CRM.CreateMultiple",
            content=dumps({"Targets": list(bodies.values())}),
            headers=JSON,
            load=load_of(target, rows),
        )
        if not response.is_success:
            self._refused(target, response)
        ids = json_object(response).get("Ids")
        if not isinstance(ids, list) or len(ids) != len(bodies):
            raise AmbiguousAnswer(f"CreateMultiple of {target.entity_set} did not name its ids.")
        self._refusals.pop(target.entity_set, None)
        status, request = response.status_code, request_id(response.headers)
        chosen = {row.write_id: row.record_id for row in rows}
        return [
            Outcome(
                write_id,
                "acknowledged",
                status,
                request_id=request,
                record_id=None if record_id == chosen[write_id] else record_id,
            )
            for write_id, record_id in zip(bodies, ids, strict=True)
        ]

    def _refused(self, target: WriteTarget, response: httpx.Response) -> None:
        """Nothing was written: one transaction (protocols A9). But only Sales can say so."""
        name = target.entity_set
        code, message = sales_error(response.content)
        facts: dict[str, Any] = {"http_status": response.status_code, "code": code}
        if not own_error(response.content) or (response.is_server_error and not code):
            raise AmbiguousAnswer(f"CreateMultiple of {name} failed: {message}", **facts)
        self._refusals[name] = self._refusals.get(name, 0) + 1
        raise BulkRefused(f"CreateMultiple of {name} was refused: {message}", **facts)


def _is_bulk(rows: Sequence[Change]) -> bool:
    """Creates of one table: a unit's are of several, and go in a change set."""
    return len(rows) > 1 and all(row.operation == "create" and not row.unit for row in rows)


def logical_name(target: WriteTarget) -> str:
    """A table's primary id is its logical name and `id`; `meta.writes.logical_name` says else."""
    return target.logical_name or target.key[0].removesuffix("id")


def _pinned(row: Change) -> dict[str, str]:
    return {**ODATA, "If-Match": row.etag or "*"}
