"""Alternate keys of the tables that are written.

Writing goes by primary key and needs none of them; but one whose index could not be built says
that the table holds duplicates, and duplicates are rejected (A1, C3).
"""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok
from p2c.checks.doctor.sales_definitions import definitions
from p2c.checks.doctor.tenant import Tenant


def checks(tenant: Tenant) -> Iterator[Check]:
    """Each key of a declared table whose index is not Active."""
    there = {one.entity_set: one for one in definitions(tenant).values()}
    found = [(name, key) for name, one in there.items() for key in one.keys]
    wrong = [(name, key) for name, key in found if key["EntityKeyIndexStatus"] != "Active"]
    for name, key in wrong:
        columns = ", ".join(key["KeyAttributes"])
        yield note(
            "alternate key",
            f"{key['LogicalName']} of {name} ({columns}) is {key['EntityKeyIndexStatus']}",
            "Power Apps > Tables > Keys: remove duplicates, then reactivate the key",
        )
    if not wrong:
        yield ok("alternate keys", f"{len(found)}, all active" if found else "none")
