"""Warehouse, free space and the folders that a run writes into."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.tenant import Tenant
from p2c.config.context import Context
from p2c.lock import holder

# A build writes new tables beside the old ones before these are dropped: as much again as there
# is, and so much at least for logs, packages and what DuckDB spills.
LEAST = 1_000_000_000


def checks(tenant: Tenant) -> Iterator[Check]:
    """Who holds the warehouse, whether it can grow, and where nothing can be written."""
    context = tenant.context
    yield _warehouse(context)
    yield _disk(context.warehouse)
    yield _writable(context)


def _warehouse(context: Context) -> Check:
    held = holder(context.warehouse)
    if held:
        return note("warehouse", f"held by {held}", "wait for it to end, or use `--wait`")
    if not context.warehouse.exists():
        return ok("warehouse", f"{context.warehouse} (made by the first run)")
    return ok("warehouse", f"{context.warehouse}, {_size(context.warehouse):,.0f} MB")


def _size(file: Path) -> float:
    return file.stat().st_size / 1e6 if file.exists() else 0.0


def _disk(warehouse: Path) -> Check:
    free = shutil.disk_usage(_there(warehouse.parent)).free
    needed = max(LEAST, warehouse.stat().st_size if warehouse.exists() else 0)
    found = f"{free / 1e9:,.1f} GB free for a warehouse of {_size(warehouse):,.0f} MB"
    if free >= needed:
        return ok("disk", found)
    todo = f"make room: {needed / 1e9:,.1f} GB, as a build writes tables beside those it replaces"
    return problem("disk", found, f"{todo} (or set p2c.warehouse to another disk)")


def _writable(context: Context) -> Check:
    folders = {context.path("state_dir"), context.path("target_dir"), context.warehouse.parent}
    files = {context.warehouse, *context.path("state_dir").glob("ledger.sqlite")}
    wrong = [one for one in sorted(folders) if not os.access(_there(one), os.W_OK | os.X_OK)]
    wrong += [one for one in sorted(files) if one.exists() and not os.access(one, os.W_OK)]
    if not wrong:
        return ok("writable", "state, build and warehouse folders")
    named = ", ".join(map(str, wrong))
    return problem("writable", f"cannot write into {named}", "give this user the right to write")


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists: the one it would be made in."""
    return next(one for one in (folder, *folder.parents) if one.exists())
