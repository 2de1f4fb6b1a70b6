"""The way of a plan's records through the layers, for as many of them as fit on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from p2c.lookup.record_layers import called, layers_of_many
from p2c.warehouse import Reader, Row

# Records of a plan that are followed, and rows of one table that are shown of each.
RECORDS, EACH = 300, 3


def followed(warehouse: Reader, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of the layers (`table`, `row`), each once; the records get `layers`: their places.

    Of the first 300 records; the others get none. Raises nothing for one that no layer has.
    """
    first = rows[:RECORDS]
    names = [called(_names(row)) for row in first]
    by_name = _by_name(names)
    found: list[dict[str, Any]] = []
    places: list[dict[str, list[int]]] = [{} for _ in first]
    for table, held, row in layers_of_many(warehouse, by_name.keys()) if first else ():
        mine = [places[at] for at in _records(by_name, held)]
        mine = [place for place in mine if len(place.get(table, ())) < EACH]
        if mine:
            for place in mine:
                place.setdefault(table, []).append(len(found))
            found.append({"table": table, "row": row})
    for record, place in zip(first, places, strict=True):
        record["layers"] = [number for numbers in place.values() for number in numbers]
    return found


def _names(row: Row) -> list[str | None]:
    """Its keys, and the number in a key of F&O, which stands behind the legal entity."""
    keys = [row["key"], row["source_key"], row["record_id"]]
    return [*keys, *(key.split("/")[:2][-1] for key in keys if key)]


def _by_name(names: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, mine in enumerate(names):
        for name in mine:
            found.setdefault(name, []).append(at)
    return found


def _records(by_name: Mapping[str, Sequence[int]], held: Set[str]) -> Set[int]:
    return {at for name in held for at in by_name[name]}
