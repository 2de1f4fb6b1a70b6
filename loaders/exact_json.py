"""JSON whose numbers stay exact: read as Decimal, written as number literals, never as floats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
import simplejson

# Made once: `json.loads` makes a decoder for each call that names an option.
_DECODER = json.JSONDecoder(parse_float=Decimal)


def loads(text: str | bytes | None) -> dict[str, Any]:
    """A JSON object with exact numbers; empty for null."""
    if not text:
        return {}
    if isinstance(text, str):
        found = _DECODER.decode(text)
    else:
        found = json.loads(text, parse_float=Decimal)
    return found if type(found) is dict else dict(found)


def dumps(body: Mapping[str, Any]) -> bytes:
    """JSON as UTF-8; Decimals as number literals with all their digits."""
    try:
        return orjson.dumps(body, default=_number)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        text = simplejson.dumps(body, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
        return text.encode()


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)
