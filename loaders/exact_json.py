"""JSON whose numbers stay exact: read as Decimal, written as number literals, never as floats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import simplejson


def loads(text: str | bytes | None) -> dict[str, Any]:
    """A JSON object with exact numbers; empty for null."""
    return dict(json.loads(text, parse_float=Decimal)) if text else {}


def dumps(body: Mapping[str, Any]) -> bytes:
    """JSON as UTF-8; Decimals as number literals with all their digits."""
    text = simplejson.dumps(body, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
