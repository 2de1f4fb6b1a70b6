"""A Sales store with what every environment has: organisation, user, base currency, metadata."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Set
from decimal import Decimal
from pathlib import Path
from typing import cast

import yaml

from p2c_sandbox.odata.model import Row, Service, Table, load_service
from p2c_sandbox.odata.store import Clock, Store, stamp, utc_now
from p2c_sandbox.sales.call import USER_ID
from p2c_sandbox.sales.lacking import lacking
from p2c_sandbox.sales.security import roles
from p2c_sandbox.sales.settings import SalesSettings

METADATA = Path(__file__).parent.parent / "metadata" / "sales"
ON_HOLD = 690970000
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


def model(settings: SalesSettings) -> Service:
    """The tables as the settings want them: what is switched off is not in the metadata either."""
    service = load_service(METADATA)
    if not settings.order_on_hold:
        column = service.table("salesorders").columns["statuscode"]
        column.options.pop(ON_HOLD)
        for statuses in column.states.values():
            if ON_HOLD in statuses:
                statuses.remove(ON_HOLD)
    return lacking(service, settings)


def name_organization(store: Store, settings: SalesSettings) -> None:
    """Give the organisation the id that the settings want: what tells environments apart."""
    wanted = settings.organization_id
    if wanted is None or wanted == store.find("organizations", {})[0]["organizationid"]:
        return
    with store.transaction():
        for table in store.service.tables.values():
            if "organizationid" in table.columns:
                rows = [
                    (cast(int, row["_id"]), {"organizationid": wanted})
                    for row in store.find(table.set, {})
                    if row["organizationid"]
                ]
                store.update(table.set, rows)


def list_messages(store: Store, settings: SalesSettings) -> None:
    """Make `sdkmessagefilters`, where clients look for bulk messages (protocols A9), fit the
    settings."""
    found = _filters(store.service, settings.tables_without_bulk)
    wanted = {str(row["sdkmessagefilterid"]): row for row in found}
    with store.transaction():
        there = store.find("sdkmessagefilters", {})
        for row in there:
            if row["sdkmessagefilterid"] not in wanted:
                store.delete("sdkmessagefilters", row)
        missing = wanted.keys() - {row["sdkmessagefilterid"] for row in there}
        store.insert("sdkmessagefilters", [wanted[row_id] for row_id in sorted(missing)])


def seed(store: Store) -> None:
    """Put the base rows into an empty store; a store that has them is left as it is."""
    if store.count("organizations"):
        roles.seed(store)  # a sandbox of an earlier version has none
        return
    with store.transaction():
        data = yaml.safe_load((METADATA / "_base.yml").read_text(encoding="utf-8"))
        for entity_set, rows in data.items():
            table = store.service.table(entity_set)
            store.insert(entity_set, [_complete(store, table, row) for row in rows])
        for entity_set, rows in _system_rows(store.service):
            store.insert(entity_set, rows)
        roles.seed(store)


def _complete(store: Store, table: Table, sent: Row) -> Row:
    """Defaults and system columns around the columns of the file."""
    now, columns = stamp(store.clock()), table.columns
    row: Row = {c.name: c.default for c in columns.values() if c.default is not None}
    row |= {"createdon": now, "modifiedon": now, "createdby": USER_ID, "modifiedby": USER_ID}
    if "organizationid" in columns:
        row["organizationid"] = ORGANIZATION_ID
    for name, value in sent.items():
        row[name] = Decimal(str(value)) if columns[name].is_scaled else value
    return row


def _system_rows(service: Service) -> Iterator[tuple[str, list[Row]]]:
    """Messages that follow from the model (protocols A9)."""
    names = (*_ALWAYS, *_BULK)
    yield "sdkmessages", [{"sdkmessageid": _id("message", n), "name": n} for n in names]
    yield "sdkmessagefilters", list(_filters(service))


def _filters(service: Service, without_bulk: Set[str] = frozenset()) -> Iterator[Row]:
    for table in service.tables.values():
        bulk = _BULK if table.bulk and table.set not in without_bulk else ()
        for name in () if table.system else (*_ALWAYS, *bulk):
            yield {
                "sdkmessagefilterid": _id(name, table.entity),
                "primaryobjecttypecode": table.entity,
                "secondaryobjecttypecode": "none",
                "sdkmessageid": _id("message", name),
            }


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))
