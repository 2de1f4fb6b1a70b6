"""A comparison of two plans without keys and values of records; columns and counts stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2c.report.redact import HIDDEN, Hash


def redacted_comparison(data: Mapping[str, Any], hashed: Hash) -> dict[str, Any]:
    """The data of `p2c plan --compare`; the same value has the same hash, so that moves are seen.

    Texts of rules and data tests quote values and are left out.
    """
    held = {side: {flow: [HIDDEN] for flow in flows} for side, flows in data["held_back"].items()}
    changes = [_change(change, hashed) for change in data["changes"]]
    return {**data, "held_back": held, "changes": changes, "redacted": True}


def _change(change: Mapping[str, Any], hashed: Hash) -> dict[str, Any]:
    fields = {
        column: {side: hashed(value) for side, value in pair.items()}
        for column, pair in change["fields"].items()
    }
    found = {**change, "record_key": hashed(change["record_key"]), "fields": fields}
    if "key_values" in change:
        found["key_values"] = {side: hashed(key) for side, key in change["key_values"].items()}
    if change.get("detail"):
        found["detail"] = HIDDEN
    return found
