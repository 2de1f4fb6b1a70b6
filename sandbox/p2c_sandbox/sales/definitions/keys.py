"""`EntityKeyMetadata`: alternate keys."""

from __future__ import annotations

from collections.abc import Iterator

from p2c_sandbox.odata.model import Table
from p2c_sandbox.sales.definitions.items import Item, item_id, label

# Known of every table, one without keys included.
MEMBERS = frozenset({"LogicalName", "SchemaName", "KeyAttributes", "EntityKeyIndexStatus"})


def keys(table: Table) -> Iterator[Item]:
    """Only those whose index is Active can be used (protocols A5)."""
    for name, columns in table.alternate_keys.items():
        values = {
            "MetadataId": item_id(table.entity, "key", name),
            "LogicalName": name,
            "SchemaName": name,
            "EntityLogicalName": table.entity,
            "KeyAttributes": list(columns),
            "EntityKeyIndexStatus": "Pending" if name in table.inactive_keys else "Active",
            "DisplayName": label(name),
            "HasChanged": None,
        }
        yield Item("EntityKeyMetadata", values)
