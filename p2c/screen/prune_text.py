"""What a prune drops and what it keeps, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import Grid

if TYPE_CHECKING:
    from loaders import Pruned

MEGABYTE = 1e6
WHY = {
    "unanswered": "sent without an answer: to be read back",
    "waits": "refused, blocked or quarantined, and not tried again since",
    "agreed": "the newest of its kind that came through: pairs and agreed values",
    "newest": "the newest of its record",
    "not_persisted": "of a record with a value that is not persisted",
}


def prune_text(found: Pruned, *, dry_run: bool) -> list[RenderableType]:
    """A sentence on what goes, a table of what stays and why."""
    verb = "would be dropped" if dry_run else "were dropped"
    went = f"{found.rows:,} rows of {found.plans:,} plans that ended before {found.before[:10]}"
    parts: list[RenderableType] = [Text(f"{went} {verb}.", "bold")]
    if found.kept:
        rows = [[WHY[why], count] for why, count in found.kept.items()]
        parts.append(Grid(["kept of such plans", "rows"], rows, numbers=1))
    if not dry_run:
        sizes = (found.bytes_before / MEGABYTE, found.bytes_after / MEGABYTE)
        parts.append(Text("The ledger had {:,.1f} MB and has {:,.1f} MB.".format(*sizes)))
    return parts
