"""Change tracking of the tables of Sales that are read by their changes."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok
from p2c.checks.doctor.sales_definitions import definitions
from p2c.checks.doctor.tenant import Tenant


def checks(tenant: Tenant) -> Iterator[Check]:
    """Tables without it are read whole each time: slower, and nothing is missed. A table that can
    have none is no finding."""
    there = definitions(tenant)
    tables = [t.entity_set for t in tenant.declared.tables["sales"] if t.entity_set in there]
    without = [name for name in tables if not there[name].is_tracked]
    if missing := sorted(name for name in without if there[name].may_be_tracked):
        yield note(
            "change tracking",
            f"off for {', '.join(missing)}: read whole each time",
            "Power Apps > Tables > Properties > Advanced options > Track changes",
        )
    else:
        whole = f"; {', '.join(without)} can have none and is read whole" if without else ""
        yield ok("change tracking", f"on for {len(tables) - len(without)} tables{whole}")
