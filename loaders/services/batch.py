"""Rows and their answers in one `$batch`: the same for both services."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from loaders.errors import AbortRun, AmbiguousAnswer, RetryLater, ServiceError
from loaders.exact_json import loads
from loaders.models import Change, Operation, Outcome, WriteTarget
from loaders.services.answer import own_error, request_id, retry_after
from loaders.services.http import DEFAULT_PAUSE, ServiceClient
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
from loaders.services.responses import sales_error, unencodable
from loaders.services.sizes import Load
from loaders.units import together, unit_of
from pipelines.common.origin import shown

ODATA = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
NOT_FOUND, SERVER_ERROR = 404, 500
PASSING = (401, 408, 423, 425, 429)


def sendable(
    rows: Sequence[Change], encoded: Sequence[Part | Outcome]
) -> tuple[list[Part], dict[str, Outcome]]:
    """The parts to send of rows that were encoded, or refused, one by one; and {write id: refusal}.

    Of a unit with a row that cannot be encoded nothing is sent.
    """
    by_id = {row.write_id: one for row, one in zip(rows, encoded, strict=True)}
    parts: list[Part] = []
    refused: dict[str, Outcome] = {}
    for members in together(rows, unit_of):
        ones = [by_id[row.write_id] for row in members]
        if wrong := next((one for one in ones if isinstance(one, Outcome)), None):
            refused |= {row.write_id: replace(wrong, write_id=row.write_id) for row in members}
        else:
            parts += [one for one in ones if isinstance(one, Part)]
    return parts, refused


class BatchClient:
    """Batches to one service; `root` is the URL that `$batch` hangs on."""

    def __init__(self, client: ServiceClient, root: str) -> None:
        self.client, self.root = client, root

    def read(self, parts: Sequence[Part], size: int) -> dict[str, Found]:
        """The record that each part asks for, as it is now, by content id; `size` parts in a batch.

        A record that the service does not show, or whose answer was cut off, is Unreadable; it
        costs no other. Raises RetryLater when a whole batch cannot be read.
        """
        records: dict[str, Found] = {}
        for start in range(0, len(parts), size):
            try:
                answers = self.send(parts[start : start + size])
            except AmbiguousAnswer as error:
                raise RetryLater(str(error), http_status=error.http_status) from error
            records |= {content_id: self._found(answer) for content_id, answer in answers.items()}
        return records

    def send(self, parts: Sequence[Part], load: Load | None = None) -> dict[str, PartAnswer | None]:
        """{content id: its answer}; None for parts that the service did not come to.

        Raises ServiceError when the batch as a whole was refused or its answer cannot be read.
        """
        if not parts:
            return {}
        boundary = f"batch_{uuid4().hex}"
        headers = {
            **ODATA,
            "Accept": "multipart/mixed",
            "Content-Type": f'multipart/mixed; boundary="{boundary}"',
            "Prefer": "odata.continue-on-error",
        }
        response = self.client.request(
            "POST",
            f"{self.root}/$batch",
            content=encode_batch(parts, boundary),
            headers=headers,
            load=load,
        )
        matched = self._matched(parts, response)
        self._respect_limits(matched)
        return matched

    def _respect_limits(self, matched: Mapping[str, PartAnswer | None]) -> None:
        """A part can be throttled inside a batch that is not (protocols B4): all workers wait
        then, too."""
        waits = [retry_after(a.headers) for a in matched.values() if a and a.status == 429]
        if waits:
            self.client.throttle.pause(max(wait or DEFAULT_PAUSE for wait in waits))

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
            message = f"{self.client.title} answered a broken batch: {error}."
            raise AmbiguousAnswer(message) from error

    def _refusal(self, response: httpx.Response) -> ServiceError:
        """A page instead of a batch: only the service's own error says that nothing was done."""
        title, status = self.client.title, response.status_code
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
            reason = f"{answer.status}: {sales_error(answer.body)[1] or 'no reason given'}"
            passing = not own_error(answer.body) or answer.status in PASSING
            return self._unreadable(reason, again=passing or answer.status >= SERVER_ERROR)
        try:
            return _record(loads(answer.body))
        except (ValueError, TypeError):
            return self._unreadable("the answer was cut off", again=True)

    def _unreadable(self, why: str, *, again: bool) -> Unreadable:
        """Without the record's name, so that the same cause has the same words."""
        return Unreadable(f"{self.client.title} did not let it be read back ({why}).", again)


class BatchWriter(ABC):
    """Writes rows as parts of batches, and reads them back so; what a part is, a service says."""

    request_id: str | None = None

    def __init__(self, client: ServiceClient, root: str, rows_per_request: int) -> None:
        self.rows_per_request = rows_per_request
        self._batches = BatchClient(client, root)

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        """Write rows of one operation; rows of one unit go in one change set."""
        parts, refused = sendable(rows, [self._encoded(target.of(row), row) for row in rows])
        answers = self._batches.send(parts, load_of(target, rows))
        return [
            refused.get(row.write_id) or self._outcome(row, answers[row.write_id]) for row in rows
        ]

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Found]:
        """The records as they are now, by write id; None where there is none."""
        parts: list[Part] = []
        unreadable: dict[str, Found] = {}
        for row in rows:
            try:
                parts.append(Part(row.write_id, "GET", self._read_url(target.of(row), row), ODATA))
            except EncodeError as error:
                unreadable[row.write_id] = Unreadable(f"It cannot be read back: {error}")
        return self._batches.read(parts, self.rows_per_request) | unreadable

    def size(self, target: WriteTarget, operation: Operation) -> int:
        """How many rows the next request should carry, as the last ones went."""
        return self._batches.client.sizes.of(f"{target.model} {operation}")

    @abstractmethod
    def _part(self, target: WriteTarget, row: Change) -> Part:
        """The request that writes the row. Raises EncodeError."""

    @abstractmethod
    def _read_url(self, target: WriteTarget, row: Change) -> str:
        """Where the row's record is read. Raises EncodeError."""

    @abstractmethod
    def _outcome(self, row: Change, answer: PartAnswer | None) -> Outcome:
        """What the answer means for the row; None: the batch ended before its part."""

    def _encoded(self, target: WriteTarget, row: Change) -> Part | Outcome:
        try:
            return self._part(target, row)
        except EncodeError as error:
            return unencodable(row, error)


def load_of(target: WriteTarget, rows: Sequence[Change]) -> Load:
    """What a request with these rows carries; all are of one operation."""
    return Load(f"{target.model} {rows[0].operation}", len(rows))


def _record(values: Mapping[str, object]) -> Record | None:
    found = values.get("value")
    if isinstance(found, list):
        values = dict(found[0]) if found else {}
    etag = values.get("@odata.etag")
    return Record(None if etag is None else str(etag), values) if values else None
