"""Secrets, and copies of what both systems hold, are their owner's own."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok
from p2c.checks.doctor.tenant import Tenant
from p2c.config.context import SECRETS_FILE
from pipelines.common.private import open_to_others


def checks(tenant: Tenant) -> Iterator[Check]:
    """Files that other users of the machine can read are noted, with the command that ends it."""
    context = tenant.context
    state = context.path("state_dir")
    kept = [context.project_dir / SECRETS_FILE, context.warehouse, state, *state.glob("ledger.*")]
    settings = context.settings.p2c
    if settings.read_copy and settings.read_copy_readers == "owner":
        kept.append(context.path("read_copy"))
    found = [str(path) for path in kept if open_to_others(path)]
    if found:
        todo = f"chmod -R go= {' '.join(found)}"
        yield note("private files", f"others can read {', '.join(found)}", todo)
    else:
        yield ok("private files", "secrets, warehouse and ledger are readable by you only")
