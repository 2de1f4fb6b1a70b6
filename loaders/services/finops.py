"""Writes to F&O through its OData service (protocols B2 to B6).

Everything goes in `$batch` with independent parts and absolute URLs. F&O has no upsert and no
"create only": a POST whose answer was lost is looked for by its key before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.exact_json import dumps, loads
from loaders.models import Change, WriteTarget
from loaders.services.batch import ODATA, Exchange
from loaders.services.http import Connection
from loaders.services.multipart import Part
from loaders.services.payload import finops_body, finops_key
from loaders.services.records import Found
from loaders.services.responses import Answer, finops_answer


class FinopsWriter:
    """One F&O environment."""

    most_rows = 5_000  # protocols B4

    def __init__(
        self, connection: Connection, rows_per_request: int, *, looks_first: bool = True
    ) -> None:
        self.rows_per_request = rows_per_request
        self.looks_first = looks_first
        self._root = f"{connection.service.url.rstrip('/')}/data"
        self._batches = Exchange(connection, self._root)

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Answer]:
        """Write rows of one operation; rows of one unit go in one change set."""
        return self._batches.write(rows, lambda row: self._part(target.of(row), row), finops_answer)

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Found]:
        """Rows by key."""
        return self._batches.read(
            rows, lambda row: self._row_url(target.of(row), row), self.rows_per_request
        )

    def _row_url(self, target: WriteTarget, row: Change) -> str:
        """Without `cross-company` a row of another company is "missing" for writes too (B4)."""
        key = finops_key(target, loads(row.key_values))
        return f"{self._root}/{target.entity_set}{key}?cross-company=true"

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
