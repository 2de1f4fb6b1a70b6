"""How long what nothing needs any more is kept: rows of plans, history, reads, files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from loaders import Ledger, Pruned, PrunedHistory, prune, prune_history
from loaders.ledger import store
from loaders.ledger.prune import ledger_bytes
from p2c.config.context import Context
from p2c.run.current import Run
from pipelines.common.prune import PrunedReads, prune_reads

HOURS = 24
# In the ledger: when a run last did this, which once a day is enough for.
LAST = "pruned_after_run"


@dataclass(frozen=True)
class Dropped:
    """What a prune drops, or would: by subject, and bytes of files with how many they are."""

    ledger: Pruned
    history: PrunedHistory
    reads: PrunedReads
    files: int
    file_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "ledger": self.ledger.as_dict(),
            "history": dict(self.history.__dict__),
            "reads": dict(self.reads.__dict__),
            "files": self.files,
            "file_bytes": self.file_bytes,
        }


def prune_all(
    context: Context, ledger: Ledger, days: float | None = None, *, dry_run: bool = False
) -> Dropped:
    """Drop what no rule needs and is older than the settings say, or than `days`.

    `days` goes before `ledger_days`; of the rest it keeps at most so many. Never what counts for
    a quarantine, nor the history of a plan that keeps rows. Raises
    StorageError, WarehouseError, and pipelines' WarehouseBusy and WarehouseUnusable.
    """
    config = context.settings.p2c
    ledger_days = config.ledger_days if days is None else days
    least = config.quarantine_hours / HOURS
    now = ledger.clock.now()
    detail = now - timedelta(days=_kept(config.detail_days, days, least))
    history_days = max(_kept(config.history_days, days, least), ledger_days)
    gone = now - timedelta(days=history_days)
    files = list(_leftovers(context, detail))
    size = sum(path.stat().st_size for path in files)
    rows = prune(ledger, context.warehouse, max(ledger_days, least), dry_run=dry_run)
    history = prune_history(ledger, context.warehouse, detail, gone, dry_run=dry_run)
    dropped = Dropped(
        replace(rows, bytes_after=ledger_bytes(ledger)),
        history,
        prune_reads(context.warehouse, detail, dry_run=dry_run),
        len(files),
        size,
    )
    if not dry_run:
        for path in files:
            path.unlink(missing_ok=True)
    return dropped


def after_run(run: Run) -> None:
    """The same once a day after a run that has written, where the settings want it."""
    if not run.context.settings.p2c.prune_after_run:
        return
    today = run.ledger.clock.now().date().isoformat()
    if store.note(run.ledger.connection, LAST) != today:
        prune_all(run.context, run.ledger)
        store.set_note(run.ledger.connection, LAST, today)


def _kept(setting: float, days: float | None, least: float) -> float:
    return max(setting if days is None else min(setting, days), least)


def _leftovers(context: Context, before: datetime) -> Iterator[Path]:
    """Old files that nobody goes on with: dbt's earlier logs, what a killed DuckDB spilled."""
    folders = {
        context.project_dir / "logs": "dbt.log.*",
        context.warehouse.with_name(f"{context.warehouse.name}.tmp"): "*",
    }
    for folder, pattern in folders.items():
        for path in folder.glob(pattern):
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                yield path
