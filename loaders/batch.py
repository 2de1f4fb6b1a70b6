"""multipart/mixed `$batch` requests and answers (protocols A8, B4), one form for both services.

Parts stand alone or share a change set (all or nothing). Answers are matched to parts here, so
that a writer sees one answer for each part whatever the service did: fewer answers than parts (it
stopped at the first failure), one for a whole change set (it failed), another order inside of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from itertools import groupby

CRLF = b"\r\n"


@dataclass(frozen=True)
class Part:
    """One inner request. Parts in a row with the same `group` make one change set."""

    content_id: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    group: str | None = None


@dataclass(frozen=True)
class PartAnswer:
    """One inner answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    content_id: str | None = None


class BatchFormatError(ValueError):
    """The answer is no multipart document, or an inner answer has no status line."""


def encode_batch(parts: Sequence[Part], boundary: str) -> bytes:
    """The body to send with `multipart/mixed; boundary=…`; `boundary` must be in no part."""
    lines: list[bytes] = []
    for number, members in enumerate(change_sets(parts)):
        lines.append(b"--" + boundary.encode())
        if members[0].group is None:
            lines += _part_lines(members[0])
        else:
            lines += _change_set_lines(members, f"changeset_{number}_{boundary}")
    return CRLF.join([*lines, b"--" + boundary.encode() + b"--", b""])


def change_sets(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts as they stand in the batch: single ones alone, a group's together."""
    numbered = enumerate(parts)
    for _, members in groupby(numbered, lambda pair: pair[1].group or pair[0]):
        yield [part for _, part in members]


def _change_set_lines(members: Sequence[Part], boundary: str) -> list[bytes]:
    mark = boundary.encode()
    lines = [b"Content-Type: multipart/mixed; boundary=" + mark, b""]
    for part in members:
        lines += [b"--" + mark, *_part_lines(part)]
    return [*lines, b"--" + mark + b"--"]


def _part_lines(part: Part) -> list[bytes]:
    lines = [
        b"Content-Type: application/http",
        b"Content-Transfer-Encoding: binary",
        b"Content-ID: " + part.content_id.encode(),
        b"",
        f"{part.method} {part.url} HTTP/1.1".encode(),
    ]
    lines += [f"{name}: {value}".encode() for name, value in part.headers.items()]
    if part.body is not None:
        lines.append(b"Content-Type: application/json; type=entry")
    return [*lines, b"", part.body or b""]


def parse_batch(content_type: str, body: bytes) -> list[list[PartAnswer]]:
    """The answers as they stand: one in a list for a single part, several for a change set."""
    document = BytesParser().parsebytes(
        b"Content-Type: " + content_type.encode() + CRLF + CRLF + body
    )
    if not document.is_multipart():
        raise BatchFormatError(f"expected multipart/mixed, got {content_type!r}")
    return [_answers(entry) for entry in _entries(document)]


def _entries(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [entry for entry in payload if isinstance(entry, Message)] if payload else []


def _answers(entry: Message) -> list[PartAnswer]:
    if entry.is_multipart():
        return [_answer(inner) for inner in _entries(entry)]
    return [_answer(entry)]


def _answer(entry: Message) -> PartAnswer:
    payload = entry.get_payload(decode=True)
    raw = payload.lstrip() if isinstance(payload, bytes) else b""
    status_line, _, rest = raw.partition(b"\n")
    words = status_line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise BatchFormatError(f"no status line in a part: {status_line[:80]!r}")
    inner = BytesParser().parsebytes(rest)
    content = inner.get_payload(decode=True)
    return PartAnswer(
        status=int(words[1]),
        headers={name.lower(): str(value) for name, value in inner.items()},
        body=content.strip() if isinstance(content, bytes) else b"",
        content_id=entry["Content-ID"] or inner["Content-ID"],
    )


def match_answers(
    parts: Sequence[Part], answers: Sequence[Sequence[PartAnswer]]
) -> dict[str, PartAnswer | None]:
    """{content id: its answer}; None for parts the service did not come to."""
    matched: dict[str, PartAnswer | None] = {part.content_id: None for part in parts}
    for members, given in zip(change_sets(parts), answers, strict=False):
        if len(given) == 1:
            matched.update({part.content_id: given[0] for part in members})
        else:
            by_id = {answer.content_id: answer for answer in given if answer.content_id}
            for part, answer in zip(members, given, strict=False):
                matched[part.content_id] = by_id.get(part.content_id, answer)
    return matched
