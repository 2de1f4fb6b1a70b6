"""How long the ledger keeps what nothing needs any more."""

from __future__ import annotations

from loaders import Ledger, Pruned, prune
from p2c.config.context import Context
from p2c.run.current import Run

HOURS = 24


def prune_ledger(
    context: Context, ledger: Ledger, days: float | None = None, *, dry_run: bool = False
) -> Pruned:
    """Drop what is older than `days` (none: as the settings say) and no rule needs.

    Never what counts for a quarantine. Raises StorageError, WarehouseError.
    """
    config = context.settings.p2c
    kept = config.ledger_days if days is None else days
    least = config.quarantine_hours / HOURS
    return prune(ledger, context.warehouse, max(kept, least), dry_run=dry_run)


def after_run(run: Run) -> None:
    """The same after a run that has written, where the settings want it."""
    if run.context.settings.p2c.prune_after_run:
        prune_ledger(run.context, run.ledger)
