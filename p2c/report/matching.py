"""How records of both systems found each other, and what waits for a person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2c.errors import NothingStaged
from p2c.lookup.keys import Filter, listed
from p2c.warehouse import Reader

NOTHING: Mapping[str, Any] = {"found": 0, "candidates": [], "counts": [], "missing": None}


def matching(
    warehouse: Reader, decided: Sequence[Mapping[str, str]], limit: int
) -> Mapping[str, Any]:
    """Counts by entity and rule, and the candidates that wait, with the evidence.

    decided: rows of the seed key_overrides. At most `limit` (0: all) of `found` candidates;
    `missing` says so where the warehouse has none to compare.
    """
    try:
        found = listed(warehouse, decided, Filter(states=("review",)), limit or None)
    except NothingStaged as error:
        return {**NOTHING, "missing": str(error)}
    return {**found, "missing": None}
