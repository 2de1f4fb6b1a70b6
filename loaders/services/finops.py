"""Writes to F&O through its OData service (protocols B2 to B6).

Everything goes in `$batch` with independent parts and absolute URLs. F&O has no upsert and no
"create only": a POST whose answer was lost is looked for by its key before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.exact_json import dumps, loads
from loaders.models import Change, Outcome, WriteTarget
from loaders.services.batch import ODATA, BatchClient, sendable
from loaders.services.http import ServiceClient
from loaders.services.multipart import Part
from loaders.services.payload import EncodeError, finops_body, finops_key
from loaders.services.records import Found, Unreadable
from loaders.services.responses import finops_outcome, unencodable


class FinopsWriter:
    """One F&O environment."""

    most_rows = 5_000  # protocols B4

    def __init__(
        self, client: ServiceClient, rows_per_request: int, *, read_before_update: bool = True
    ) -> None:
        self.rows_per_request = rows_per_request
        self.read_before_update = read_before_update
        self._root = f"{client.service.url.rstrip('/')}/data"
        self._batches = BatchClient(client, self._root)

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        """Write rows of one operation; rows of one unit go in one change set."""
        encoded = [self._encoded(target.of(row), row) for row in rows]
        parts, refused = sendable(rows, encoded)
        answers = self._batches.send(parts)
        return [
            refused.get(row.write_id) or finops_outcome(row, answers[row.write_id]) for row in rows
        ]

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Found]:
        """Rows by key."""
        parts: list[Part] = []
        unreadable: dict[str, Found] = {}
        for row in rows:
            try:
                url = self._row_url(target.of(row), row)
                parts.append(Part(row.write_id, "GET", url, ODATA))
            except EncodeError as error:
                unreadable[row.write_id] = Unreadable(f"It cannot be read back: {error}")
        return self._batches.read(parts, self.rows_per_request) | unreadable

    def _row_url(self, target: WriteTarget, row: Change) -> str:
        """Without `cross-company` a row of another company is "missing" for writes too
        (protocols B4)."""
        key = finops_key(target, loads(row.key_values))
        return f"{self._root}/{target.entity_set}{key}?cross-company=true"

    def _encoded(self, target: WriteTarget, row: Change) -> Part | Outcome:
        try:
            return self._part(target, row)
        except EncodeError as error:
            return unencodable(row, error)

    def _part(self, target: WriteTarget, row: Change) -> Part:
        values = loads(row.after)
        if row.operation == "create":
            content = finops_body(target, {**loads(row.key_values), **values}, create=True)
            url = f"{self._root}/{target.entity_set}"
            return Part(row.write_id, "POST", url, ODATA, dumps(content), row.unit)
        headers = {**ODATA, "If-Match": row.etag} if row.etag else ODATA
        url = self._row_url(target, row)
        if row.operation == "delete":
            return Part(row.write_id, "DELETE", url, headers, group=row.unit)
        changed = {name: value for name, value in values.items() if name not in target.key}
        content = finops_body(target, changed, create=False)
        return Part(row.write_id, "PATCH", url, headers, dumps(content), row.unit)
