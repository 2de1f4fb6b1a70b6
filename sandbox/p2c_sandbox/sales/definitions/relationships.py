"""`OneToManyRelationshipMetadata`: which lookup points to which table."""

from __future__ import annotations

from collections.abc import Iterator

from p2c_sandbox.odata.model import Child, Column, Service, Table
from p2c_sandbox.sales.definitions.items import Item, item_id

_DELETES = {"clear": "RemoveLink", "cascade": "Cascade", "restrict": "Restrict"}
_OTHER_CASCADES = ("Assign", "Merge", "Reparent", "Share", "Unshare", "RollupView")


def all_relationships(service: Service) -> Iterator[Item]:
    """Those of every table, each once."""
    for table in service.tables.values():
        yield from many_to_one(service, table)


def many_to_one(service: Service, table: Table) -> Iterator[Item]:
    """The lookups of a table."""
    for navigation, (column, target) in table.navigation.items():
        if not table.system and not column.hidden:
            yield _relationship(table, column, navigation, service.table(target))


def one_to_many(service: Service, table: Table) -> Iterator[Item]:
    """The lookups of all tables that point to this one."""
    for item in all_relationships(service):
        if item.more["ReferencedEntity"] == table.entity:
            yield item


def _relationship(table: Table, column: Column, navigation: str, target: Table) -> Item:
    """A relationship is called as the collection at its other end is; where the sandbox has none
    the name is a guess."""
    name, child = _collection(table, column, target)
    values = {
        "MetadataId": item_id("relationship", table.entity, navigation),
        "SchemaName": name,
        "RelationshipType": "OneToManyRelationship",
        "IsCustomRelationship": name.startswith("msdynce_"),
        "HasChanged": None,
    }
    more = {
        "ReferencedEntity": target.entity,
        "ReferencedAttribute": target.key_column,
        "ReferencedEntityNavigationPropertyName": name,
        "ReferencingEntity": table.entity,
        "ReferencingAttribute": column.name,
        "ReferencingEntityNavigationPropertyName": navigation,
        "CascadeConfiguration": {
            "Delete": _DELETES[child.on_delete] if child else "NoCascade",
            **dict.fromkeys(_OTHER_CASCADES, "NoCascade"),
        },
    }
    return Item("OneToManyRelationshipMetadata", values, more)


def _collection(table: Table, column: Column, target: Table) -> tuple[str, Child | None]:
    for name, child in target.children.items():
        if (child.set, child.column) == (table.set, column.name):
            return name, child
    return f"{target.entity}_{table.entity}_{column.name}", None
