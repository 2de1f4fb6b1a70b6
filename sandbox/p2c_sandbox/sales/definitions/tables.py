"""`EntityMetadata`: a table with its columns, keys and relationships."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from p2c_sandbox.odata.model import Service, Table
from p2c_sandbox.sales.definitions import columns, keys, relationships
from p2c_sandbox.sales.definitions.items import Item, label, managed
from p2c_sandbox.sales.security.catalogue import of_table

_NAMESPACE = uuid.UUID("6f1d7a4e-52c9-4f53-9b0e-3c1f5e0a7c11")
_TITLES = {
    "salesorder": "Order",
    "salesorderdetail": "Order Product",
    "quotedetail": "Quote Product",
    "invoicedetail": "Invoice Product",
    "pricelevel": "Price List",
    "productpricelevel": "Price List Item",
    "uom": "Unit",
    "uomschedule": "Unit Group",
    "transactioncurrency": "Currency",
    "systemuser": "User",
    "businessunit": "Business Unit",
}
_NEVER = (
    "IsPrivate", "IsIntersect", "IsLogicalEntity", "IsActivity", "IsActivityParty", "IsBPFEntity",
)  # fmt: skip
_UNTRACKABLE = ("organizations",)  # a guess: one row, which clients read whole
_PLURALS = {"Currency": "Currencies"}


def tables(service: Service) -> Iterator[Item]:
    """Every table of the sandbox."""
    for table in service.tables.values():
        if not table.system:
            yield _table(service, table)


def _table(service: Service, table: Table) -> Item:
    owned = "ownerid" in table.columns
    title = _TITLES.get(table.entity) or table.label or table.schema_name or table.entity
    values = {
        "MetadataId": str(uuid.uuid5(_NAMESPACE, f"table/{table.entity}")),
        "LogicalName": table.entity,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set,
        "LogicalCollectionName": table.set,
        "CollectionSchemaName": table.set,
        "DisplayName": label(title),
        "DisplayCollectionName": label(_PLURALS.get(title, f"{title}s")),
        "PrimaryIdAttribute": table.key_column,
        "PrimaryNameAttribute": table.name_column,
        "ObjectTypeCode": table.type_code,
        "ChangeTrackingEnabled": table.change_tracking,
        "CanChangeTrackingBeEnabled": managed(table.set not in _UNTRACKABLE, "canchangetracking"),
        "IsOptimisticConcurrencyEnabled": table.optimistic,
        "IsCustomEntity": table.entity.startswith("msdynce_"),
        "OwnershipType": "UserOwned" if owned else "OrganizationOwned",
        "TableType": "Standard",
        **dict.fromkeys(_NEVER, False),
        "Privileges": [one.metadata for one in of_table(table)],
        "DataProviderId": None,
        "DataSourceId": None,
        **dict.fromkeys(("ExternalName", "ExternalCollectionName", "HasChanged")),
    }
    links = {
        "Attributes": lambda: list(columns.columns(service, table)),
        "Keys": lambda: list(keys.keys(table)),
        "ManyToOneRelationships": lambda: list(relationships.many_to_one(service, table)),
        "OneToManyRelationships": lambda: list(relationships.one_to_many(service, table)),
        "ManyToManyRelationships": list[Item],  # none of the tables has any
    }
    return Item("EntityMetadata", values, links=links)
