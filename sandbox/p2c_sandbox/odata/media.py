"""What a client says of JSON in `Accept` and `Content-Type`: control information, long numbers.

`odata.metadata=minimal` is what the services send; `none` leaves out control information but links
and counts; `full` is not offered. `IEEE754Compatible=true` makes decimals and 64-bit integers of
rows texts, and lets a client send them so (OData JSON 4.0, 4.5 and 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import orjson
import simplejson

from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.http import Handler, Request, Response, query_pairs

# Of the request that is being answered.
NUMBERS_AS_TEXT: ContextVar[bool] = ContextVar("NUMBERS_AS_TEXT", default=False)
_TEXTS_AS_NUMBERS: ContextVar[bool] = ContextVar("_TEXTS_AS_NUMBERS", default=False)
_JSON = "application/json"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_KEPT = ("nextLink", "count", "deltaLink")


@dataclass(frozen=True)
class Media:
    """The parameters of `application/json` in one header."""

    metadata: str = "minimal"
    numbers_as_text: bool = False

    @classmethod
    def of(cls, header: str) -> Media:
        """The first media type that is JSON; another one says nothing."""
        for item in header.split(","):
            kind, *parameters = (part.strip() for part in item.split(";"))
            if kind.lower() == _JSON:
                values = dict(_parameter(text) for text in parameters)
                metadata = values.get("odata.metadata", "minimal")
                return cls(metadata, values.get("ieee754compatible") == "true")
        return cls()

    @property
    def name(self) -> str:
        """As the answer's Content-Type."""
        numbers = "; IEEE754Compatible=true" if self.numbers_as_text else ""
        return f"{_JSON}; odata.metadata={self.metadata}{numbers}"


def answered(handler: Handler, request: Request, *, ieee754: bool) -> Response:
    """The answer of a handler in the form that the client asked for. Raises NotOffered."""
    wanted = Media.of(dict(query_pairs(request.query)).get("$format") or _accept(request))
    sent = Media.of(request.headers.get("content-type", ""))
    if wanted.metadata == "full":
        raise NotOffered("The sandbox does not offer odata.metadata=full.")
    if not ieee754:
        wanted, sent = replace(wanted, numbers_as_text=False), Media()
    marks = NUMBERS_AS_TEXT.set(wanted.numbers_as_text), _TEXTS_AS_NUMBERS.set(sent.numbers_as_text)
    try:
        return _in_form(handler(request), wanted)
    finally:
        NUMBERS_AS_TEXT.reset(marks[0])
        _TEXTS_AS_NUMBERS.reset(marks[1])


def number_in(value: object) -> object:
    """A number that a client sent as text, when it said that it does so."""
    if isinstance(value, str) and _TEXTS_AS_NUMBERS.get() and _NUMBER.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return value


def _accept(request: Request) -> str:
    return request.headers.get("accept", "")


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"').lower()


def _in_form(response: Response, wanted: Media) -> Response:
    kind = response.headers.get("Content-Type", "")
    if wanted == Media() or not kind.startswith(_JSON) or response.status >= 400:
        return response
    body = response.body
    if wanted.metadata == "none":
        parsed = simplejson.loads(body, use_decimal=True)
        body = orjson.dumps(_without_control(parsed), default=_exact)
    headers: Mapping[str, str] = {**response.headers, "Content-Type": wanted.name}
    return replace(response, headers=headers, body=body)


def _without_control(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return [_without_control(item) for item in value]
    if isinstance(value, dict):
        return {n: _without_control(v) for n, v in value.items() if not _is_control(n, v)}
    return value


def _is_control(name: str, value: object) -> bool:
    """A row that is told as deleted is known by its context alone."""
    _, mark, word = name.partition("@odata.")
    return bool(mark) and word not in _KEPT and "$deletedEntity" not in str(value)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(type(value).__name__)
