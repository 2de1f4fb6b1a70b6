"""The tables of Sales as the service describes them: one question for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from p2c.checks.doctor.tenant import Tenant

MEMBERS = (
    "LogicalName",
    "EntitySetName",
    "ChangeTrackingEnabled",
    "CanChangeTrackingBeEnabled",
)
EXPAND = (
    "Attributes($select=LogicalName),Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)"
)


@dataclass(frozen=True)
class Definition:
    """One table."""

    logical_name: str
    entity_set: str
    columns: frozenset[str]
    is_tracked: bool
    may_be_tracked: bool
    keys: Sequence[Mapping[str, Any]]


def definitions(tenant: Tenant) -> dict[str, Definition]:
    """By entity set and by logical name: what is read or written, as far as Sales has it."""
    sets = sorted({table.entity_set for table in tenant.declared.tables["sales"]})
    condition = " or ".join(f"EntitySetName eq '{name}'" for name in sets)
    rows = tenant.rows("sales", "EntityDefinitions", MEMBERS, filter=condition, expand=EXPAND)
    found = [_definition(row) for row in rows]
    return {name: one for one in found for name in (one.entity_set, one.logical_name)}


def _definition(row: Mapping[str, Any]) -> Definition:
    return Definition(
        row["LogicalName"],
        row["EntitySetName"],
        frozenset(column["LogicalName"] for column in row["Attributes"]),
        bool(row["ChangeTrackingEnabled"]),
        bool((row["CanChangeTrackingBeEnabled"] or {}).get("Value", True)),
        row["Keys"],
    )
