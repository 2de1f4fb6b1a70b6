"""Writes to F&O through its OData service (protocols B2 to B6).

Everything goes in `$batch` with independent parts and absolute URLs. F&O has no upsert and no
"create only": a POST whose answer was lost is looked for by its key before it is sent again.
"""

from __future__ import annotations

from loaders.exact_json import dumps, loads
from loaders.models import Change, Outcome, WriteTarget
from loaders.services.batch import ODATA, BatchWriter
from loaders.services.encoder import Encoders
from loaders.services.http import ServiceClient
from loaders.services.multipart import Part, PartAnswer
from loaders.services.payload import finops_key
from loaders.services.responses import finops_outcome


class FinopsWriter(BatchWriter):
    """One F&O environment."""

    most_rows = 5_000  # protocols B4

    def __init__(
        self, client: ServiceClient, rows_per_request: int, *, read_before_update: bool = True
    ) -> None:
        self.read_before_update = read_before_update
        self._encoders = Encoders()
        self._root = f"{client.service.url.rstrip('/')}/data"
        super().__init__(client, self._root, rows_per_request)

    def _outcome(self, row: Change, answer: PartAnswer | None) -> Outcome:
        return finops_outcome(row, answer)

    def _read_url(self, target: WriteTarget, row: Change) -> str:
        """Without `cross-company` a row of another company is "missing" for writes too
        (protocols B4)."""
        key = finops_key(target, loads(row.key_values))
        return f"{self._root}/{target.entity_set}{key}?cross-company=true"

    def _part(self, target: WriteTarget, row: Change) -> Part:
        encoder = self._encoders.of(target)
        if row.operation == "create":
            content = dumps(encoder.body_with_key(row))
            url = f"{self._root}/{target.entity_set}"
            return Part(row.write_id, "POST", url, ODATA, content, row.unit)
        headers = {**ODATA, "If-Match": row.etag} if row.etag else ODATA
        url = self._read_url(target, row)
        if row.operation == "delete":
            return Part(row.write_id, "DELETE", url, headers, group=row.unit)
        content = dumps(encoder.body(row))
        return Part(row.write_id, "PATCH", url, headers, content, row.unit)
