"""multipart/mixed `$batch` requests and answers (protocols A8, B4), one form for both services.

Parts stand alone or share a change set (all or nothing). Answers are matched to parts here, by the
echoed Content-ID where there is one, so that a writer sees one answer for each part whatever the
service did: fewer answers than parts (it stopped at the first failure), one for a whole change set
(it failed), another order. What cannot be matched for certain is refused: a row must never get
another row's verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from itertools import groupby

import httpx

from loaders.services.regular import regular_answers

CRLF = b"\r\n"
STATUS = re.compile(rb"[1-5]\d\d")
BLANK_LINE = re.compile(rb"^\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One inner request. Parts in a row with the same `group` make one change set."""

    content_id: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """One inner answer; its headers are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    content_id: str | None = None


# Stands for an answer that did not arrive: its part may or may not have been processed.
LOST = PartAnswer(0, {}, b"")
Answers = Sequence[PartAnswer]


class BatchFormatError(ValueError):
    """No multipart document, a part without a status line, or answers that fit no part."""


def encode_batch(parts: Sequence[Part], boundary: str) -> bytes:
    """The body to send with `multipart/mixed; boundary=…`; `boundary` must be in no part."""
    mark = f"--{boundary}"
    pieces: list[bytes] = []
    for number, members in enumerate(change_sets(parts)):
        if not members[0].group:
            pieces.append(_encoded(mark, members[0]))
        else:
            inner = f"changeset_{number}_{boundary}"
            opening = f"{mark}\r\nContent-Type: multipart/mixed; boundary={inner}\r\n\r\n"
            pieces += [opening.encode(), *(_encoded(f"--{inner}", part) for part in members)]
            pieces.append(f"--{inner}--\r\n".encode())
    return b"".join([*pieces, f"{mark}--\r\n".encode()])


def change_sets(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts as they stand in the batch: single ones alone, a group's together."""
    for group, members in groupby(parts, lambda part: part.group):
        if not group:
            yield from ([part] for part in members)
        else:
            yield list(members)


def _encoded(mark: str, part: Part) -> bytes:
    """One part after its boundary's line, each line with its end."""
    headers = "".join([f"{name}: {value}\r\n" for name, value in part.headers.items()])
    kind = "" if part.body is None else "Content-Type: application/json; type=entry\r\n"
    head = (
        f"{mark}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: {part.content_id}\r\n\r\n"
        f"{part.method} {part.url} HTTP/1.1\r\n{headers}{kind}\r\n"
    )
    return b"%b%b\r\n" % (head.encode(), part.body or b"")


def parse_batch(content_type: str, body: bytes) -> list[list[PartAnswer]]:
    """The answers as they stand: one in a list for a single part, several for a change set."""
    if (regular := regular_answers(content_type, body)) is not None:
        return [[PartAnswer(*answer) for answer in unit] for unit in regular]
    return parse_any(content_type, body)


def parse_any(content_type: str, body: bytes) -> list[list[PartAnswer]]:
    """The same in whatever form multipart may have, at thirty times the cost."""
    document = BytesParser().parsebytes(
        b"Content-Type: " + content_type.encode() + CRLF + CRLF + body
    )
    if not document.is_multipart():
        raise BatchFormatError(f"expected multipart/mixed, got {content_type!r}")
    return [_answers(entry) for entry in _entries(document)]


def is_whole(content_type: str, body: bytes) -> bool:
    """Whether the answer has its closing line; without it the end was cut off on the way."""
    head = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + CRLF + CRLF)
    boundary = head.get_boundary()
    return bool(boundary) and f"--{boundary}--".encode() in body


def _entries(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [entry for entry in payload if isinstance(entry, Message)] if payload else []


def _answers(entry: Message) -> list[PartAnswer]:
    if entry.is_multipart():
        return [_answer(inner) for inner in _entries(entry)]
    return [_answer(entry)]


def _answer(entry: Message) -> PartAnswer:
    payload = entry.get_payload(decode=True)
    status, rest = _final(payload if isinstance(payload, bytes) else b"")
    inner = BytesParser().parsebytes(rest)
    content = inner.get_payload(decode=True)
    return PartAnswer(
        status=status,
        headers=httpx.Headers([(n.encode(), str(v).strip().encode()) for n, v in inner.items()]),
        body=content.strip() if isinstance(content, bytes) else b"",
        content_id=str(entry["Content-ID"] or inner["Content-ID"] or "").strip(" <>") or None,
    )


def _final(raw: bytes) -> tuple[int, bytes]:
    """Status and rest of the last answer in a part: `100 Continue` may stand before it."""
    status_line, _, rest = raw.lstrip().partition(b"\n")
    words = status_line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not STATUS.fullmatch(words[1]):
        raise BatchFormatError(f"no status line in a part: {status_line[:80]!r}")
    if words[1].startswith(b"1"):
        return _final(BLANK_LINE.split(rest, maxsplit=1)[-1])
    return int(words[1]), rest


def match_answers(
    parts: Sequence[Part], answers: Sequence[Answers], *, whole: bool = True
) -> dict[str, PartAnswer | None]:
    """{content id: its answer}; None for parts the service did not come to.

    It stops at a failure only. Where the answers end otherwise, or were cut off (not `whole`), the
    rest is LOST. Raises BatchFormatError when an answer cannot be told to belong to its part.
    """
    stopped = whole and bool(answers) and all(one.status >= 400 for one in answers[-1])
    rest = None if stopped else LOST
    matched: dict[str, PartAnswer | None] = {part.content_id: rest for part in parts}
    for members, of_unit in _placed(list(change_sets(parts)), answers):
        matched.update(_within(members, of_unit))
    return matched


def _placed(
    units: Sequence[list[Part]], answers: Sequence[Answers]
) -> Iterator[tuple[list[Part], Answers]]:
    """Each answered unit with its answers: by id where every answer has one, else by place."""
    if len(answers) > len(units):
        raise BatchFormatError(f"{len(answers)} answers to {len(units)} parts")
    unit_of = {part.content_id: number for number, unit in enumerate(units) for part in unit}
    by_id = all(any(one.content_id for one in found) for found in answers)
    left = set(range(len(units)))
    for place, found in enumerate(answers):
        named = {unit_of.get(one.content_id) for one in found if one.content_id}
        number = named.pop() if by_id else place
        if number not in left or named - {number}:
            raise BatchFormatError("its Content-IDs are not those that were sent")
        left.remove(number)
        yield units[number], found


def _within(members: Sequence[Part], found: Answers) -> dict[str, PartAnswer | None]:
    """The parts of one unit; a single error stands for a whole change set."""
    if len(found) == 1 and (len(members) == 1 or found[0].status >= 400):
        return {part.content_id: found[0] for part in members}
    if len(found) != len(members):
        raise BatchFormatError(f"{len(found)} answers to a change set of {len(members)}")
    by_id = {answer.content_id: answer for answer in found}
    if None in by_id:
        return {part.content_id: one for part, one in zip(members, found, strict=True)}
    if by_id.keys() != {part.content_id for part in members}:
        raise BatchFormatError("the Content-IDs of a change set are not those that were sent")
    return {part.content_id: by_id[part.content_id] for part in members}
