"""Sends parts as one `$batch` and returns an answer for each: the same for both services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from loaders.errors import AbortRun, AmbiguousAnswer, RetryLater, ServiceError
from loaders.exact_json import loads
from loaders.models import Change
from loaders.services.http import DEFAULT_PAUSE, Connection, own_error, request_id, retry_after
from loaders.services.multipart import (
    BatchFormatError,
    Part,
    PartAnswer,
    encode_batch,
    is_whole,
    match_answers,
    parse_batch,
)
from loaders.services.payload import EncodeError
from loaders.services.records import Found, Record, Unreadable
from loaders.services.responses import Answer, not_reached, sales_error, unencodable
from loaders.units import together, unit_of
from pipelines.common.origin import shown

ODATA = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
NOT_FOUND, SERVER_ERROR = 404, 500
PASSING = (401, 408, 423, 425, 429)
MakePart = Callable[[Change], Part]
Judge = Callable[[Change, PartAnswer], Answer]


class _Unencodable(Exception):
    """A row that does not fit its declared types."""

    def __init__(self, row: Change, error: EncodeError) -> None:
        self.row, self.error = row, error
        super().__init__(str(error))


class Exchange:
    """Batches to one service; `root` is the URL that `$batch` hangs on."""

    def __init__(self, connection: Connection, root: str) -> None:
        self.connection, self.root = connection, root

    def write(self, rows: Sequence[Change], make_part: MakePart, judge: Judge) -> list[Answer]:
        """One answer for each row; a unit that cannot be encoded is answered without being sent."""
        parts: list[Part] = []
        answers: dict[str, Answer] = {}
        for members in together(rows, unit_of):
            try:
                parts += _parts(members, make_part)
            except _Unencodable as wrong:
                refused = unencodable(wrong.row, wrong.error)
                answers |= {r.write_id: replace(refused, write_id=r.write_id) for r in members}
        matched = self._send(parts) if parts else {}
        for row in rows:
            if row.write_id in matched:
                given = matched[row.write_id]
                answers[row.write_id] = _judged(row, given, judge) if given else not_reached(row)
        return [answers[row.write_id] for row in rows]

    def read(
        self, rows: Sequence[Change], url: Callable[[Change], str], size: int
    ) -> Mapping[str, Found]:
        """The record behind each row as it is now, `size` reads in a batch.

        A record that the service does not show, or whose answer was cut off, is Unreadable; it
        costs no other. Raises RetryLater when a whole batch cannot be read.
        """
        records: dict[str, Found] = {}
        parts = self._reads(rows, url, records)
        for start in range(0, len(parts), size):
            try:
                matched = self._send(parts[start : start + size])
            except AmbiguousAnswer as error:
                raise RetryLater(str(error), http_status=error.http_status) from error
            for write_id, answer in matched.items():
                records[write_id] = self._found(answer)
        return records

    def _reads(
        self, rows: Sequence[Change], url: Callable[[Change], str], records: dict[str, Found]
    ) -> list[Part]:
        """A read for each row; one whose key has no address is Unreadable at once."""
        parts = []
        for row in rows:
            try:
                parts.append(Part(row.write_id, "GET", url(row), ODATA))
            except EncodeError as error:
                records[row.write_id] = Unreadable(f"It cannot be read back: {error}")
        return parts

    def _send(self, parts: list[Part]) -> dict[str, PartAnswer | None]:
        boundary = f"batch_{uuid4().hex}"
        headers = {
            **ODATA,
            "Accept": "multipart/mixed",
            "Content-Type": f'multipart/mixed; boundary="{boundary}"',
            "Prefer": "odata.continue-on-error",
        }
        response = self.connection.request(
            "POST", f"{self.root}/$batch", content=encode_batch(parts, boundary), headers=headers
        )
        matched = self._matched(parts, response)
        self._respect_limits(matched)
        return matched

    def _respect_limits(self, matched: Mapping[str, PartAnswer | None]) -> None:
        """A part can be throttled inside a batch that is not (B4): all workers wait then, too."""
        waits = [retry_after(a.headers) for a in matched.values() if a and a.status == 429]
        if waits:
            self.connection.gate.pause(max(wait or DEFAULT_PAUSE for wait in waits))

    def _matched(
        self, parts: Sequence[Part], response: httpx.Response
    ) -> dict[str, PartAnswer | None]:
        content_type = response.headers.get("Content-Type", "")
        if "multipart/" not in content_type.lower():
            raise self._refusal(response)
        try:
            answers = parse_batch(content_type, response.content)
            return match_answers(parts, answers, whole=is_whole(content_type, response.content))
        except BatchFormatError as error:
            said = f"{self.connection.title} answered a broken batch: {error}."
            raise AmbiguousAnswer(said) from error

    def _refusal(self, response: httpx.Response) -> ServiceError:
        """A page instead of a batch: only the service's own error says that nothing was done."""
        title, status = self.connection.title, response.status_code
        text = " ".join(response.text.split())[:300]
        facts: dict[str, Any] = {"http_status": status, "request_id": request_id(response.headers)}
        if response.is_client_error and own_error(response.content):
            return AbortRun(f"{title} refuses a whole batch ({status}): {text}", **facts)
        where = shown(self.root)
        return AmbiguousAnswer(f"{title} ({where}) answered a batch with {status}: {text}", **facts)

    def _found(self, answer: PartAnswer | None) -> Found:
        """A single record, the first of a collection, none, or why it cannot be told."""
        if answer is None:
            return self._unreadable("the batch stopped before it", again=True)
        if answer.status == NOT_FOUND and own_error(answer.body):
            return None
        if not 200 <= answer.status < 300:
            said = f"{answer.status}: {sales_error(answer.body)[1] or 'no reason given'}"
            passing = not own_error(answer.body) or answer.status in PASSING
            return self._unreadable(said, again=passing or answer.status >= SERVER_ERROR)
        try:
            return _record(loads(answer.body))
        except (ValueError, TypeError):
            return self._unreadable("the answer was cut off", again=True)

    def _unreadable(self, why: str, *, again: bool) -> Unreadable:
        """Without the record's name, so that the same cause has the same words."""
        return Unreadable(f"{self.connection.title} did not let it be read back ({why}).", again)


def _record(values: Mapping[str, object]) -> Record | None:
    found = values.get("value")
    if isinstance(found, list):
        values = dict(found[0]) if found else {}
    etag = values.get("@odata.etag")
    return Record(None if etag is None else str(etag), values) if values else None


def _parts(rows: Sequence[Change], make_part: MakePart) -> list[Part]:
    parts = []
    for row in rows:
        try:
            parts.append(make_part(row))
        except EncodeError as error:
            raise _Unencodable(row, error) from error
    return parts


def _judged(row: Change, given: PartAnswer, judge: Judge) -> Answer:
    return replace(judge(row, given), named=given.content_id)
