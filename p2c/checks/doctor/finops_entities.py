"""Every declared data entity and field of F&O, asked for as a run asks: with one row."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from p2c.checks.doctor.asked_fields import missing_fields
from p2c.checks.doctor.check import Check, Refused, ok, problem
from p2c.checks.doctor.tenant import Tenant
from p2c.tenant.tables import CUSTOMERS
from pipelines.common.tables import Table

DECLARATION = "pipelines/finops/tables.yml"
OTHER = {"CustomersV2": "CustomersV3", "CustomersV3": "CustomersV2"}
REFRESH = (
    "F&O, Workspaces > Data management > Framework parameters > Entity settings > Refresh entity "
    "list; then restart the service or wait until it knows the entity"
)
ROLE = (
    "give the user of System administration > Setup > Microsoft Entra ID applications a role with "
    "the entity's privilege (…EntityMaintain)"
)
FORBIDDEN = 403
WORKERS = 4


def checks(tenant: Tenant) -> Iterator[Check]:
    """Entities that are not there, fields that are not there, and entities that may not be read."""
    tables = tenant.declared.tables["finops"]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = [
            one for each in pool.map(lambda t: list(_table(tenant, t)), tables) for one in each
        ]
    yield from found
    if not found:
        columns = sum(len(table.columns) for table in tables)
        yield ok("entities and fields", f"{len(tables)} entities, {columns} fields")


def _table(tenant: Tenant, table: Table) -> Iterator[Check]:
    needed = tenant.declared.needed_by(table)
    try:
        missing = missing_fields(tenant, table)
    except Refused as error:
        yield _refused(table, needed, error)
        return
    if missing:
        found = f"has no field {', '.join(missing)} (needed by {needed})"
        yield problem(table.entity_set, found, f"{REFRESH}; or take it out of {DECLARATION}")


def _refused(table: Table, needed: str, error: Refused) -> Check:
    if error.status == FORBIDDEN:
        return problem(table.entity_set, f"may not be read ({needed}): {error.message}", ROLE)
    words, todo = f"{error.message} (HTTP {error.status})", REFRESH
    if table.name == CUSTOMERS and table.entity_set in OTHER:
        other = OTHER[table.entity_set]
        todo = f'set customers_entity_set = "{other}" where the tenant has that one; or {REFRESH}'
    return problem(table.entity_set, f"cannot be read ({needed}): {words}", todo)
