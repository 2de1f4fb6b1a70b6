"""What a prune drops and what it keeps, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import Grid

MEGABYTE = 1e6
WHY = {
    "unanswered": "sent without an answer: to be read back",
    "waits": "refused, blocked or quarantined, and not tried again since",
    "agreed": "the newest of its kind that came through: pairs and agreed values",
    "newest": "the newest of its record",
    "not_persisted": "of a record with a value that is not persisted",
}
HISTORY = {
    "runs": "runs that wrote nothing, or are past their age",
    "plans": "plans without a row",
    "counts": "runs' counts of how both systems stood",
}
READS = {
    "reads": "reads of a table",
    "deletions": "deletions that were taken over",
    "states": "states of an extract before the newest",
    "packages": "load packages of which no row is left",
}


def prune_text(found: Mapping[str, Any], *, dry_run: bool) -> list[RenderableType]:
    """A sentence on what goes, a table of the rest of it, a table of what stays and why.

    found: as `Dropped.as_dict` has it.
    """
    verb, ledger = "would be dropped" if dry_run else "were dropped", found["ledger"]
    went = f"{ledger['rows']:,} rows of {ledger['plans']:,} plans that ended before"
    parts: list[RenderableType] = [Text(f"{went} {ledger['before'][:10]} {verb}.", "bold")]
    rest = [[HISTORY[name], count] for name, count in found["history"].items() if count]
    rest += [[READS[name], count] for name, count in found["reads"].items() if count]
    if found["files"]:
        size = f"{found['file_bytes'] / MEGABYTE:,.1f} MB"
        rest.append([f"old log files and what a killed process spilled: {size}", found["files"]])
    if rest:
        parts.append(Grid([f"besides {verb}", "number"], rest, numbers=1))
    if ledger["kept"]:
        rows = [[WHY[why], count] for why, count in ledger["kept"].items()]
        parts.append(Grid(["kept of such plans", "rows"], rows, numbers=1))
    if not dry_run:
        sizes = (ledger["bytes_before"] / MEGABYTE, ledger["bytes_after"] / MEGABYTE)
        parts.append(Text("The ledger had {:,.1f} MB and has {:,.1f} MB.".format(*sizes)))
    return parts
