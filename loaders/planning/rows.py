"""Rows of a plan that are made one by one, and what is the same of the same intended write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]


def writes(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows for the ledger from rows made here, one by one: an undo's.

    Those that say nothing of it are planned.
    """
    for row in rows:
        yield {"status": "planned", "idempotency_key": idempotency_key(row), **row}


def idempotency_key(row: Mapping[str, Any]) -> str:
    """The same for the same intended write, in whichever plan it stands."""
    names = ("system", "entity_set", "operation", "key_values", "after")
    return _digest(str(row[name]) for name in names)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:32]
