"""Records that only one system has: listed by `p2c unmatched`, counted by other commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import Grid, Line
from pipelines.common.errors import NAMES


def summary(targets: Mapping[str, int]) -> str:
    """`Only F&O has 3 records of CustomersV2, …: p2c unmatched`, or ''."""
    by_system: dict[str, list[str]] = {}
    for target, count in targets.items():
        system, _, entity_set = target.partition(".")
        by_system.setdefault(NAMES[system], []).append(f"{count:,} of {entity_set}")
    parts = "; ".join(f"only {name} has {', '.join(sets)}" for name, sets in by_system.items())
    return f"No flow touches what one system has alone: {parts} (p2c unmatched)." if parts else ""


def unmatched_text(found: Mapping[str, Any], limit: int) -> Iterator[RenderableType]:
    """Each target's records, and a summary; `limit` caps each target's (0: all)."""
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
    yield Line(Text(summary(found["targets"]).removesuffix(" (p2c unmatched)."), "bold") + ".")


def _cells(row: Mapping[str, Any]) -> list[Any]:
    return [row["record_key"], row["record_name"]]
