"""Multipart `$batch` (protocols A8, B4): parts in order, change sets all or nothing,
Content-IDs."""

from __future__ import annotations

import email
import email.policy
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from email.message import Message
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from p2c_sandbox.odata.errors import BadRequest, NotOffered
from p2c_sandbox.odata.http import Handler, Headers, Request, Response

CRLF = b"\r\n"
_REFERENCE = re.compile(r"\$(?P<id>[\w-]+)")
_BODY_REFERENCE = re.compile(
    rb'(?P<head>"@odata\.(?:bind|id)"\s*:\s*"|@odata\.bind"\s*:\s*"|\[\s*")'
    rb'\$(?P<id>[\w-]+)(?=["/])'
)


@dataclass(frozen=True)
class BatchRules:
    """How a service runs batches. `error_status` may change the status of failed parts
    (protocols B4); `backwards` runs the parts from the last to the first, answered in their own
    order (protocols E12)."""

    limit: int
    too_many: Callable[[int], Exception]
    stop_on_error: bool
    outer_error_status: int = 200
    error_status: Callable[[int], int] = field(default=lambda status: status)
    backwards: bool = False


@dataclass(frozen=True)
class _Part:
    """One inner request with its Content-ID, or the reason why it cannot be read."""

    request: Request
    content_id: str | None


class _Rollback(Exception):
    def __init__(self, response: Response, content_id: str | None) -> None:
        super().__init__()
        self.response = response
        self.content_id = content_id


class BatchRunner:
    """Runs one batch: `handle` answers a single request, `transaction` opens a change set."""

    def __init__(
        self,
        rules: BatchRules,
        handle: Handler,
        transaction: Callable[[], AbstractContextManager[None]],
        refuse: Callable[[Exception], Response],
    ) -> None:
        self.rules = rules
        self.handle = handle
        self.transaction = transaction
        self.refuse = refuse

    def run(self, request: Request) -> Response:
        """Answer of the whole batch. Raises BadRequest when the body is not a batch."""
        items = [_read(part, request) for part in _parts(request)]
        total = sum(len(item) if isinstance(item, list) else 1 for item in items)
        if total > self.rules.limit:
            raise self.rules.too_many(total)
        go_on = "odata.continue-on-error" in request.preferences or not self.rules.stop_on_error
        answers, failed = [], False
        for item in reversed(items) if self.rules.backwards else items:
            answer, ok = self._change_set(item) if isinstance(item, list) else self._single(item)
            answers.append(answer)
            if not ok:
                failed = True
                if not go_on:
                    break
        status = self.rules.outer_error_status if failed and not go_on else 200
        in_order = answers[::-1] if self.rules.backwards else answers
        return _composed("batchresponse", in_order, status)

    def _single(self, part: _Part) -> tuple[bytes, bool]:
        response = self._answer(part.request)
        return _http_part(response, part.content_id), response.status < 400

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("$batch"):
            return self.refuse(BadRequest("A batch cannot contain another batch."))
        response = self.handle(replace(request, in_batch=True))
        if response.status >= 400:
            return replace(response, status=self.rules.error_status(response.status))
        return response

    def _change_set(self, parts: list[_Part]) -> tuple[bytes, bool]:
        """All or nothing; a failure is one single part that stands for the change set."""
        try:
            with self.transaction():
                answers = list(self._in_change_set(parts))
        except _Rollback as failure:
            return _http_part(failure.response, failure.content_id), False
        boundary = f"changesetresponse_{uuid.uuid4()}"
        head = f'Content-Type: multipart/mixed; boundary="{boundary}"'.encode()
        return head + CRLF + CRLF + _joined(boundary, answers), True

    def _in_change_set(self, parts: list[_Part]) -> Iterator[bytes]:
        known: dict[str, str] = {}
        for part in parts:
            try:
                request = _resolved(part.request, known)
                if request.method == "GET":
                    raise BadRequest("A change set cannot contain a GET request.")
            except BadRequest as error:
                raise _Rollback(self.refuse(error), part.content_id) from error
            response = self._answer(request)
            if response.status >= 400:
                raise _Rollback(response, part.content_id)
            if part.content_id:
                location = response.headers.get("OData-EntityId") or response.headers.get(
                    "Location"
                )
                known[part.content_id] = location or request.url.partition("?")[0]
            yield _http_part(response, part.content_id)


def _resolved(request: Request, known: dict[str, str]) -> Request:
    """Put the URLs of earlier parts in the place of `$1` (protocols A8)."""

    def url_of(content_id: str) -> str:
        if content_id not in known:
            raise BadRequest(f"Content-ID Reference: '${content_id}' does not exist in the batch.")
        return known[content_id]

    def in_body(match: re.Match[bytes]) -> bytes:
        return match["head"] + url_of(match["id"].decode()).encode()

    body = _BODY_REFERENCE.sub(in_body, request.body)
    match = _REFERENCE.match(request.path)
    if match is None or match["id"] in ("metadata", "batch"):
        return replace(request, body=body)
    url = url_of(match["id"]) + request.path[match.end() :]
    return replace(request, path=url.removeprefix(request.root + "/"), body=body)


# -- reading -------------------------------------------------------------------------------------


def _parts(request: Request) -> list[Message]:
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/mixed"):
        if "json" in content_type:
            raise NotOffered("JSON batches are OData 4.01; send multipart/mixed.")
        raise BadRequest("The batch request must have the content type multipart/mixed.")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = email.message_from_bytes(head + request.body, policy=email.policy.compat32)
    if not message.is_multipart():
        raise BadRequest("The batch request has no parts between its boundaries.")
    return cast(list[Message], message.get_payload())


def _read(part: Message, outer: Request) -> _Part | list[_Part]:
    if part.get_content_type() == "multipart/mixed":
        if not part.is_multipart():
            raise BadRequest("A change set has no parts between its boundaries.")
        return [_inner(inner, outer) for inner in cast(list[Message], part.get_payload())]
    return _inner(part, outer)


def _inner(part: Message, outer: Request) -> _Part:
    if part.get_content_type() != "application/http":
        raise BadRequest("Each part of a batch must have the content type application/http.")
    payload = cast(bytes, part.get_payload(decode=True)).lstrip(b"\r\n")
    line, _, rest = payload.partition(b"\n")
    words = line.decode("utf-8").strip().split(" ")
    if len(words) < 2:
        raise BadRequest("A part of the batch has no request line.")
    head, body = _head_and_body(rest)
    url = " ".join(words[1:-1]) if words[-1].startswith("HTTP/") else " ".join(words[1:])
    path, query = _relative(url, outer.root)
    request = Request(words[0].upper(), outer.root, path, query, head, body)
    content_id = part.get("Content-ID") or head.get("content-id")
    return _Part(request, content_id)


def _head_and_body(rest: bytes) -> tuple[Headers, bytes]:
    """Headers up to the first empty line. Lines should end in CRLF; LF alone is read too."""
    if rest.startswith((b"\r\n", b"\n")):
        return Headers(), rest.lstrip(b"\r\n").rstrip(b"\r\n")
    split = re.split(rb"\r?\n\r?\n", rest, maxsplit=1)
    lines = split[0].decode("latin-1").splitlines()
    pairs = {n.strip(): v.strip() for n, _, v in (line.partition(":") for line in lines) if n}
    return Headers.of(pairs), (split[1] if len(split) > 1 else b"").rstrip(b"\r\n")


def _relative(url: str, root: str) -> tuple[str, str]:
    """Inner URLs may be absolute, absolute paths, or relative to the service root."""
    split = urlsplit(url)
    path = split.path
    root_path = urlsplit(root).path
    if split.scheme or path.startswith("/"):
        generic = re.sub(r"/v\d+\.\d+$", r"/v[0-9]+\\.[0-9]+", root_path)
        path = re.sub(f"^{generic}/?", "", path)
    return path.lstrip("/"), split.query


# -- writing -------------------------------------------------------------------------------------


def _http_part(response: Response, content_id: str | None) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        lines.append(f"Content-ID: {content_id}")
    phrase = HTTPStatus(response.status).phrase
    lines += ["", f"HTTP/1.1 {response.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join(lines).encode() + CRLF + CRLF + response.body


def _joined(boundary: str, parts: list[bytes]) -> bytes:
    mark = f"--{boundary}".encode()
    body = b"".join(mark + CRLF + part + CRLF for part in parts)
    return body + mark + b"--" + CRLF


def _composed(prefix: str, parts: list[bytes], status: int) -> Response:
    boundary = f"{prefix}_{uuid.uuid4()}"
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"}
    return Response(status, headers, _joined(boundary, parts))
