"""Records that only one system has, of the tables that the flows write: nothing belongs to them.

No flow touches them, so that no sentence about flows speaks of them. They are counted beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.config.settings import Loaded
from p2c.screen.layout import Grid, Line
from p2c.warehouse import Row, reading

NAMES = {"sales": "Sales", "finops": "F&O"}
UNMATCHED = """
select target, record_key, record_name from quality.unmatched_records
where len($1) = 0 or list_has_any(string_split(flows, ', '), $1)
order by target, record_key
"""


def unmatched(loaded: Loaded, flows: Sequence[str]) -> dict[str, Any]:
    """`targets`: records by target; `records`: each with target, record_key, record_name.

    As the last build found them; without `flows` those of every target.
    """
    with reading(loaded.warehouse) as warehouse:
        rows = warehouse.rows(UNMATCHED, [list(flows)])
    return {"targets": dict(Counter(row["target"] for row in rows)), "records": rows}


def sentence(targets: Mapping[str, int]) -> str:
    """`Only F&O has 3 records of CustomersV2, …: p2c unmatched`, or ''."""
    by_system: dict[str, list[str]] = {}
    for target, count in targets.items():
        system, _, entity_set = target.partition(".")
        by_system.setdefault(NAMES[system], []).append(f"{count:,} of {entity_set}")
    said = "; ".join(f"only {name} has {', '.join(sets)}" for name, sets in by_system.items())
    return f"No flow touches what one system has alone: {said} (p2c unmatched)." if said else ""


def unmatched_text(found: Mapping[str, Any], limit: int) -> Iterator[RenderableType]:
    """Each target's records, and a sentence; `limit` caps each target's (0: all)."""
    if not found["records"]:
        yield Line(Text("Every record of the tables that are written belongs to one.", "bold"))
        return
    for target, count in found["targets"].items():
        rows = [row for row in found["records"] if row["target"] == target]
        yield Line(Text(target, "bold"))
        yield Grid(("record", "name"), [_cells(row) for row in rows[: limit or None]])
        if limit and count > limit:
            yield Line(Text(f"  … {count - limit:,} more; --limit 0 shows all", "dim"))
        yield Text("")
    yield Line(Text(sentence(found["targets"]).removesuffix(" (p2c unmatched)."), "bold") + ".")


def _cells(row: Row) -> list[Any]:
    return [row["record_key"], row["record_name"]]
