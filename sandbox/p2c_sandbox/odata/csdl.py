"""`$metadata` as CSDL XML of OData 4.0, made from the model."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from p2c_sandbox.odata.model import Column, Service, Table
from p2c_sandbox.odata.operations import Operations

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"
CHANGE_TRACKING = "Org.OData.Capabilities.V1.ChangeTracking"
ALTERNATE_KEYS = "OData.Community.Keys.V1.AlternateKeys"
_NO_OPERATIONS = Operations()


def metadata(
    service: Service, *, annotations: bool = False, operations: Operations = _NO_OPERATIONS
) -> bytes:
    """The whole document; `annotations` adds change tracking (protocols A4)."""
    root = Element("edmx:Edmx", {"Version": "4.0", "xmlns:edmx": EDMX})
    data = SubElement(root, "edmx:DataServices")
    schema = SubElement(data, "Schema", {"Namespace": service.namespace, "xmlns": EDM})
    for name, members in service.enums.items():
        _enum(schema, name, members)
    for table in service.tables.values():
        _entity_type(schema, service, table)
    operations.declare(schema, service.namespace)
    container = _container(schema, service, annotations=annotations)
    operations.offer(container, service.namespace)
    text: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>' + text


def _enum(schema: Element, name: str, members: dict[str, int]) -> None:
    enum = SubElement(schema, "EnumType", {"Name": name})
    for member, value in members.items():
        SubElement(enum, "Member", {"Name": member, "Value": str(value)})


def _entity_type(schema: Element, service: Service, table: Table) -> None:
    entity = SubElement(schema, "EntityType", {"Name": table.entity})
    key = SubElement(entity, "Key")
    for name in table.key:
        SubElement(key, "PropertyRef", {"Name": table.columns[name].wire})
    for column in table.by_wire.values():
        _property(entity, service, table, column)
    for navigation, (column, target_set) in table.navigation.items():
        target = service.table(target_set)
        kind = f"{service.namespace}.{target.entity}"
        element = SubElement(entity, "NavigationProperty", {"Name": navigation, "Type": kind})
        reference = {"Property": column.wire, "ReferencedProperty": target.key_column}
        SubElement(element, "ReferentialConstraint", reference)
    for navigation, child in table.children.items():
        kind = f"Collection({service.namespace}.{service.table(child.set).entity})"
        SubElement(entity, "NavigationProperty", {"Name": navigation, "Type": kind})
    if table.alternate_keys:
        _alternate_keys(entity, table)


def _property(entity: Element, service: Service, table: Table, column: Column) -> None:
    edm = f"{service.namespace}.{column.enum}" if column.enum else column.edm
    attributes = {"Name": column.wire, "Type": edm}
    if column.name in table.key or not service.nulls:
        attributes["Nullable"] = "false"
    if column.length is not None:
        attributes["MaxLength"] = str(column.length)
    if column.type == "string":
        attributes["Unicode"] = "false"
    if column.is_scaled:
        attributes["Scale"] = str(column.scale)
    SubElement(entity, "Property", attributes)


def _alternate_keys(entity: Element, table: Table) -> None:
    annotation = SubElement(entity, "Annotation", {"Term": ALTERNATE_KEYS})
    collection = SubElement(annotation, "Collection")
    for columns in table.alternate_keys.values():
        record = SubElement(collection, "Record", {"Type": "OData.Community.Keys.V1.AlternateKey"})
        value = SubElement(record, "PropertyValue", {"Property": "Key"})
        parts = SubElement(value, "Collection")
        for name in columns:
            wire = table.columns[name].wire
            part = SubElement(parts, "Record", {"Type": "OData.Community.Keys.V1.PropertyRef"})
            SubElement(part, "PropertyValue", {"Property": "Alias", "String": wire})
            SubElement(part, "PropertyValue", {"Property": "Name", "PropertyPath": wire})


def _container(schema: Element, service: Service, *, annotations: bool) -> Element:
    container = SubElement(schema, "EntityContainer", {"Name": service.container})
    for table in service.tables.values():
        kind = f"{service.namespace}.{table.entity}"
        entity_set = SubElement(container, "EntitySet", {"Name": table.set, "EntityType": kind})
        targets = {nav: target for nav, (_, target) in table.navigation.items()}
        targets |= {nav: child.set for nav, child in table.children.items()}
        for path, target in targets.items():
            SubElement(entity_set, "NavigationPropertyBinding", {"Path": path, "Target": target})
        if annotations and table.change_tracking:
            annotation = SubElement(entity_set, "Annotation", {"Term": CHANGE_TRACKING})
            record = SubElement(annotation, "Record")
            SubElement(record, "PropertyValue", {"Property": "Supported", "Bool": "true"})
    return container
