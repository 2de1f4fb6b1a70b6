"""Two plans beside each other: counts by flow, by column, then the records, old -> new.

What is given is the data of `p2c plan --compare` (docs/json.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.changes_text import ChangeText, Shown
from p2c.screen.layout import INDENT, Grid, Line

Data = Mapping[str, Any]
COUNTS = ("only_old", "only_new", "different")
TABLE = ("flow", "target", "old", "new", "only old", "only new", "different")
# Fates of records that a mapping may move, beside the writes.
FATES = ("filtered", "rejected", "blocked", "conflict", "drift", "first_contact")
COLUMNS = 20  # columns named, those of most records first


def comparison_text(data: Data) -> Iterator[RenderableType]:
    """What both are, counts, records, columns, and a summary."""
    yield Line(f"old: {data['old']}", INDENT)
    yield Line(f"new: {data['new']}", INDENT)
    yield Text("")
    if rows := table(data):
        yield Grid(TABLE, rows, numbers=5)
    for line in moved_fates(data):
        yield Line(line, INDENT)
        yield Text("")
    for group, changes in groups(data):
        yield Line(Text(heading(data, group), "bold"), INDENT)
        for change in changes:
            yield ChangeText(shown(change))
        if more := total(data, group) - len(changes):
            yield Text(f"  … {more:,} more; --all shows all", "dim")
        yield Text("")
    yield from _columns(data)
    yield Line(Text(summary(data), "bold"))


def table(data: Data) -> list[list[Any]]:
    """A row for each target that one of both writes to."""
    return [
        [flow["flow"], flow["target"], flow["old"], flow["new"], *(flow[name] for name in COUNTS)]
        for flow in data["flows"]
        if flow["old"] or flow["new"]
    ]


def moved_fates(data: Data) -> Iterator[str]:
    """`accounts, finops.CustomersV2: rejected 8 -> 28`, of what both count otherwise."""
    for flow in data["flows"]:
        old, new = flow["old_fates"], flow["new_fates"]
        moved = [
            f"{name} {old[name]:,} -> {new[name]:,}"
            for name in FATES
            if name in old and name in new and old[name] != new[name]
        ]
        if moved:
            yield f"{flow['flow']}, {flow['target']}: {', '.join(moved)}"


def groups(data: Data) -> Iterator[tuple[tuple[str, str, str], list[Data]]]:
    """(flow, target, status) and its changes, in their order."""
    found: dict[tuple[str, str, str], list[Data]] = {}
    for change in data["changes"]:
        place = (change["flow"], change["target"], change["status"])
        found.setdefault(place, []).append(change)
    yield from found.items()


def total(data: Data, group: tuple[str, str, str]) -> int:
    """How many there are of it, shown or not."""
    flow, target, status = group
    counted = [row for row in data["flows"] if (row["flow"], row["target"]) == (flow, target)]
    return sum(int(row[status]) for row in counted)


def heading(data: Data, group: tuple[str, str, str]) -> str:
    """`accounts, finops.CustomersV2: 12 would be written differently`."""
    flow, target, status = group
    words = {
        "different": "would be written differently (old -> new)",
        "only_old": "would be written by old only",
        "only_new": "would be written by new only",
    }
    return f"{flow}, {target}: {total(data, group):,} {words[status]}"


def shown(change: Data) -> Shown:
    """As both versions would leave the record; of one that a single version writes, from now on.

    A column that a version does not write stays as the target holds it.
    """
    old, new = change["operation"]["old"], change["operation"]["new"]
    first, second = ("old", "new") if old and new else ("held", "new" if new else "old")
    fields = change["fields"].items()
    columns = {name: (_left(pair, first), _left(pair, second)) for name, pair in fields}
    operation = "update" if old and new else new or old
    return Shown(operation, change["record_key"], columns, note=_note(change))


def _left(field: Data, side: str) -> Any:  # noqa: ANN401 - whatever JSON has
    return field.get(side, field.get("held"))


def _note(change: Data) -> str:
    old, new = change["operation"]["old"], change["operation"]["new"]
    if old and new:
        words = [old if old == new else f"{old} -> {new}"]
        if keys := change.get("key_values"):
            words.append(f"key {keys['old']} -> {keys['new']}")
        return ", ".join(words)
    side, fate = ("new" if old else "old"), change.get("fate")
    if not fate:
        return f"{side}: no such record"
    return f"{side}: {fate}" + (f", {change['detail']}" if change.get("detail") else "")


def _columns(data: Data) -> Iterator[RenderableType]:
    found = data["columns"]
    if not found:
        return
    rows = [[row["flow"], row["target"], row["column"], row["records"]] for row in found]
    grid = Grid(("flow", "target", "column", "records"), rows[:COLUMNS], numbers=1)
    if more := len(found) - COLUMNS:
        grid.caption = f"{more:,} more columns: --json" if more > 0 else ""
    yield grid


def summary(data: Data) -> str:
    """One sentence on the whole."""
    if data["same_mapping"]:
        return f"No difference: {data['old']} has the same mapping."
    counts = {name: sum(flow[name] for flow in data["flows"]) for name in COUNTS}
    words = {"different": "differently", "only_old": "by old only", "only_new": "by new only"}
    found = [f"{counts[name]:,} {text}" for name, text in words.items() if counts[name]]
    if not found:
        return "No difference: both would write the same."
    return f"Would be written otherwise: {', '.join(found)}. Nothing was written."
