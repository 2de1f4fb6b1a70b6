"""A table asked for as a run asks for it: one row with every declared column."""

from __future__ import annotations

import re

from p2c.checks.doctor.check import Refused, System
from p2c.checks.doctor.tenant import Tenant
from pipelines.common.tables import Table

UNKNOWN = re.compile(r"Could not find a property named '([^']+)'")


def missing_fields(tenant: Tenant, table: Table) -> list[str]:
    """Columns that the service does not know, under its own names; Refused for anything else.

    It names one at a time: the others are asked for again without it.
    """
    system: System = "sales" if table.system == "sales" else "finops"
    missing: list[str] = []
    while fields := [field for field in table.fields if field not in missing]:
        try:
            tenant.rows(system, table.entity_set, fields, top="1")
        except Refused as error:
            unknown = UNKNOWN.search(error.message)
            if unknown is None or unknown[1] not in fields:
                raise
            missing.append(unknown[1])
        else:
            break
    return missing
