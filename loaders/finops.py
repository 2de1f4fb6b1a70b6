"""Writes to F&O through its OData service (protocols B2 to B6).

Everything goes in `$batch` with independent parts and absolute URLs. F&O has no upsert and no
"create only": a POST whose answer was lost is looked for by its key, or by the columns the target
names as `reference` where F&O assigns the key, before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from loaders.answers import Answer, finops_answer
from loaders.batch import Part
from loaders.compare import Record
from loaders.encode import Json, dumps, finops_body, finops_key, key_literal, loads
from loaders.exchange import ODATA, Exchange
from loaders.http import Connection
from loaders.models import Change, WriteTarget


class FinopsWriter:
    """One F&O environment."""

    def __init__(
        self, connection: Connection, rows_per_request: int, *, looks_first: bool = True
    ) -> None:
        self.rows_per_request = rows_per_request
        self.looks_first = looks_first
        self._root = f"{connection.service.url.rstrip('/')}/data"
        self._batches = Exchange(connection, self._root)

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Answer]:
        """Write rows of one operation; rows with the same group go in one change set."""
        return self._batches.write(rows, lambda row: self._part(target, row), finops_answer)

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Record | None]:
        """Rows by key, or by reference for creates whose key F&O assigns."""
        return self._batches.read(
            rows, lambda row: self._read_url(target, row), self.rows_per_request
        )

    def _read_url(self, target: WriteTarget, row: Change) -> str:
        if row.operation != "create" or not target.reference:
            return self._row_url(target, row)
        values = {**loads(row.after), **_known(loads(row.key_values))}
        names = dict.fromkeys(n for n in (*target.key, *target.reference) if n in values)
        tests = (f"{name} eq {key_literal(target, name, values[name])}" for name in names)
        condition = quote(" and ".join(tests), safe="%'")
        return f"{self._root}/{target.entity_set}?cross-company=true&$filter={condition}"

    def _row_url(self, target: WriteTarget, row: Change) -> str:
        """Without `cross-company` a row of another company is "missing" for writes too (B4)."""
        key = finops_key(target, loads(row.key_values))
        return f"{self._root}/{target.entity_set}{key}?cross-company=true"

    def _part(self, target: WriteTarget, row: Change) -> Part:
        values = loads(row.after)
        group = _group(target, row, values)
        if row.operation == "create":
            content = finops_body(target, {**_known(loads(row.key_values)), **values}, create=True)
            url = f"{self._root}/{target.entity_set}"
            return Part(row.write_id, "POST", url, ODATA, dumps(content), group)
        headers = {**ODATA, "If-Match": row.etag} if row.etag else ODATA
        url = self._row_url(target, row)
        if row.operation == "delete":
            return Part(row.write_id, "DELETE", url, headers, group=group)
        changed = {name: value for name, value in values.items() if name not in target.key}
        content = finops_body(target, changed, create=False)
        return Part(row.write_id, "PATCH", url, headers, dumps(content), group)


def _known(key_values: Json) -> dict[str, Any]:
    return {name: value for name, value in key_values.items() if value is not None}


def _group(target: WriteTarget, row: Change, values: Json) -> str | None:
    if not target.group:
        return None
    known = {**values, **loads(row.key_values)}
    return "\x1f".join(str(known.get(name)) for name in target.group)
