"""A Sales store with what every environment has: organisation, user, base currency, metadata."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import yaml

from sandbox.odata.model import Row, Service, Table, load_service
from sandbox.odata.store import Clock, Store, stamp, utc_now
from sandbox.sales.call import USER_ID

METADATA = Path(__file__).parent.parent / "metadata" / "sales"
ORGANIZATION_ID = "00000002-0000-0000-0000-000000000000"
_NAMESPACE = uuid.UUID("6f1d7a4e-52c9-4f53-9b0e-3c1f5e0a7c11")
_BULK = ("CreateMultiple", "UpdateMultiple")
_ALWAYS = ("Create", "Update", "Delete", "Retrieve", "RetrieveMultiple", "Upsert")


def open_store(
    path: Path | None = None, *, clock: Clock = utc_now, service: Service | None = None
) -> Store:
    """Open or make the Sales database (None = in memory); base rows are there afterwards.

    `service` saves reading the YAML files again when the model was loaded before.
    """
    store = Store(service or load_service(METADATA), path, clock=clock)
    seed(store)
    return store


def seed(store: Store) -> None:
    """Put the base rows into an empty store; a store that has them is left as it is."""
    if store.count("organizations"):
        return
    with store.transaction():
        data = yaml.safe_load((METADATA / "_base.yml").read_text(encoding="utf-8"))
        for entity_set, rows in data.items():
            table = store.service.table(entity_set)
            store.insert(entity_set, [_complete(store, table, row) for row in rows])
        for entity_set, rows in _system_rows(store.service):
            store.insert(entity_set, rows)


def _complete(store: Store, table: Table, given: Row) -> Row:
    """Defaults and system columns around the columns of the file."""
    now, columns = stamp(store.clock()), table.columns
    row: Row = {c.name: c.default for c in columns.values() if c.default is not None}
    row |= {"createdon": now, "modifiedon": now, "createdby": USER_ID, "modifiedby": USER_ID}
    if "organizationid" in columns:
        row["organizationid"] = ORGANIZATION_ID
    for name, value in given.items():
        row[name] = Decimal(str(value)) if columns[name].is_scaled else value
    return row


def _system_rows(service: Service) -> Iterator[tuple[str, list[Row]]]:
    """Messages and table definitions that follow from the model (A4, A9)."""
    names = (*_ALWAYS, *_BULK)
    messages = {name: _id("message", name) for name in names}
    yield "sdkmessages", [{"sdkmessageid": messages[n], "name": n} for n in names]
    tables = [table for table in service.tables.values() if not table.system]
    yield (
        "sdkmessagefilters",
        [
            {
                "sdkmessagefilterid": _id(name, table.entity),
                "primaryobjecttypecode": table.entity,
                "secondaryobjecttypecode": "none",
                "sdkmessageid": messages[name],
            }
            for table in tables
            for name in (names if table.bulk else _ALWAYS)
        ],
    )
    yield "EntityDefinitions", [_definition(table) for table in tables]


def _definition(table: Table) -> Row:
    owned = "ownerid" in table.columns
    return {
        "MetadataId": _id("table", table.entity),
        "LogicalName": table.entity,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set,
        "LogicalCollectionName": table.set,
        "CollectionSchemaName": table.set,
        "PrimaryIdAttribute": table.key_column,
        "PrimaryNameAttribute": table.name_column,
        "ObjectTypeCode": table.type_code,
        "ChangeTrackingEnabled": table.change_tracking,
        "IsOptimisticConcurrencyEnabled": table.optimistic,
        "IsCustomEntity": table.entity.startswith("msdynce_"),
        "OwnershipType": "UserOwned" if owned else "OrganizationOwned",
    }


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))
