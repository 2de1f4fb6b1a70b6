"""The regular form of a batch's answer, read in one pass; anything else is left to email.parser.

Regular is what both services send: lines that end in CRLF, nothing before the first boundary, the
closing line at the end, parts of `application/http` in plain bytes with one answer each, or change
sets of such parts. `None` says that an answer is anything but that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# Of a type that is multipart: the boundary, quoted or not, and nothing that a parser must unquote.
BOUNDARY = re.compile(rb'multipart/mixed; ?boundary="?([\w.-]+)"?\s*', re.I)
HEADERS = rb"((?:[A-Za-z][\w-]*: ?[^\r\n]*\r\n)*)"
SET = re.compile(HEADERS + rb"\r\n(--.*)", re.S)
PART = re.compile(
    HEADERS + rb"\r\nHTTP/1\.1 ([2-5]\d\d)(?: [^\r\n]*)?\r\n" + HEADERS + rb"\r\n(.*)", re.S
)
PLAIN = (b"", b"binary", b"8bit", b"7bit")


class Headers(dict[str, str]):
    """Header lines as they came; names are found in any case, the first of a name."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        for line in raw.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            if colon:
                self.setdefault(name.decode("ascii").lower(), _text(value.strip()))

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The value, or the default."""
        return super().get(name.lower(), default)


class Answer(NamedTuple):
    """One inner answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    content_id: str | None


def regular_answers(content_type: str, body: bytes) -> list[list[Answer]] | None:
    """The answers as they stand: one in a list for a single part, several for a change set."""
    pieces = _pieces(content_type.encode("latin-1", "replace"), body)
    if pieces is None:
        return None
    units: list[list[Answer]] = []
    for piece in pieces:
        unit = _unit(piece)
        if unit is None:
            return None
        units.append(unit)
    return units


def _pieces(content_type: bytes, body: bytes) -> list[bytes] | None:
    """What stands between the boundary's lines."""
    found = BOUNDARY.fullmatch(content_type)
    if found is None:
        return None
    line = b"--" + found[1]
    start, end = line + b"\r\n", line + b"--"
    inside, closed, after = (b"\r\n" + body).partition(b"\r\n" + end)
    if not closed or after.strip() or not inside.startswith(b"\r\n" + start):
        return None
    return inside[len(start) + 2 :].split(b"\r\n" + start)


def _unit(piece: bytes) -> list[Answer] | None:
    if found := PART.fullmatch(piece):
        answer = _answer(*found.groups())
        return None if answer is None else [answer]
    if not (members := SET.fullmatch(piece)):
        return None
    kind = Headers(members[1]).get("content-type") or ""
    pieces = _pieces(kind.encode("latin-1", "replace"), members[2])
    answers = list(_answers(pieces or ()))
    return answers if pieces and len(answers) == len(pieces) else None


def _answers(pieces: list[bytes] | tuple[()]) -> Iterator[Answer]:
    for piece in pieces:
        found = PART.fullmatch(piece)
        answer = _answer(*found.groups()) if found else None
        if answer is not None:
            yield answer


def _answer(outer: bytes, status: bytes, inner: bytes, body: bytes) -> Answer | None:
    about, headers = Headers(outer), Headers(inner)
    coding = (about.get("content-transfer-encoding") or "").lower().encode()
    kind = (about.get("content-type") or "").lower()
    if kind != "application/http" or coding not in PLAIN:
        return None
    if "content-transfer-encoding" in headers:
        return None
    name = about.get("content-id") or headers.get("content-id") or ""
    return Answer(int(status), headers, body.strip(), name.strip(" <>") or None)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
