"""Which tables take bulk messages (protocols A9)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok
from p2c.checks.doctor.sales_definitions import definitions
from p2c.checks.doctor.tenant import Tenant

MESSAGES = ("CreateMultiple", "UpdateMultiple")
WITHOUT = frozenset({"uoms", "productpricelevels"})  # by Microsoft's reference: never
FILTERS = ("primaryobjecttypecode",)
EXPAND = "sdkmessageid($select=name)"


def checks(tenant: Tenant) -> Iterator[Check]:
    """Tables without them are written in batches, which takes longer and loses nothing."""
    sets = {target.entity_set for target in tenant.declared.targets("sales")}
    there = definitions(tenant)
    tables = {there[name].logical_name: name for name in sorted(sets) if name in there}
    named = " or ".join(f"primaryobjecttypecode eq '{name}'" for name in tables)
    messages = " or ".join(f"sdkmessageid/name eq '{name}'" for name in MESSAGES)
    rows = tenant.rows(
        "sales", "sdkmessagefilters", FILTERS, filter=f"({messages}) and ({named})", expand=EXPAND
    )
    found = {(row["primaryobjecttypecode"], row["sdkmessageid"]["name"]) for row in rows}
    offered = [name for name in tables if all((name, one) in found for one in MESSAGES)]
    plain = [tables[name] for name in tables if name not in offered]
    shown = f"CreateMultiple, UpdateMultiple, UpsertMultiple: {len(offered)} tables"
    if unusual := sorted(set(plain) - WITHOUT):
        yield note("bulk messages", f"none for {', '.join(unusual)}: written in batches")
    else:
        yield ok("bulk messages", shown + (f"; in batches: {', '.join(plain)}" if plain else ""))
