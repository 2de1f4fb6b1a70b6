"""Requests and answers as plain values, so that `$batch` can run the parts of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

import orjson
import simplejson

from p2c_sandbox.odata.errors import BadRequest

Json = dict[str, Any]


class Headers(dict[str, str]):
    """Header names in lower case."""

    @classmethod
    def of(cls, pairs: Mapping[str, str]) -> Headers:
        return cls({name.lower(): value for name, value in pairs.items()})


@dataclass(frozen=True)
class Request:
    """`path` is relative to the service root and still URL-encoded; `root` ends without slash."""

    method: str
    root: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    in_batch: bool = False

    @property
    def url(self) -> str:
        return f"{self.root}/{self.path}" + (f"?{self.query}" if self.query else "")

    def json(self) -> Json:
        """The body as an object; numbers with a point are Decimal. Raises BadRequest."""
        try:
            data = simplejson.loads(self.body or b"null", use_decimal=True)
        except ValueError as error:
            raise BadRequest(f"Invalid JSON. {error}") from error
        if not isinstance(data, dict):
            raise BadRequest("The request body must be a JSON object.")
        return cast(Json, data)

    @property
    def preferences(self) -> Mapping[str, str]:
        """`Prefer` as a mapping, e.g. {'odata.maxpagesize': '500', 'odata.track-changes': ''}."""
        found = {}
        for item in split_outside(self.headers.get("prefer", ""), ","):
            name, _, value = item.strip().partition("=")
            if name:
                found[name.strip().lower()] = value.strip().strip('"')
        return found


@dataclass(frozen=True)
class Response:
    """An answer before it meets the network."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Handler = Callable[[Request], Response]


def json_response(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON body."""
    content = {"Content-Type": "application/json; odata.metadata=minimal", "OData-Version": "4.0"}
    return Response(status, {**content, **(headers or {})}, orjson.dumps(data))


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside quotes and parentheses."""
    parts, depth, quoted, start = [], 0, "", 0
    for position, char in enumerate(text):
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "'\"":
            quoted = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == separator and not depth:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return parts


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Query string as decoded pairs, in order."""
    pairs = []
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            pairs.append((_decode(name), _decode(value)))
    return pairs


def _decode(text: str) -> str:
    return unquote(text.replace("+", " "))
