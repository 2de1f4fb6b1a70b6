"""Privileges by their ids: what the tables' definitions name, and what a user or a team holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from p2c.checks.doctor.tenant import Tenant
from p2c.tenant.privileges import Privilege

# Depths as they go up; there is a row for each role and team, and the widest counts. A number
# instead of a word has been seen in no source and counts as none.
DEPTHS = ("Basic", "Local", "Deep", "Global")
Ids = Mapping[tuple[str, str], tuple[str, str]]


def privilege_ids(tenant: Tenant, wanted: Sequence[Privilege]) -> Ids:
    """(table, access) → name and id; a table that has no such privilege is not in it."""
    tables = dict.fromkeys(one.table for one in wanted)
    condition = " or ".join(f"LogicalName eq '{table}'" for table in tables)
    columns = ["LogicalName", "Privileges"]
    rows = tenant.rows("sales", "EntityDefinitions", columns, filter=condition) if tables else []
    return {
        (row["LogicalName"], one["PrivilegeType"]): (one["Name"], str(one["PrivilegeId"]).lower())
        for row in rows
        for one in row["Privileges"]
    }


def held_depths(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Id of a privilege → the widest depth in the `RolePrivileges` of an answer."""
    found: dict[str, str] = {}
    for row in rows:
        key, depth = str(row["PrivilegeId"]).lower(), str(row["Depth"])
        found[key] = max(found.get(key, depth), depth, key=_place)
    return found


def _place(depth: str) -> int:
    return DEPTHS.index(depth) if depth in DEPTHS else -1
