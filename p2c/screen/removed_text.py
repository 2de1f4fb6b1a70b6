"""What a plan takes away: records to deactivate or delete, shown apart from its other changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import INDENT, Line

if TYPE_CHECKING:
    from loaders import Change

REMOVALS = {"deactivate": "to deactivate", "delete": "to delete"}
Names = Mapping[tuple[str, str | None], str]


@dataclass
class Removed:
    """The first removals of each target, and how many there are of each target and operation.

    `names` has what a record is called, by model and source key.
    """

    shown: list[Change] = field(default_factory=list)
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    names: Names = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them, shown or not."""
        return sum(self.counts.values())

    def takes(self, change: Change, limit: int | None) -> bool:
        """Whether it is one; at most `limit` of a target and operation are kept (0, None: all)."""
        if change.operation not in REMOVALS:
            return False
        key = (change.flow, change.model, change.operation)
        self.counts[key] = self.counts.get(key, 0) + 1
        if not limit or self.counts[key] <= limit:
            self.shown.append(change)
        return True

    def named(self, change: Change) -> dict[str, str]:
        """`{"name": …}` of a removal whose name is known."""
        name = self.names.get((change.model, change.source_key))
        return {"name": name} if name and change.operation in REMOVALS else {}


def removed_text(removed: Removed) -> Iterator[RenderableType]:
    """A heading with the counts, then each record's key and name; nothing without a removal."""
    for (flow, model, operation), count in removed.counts.items():
        rows = [c for c in removed.shown if (c.model, c.operation) == (model, operation)]
        what = f"{count:,} {REMOVALS[operation]}{_values(rows[0].after)}"
        yield Line(Text(f"Taken away: {flow} ({model}), {what}", "bold red"), INDENT)
        for change in rows:
            name = removed.named(change).get("name", "")
            line = Text.assemble("  ", ("-", "red"), f" {change.record_key}  {name}".rstrip())
            yield Line(line, INDENT)
        if more := count - len(rows):
            yield Text(f"  … {more:,} more; --limit 0 shows all", "dim")
        yield Text("")


def _values(after: str | None) -> str:
    """` (OnHoldStatus: All)`, what a deactivation writes; '' for a deletion."""
    written = [f"{name}: {value}" for name, value in json.loads(after or "{}").items()]
    return f" ({', '.join(written)})" if written else ""
