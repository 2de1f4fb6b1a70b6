"""Every declared table and column of Sales."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from p2c.checks.doctor.asked_fields import missing_fields
from p2c.checks.doctor.check import Check, Refused, ok, problem
from p2c.checks.doctor.sales_definitions import Definition, definitions
from p2c.checks.doctor.solution import GET_IT
from p2c.checks.doctor.tenant import Tenant
from pipelines.common.tables import Table

DECLARATION = "pipelines/sales/tables.yml"
PREFIX = "msdynce_"
WORKERS = 4


def checks(tenant: Tenant) -> Iterator[Check]:
    """A run stops at the first that is missing, unless `p2c.on_missing_column` lets it go on."""
    tables = tenant.declared.tables["sales"]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = [one for each in pool.map(_finder(tenant), tables) for one in each]
    yield from found
    if not found:
        columns = sum(len(table.columns) for table in tables)
        yield ok("tables and columns", f"{len(tables)} tables, {columns} columns")


def _finder(tenant: Tenant) -> Callable[[Table], list[Check]]:
    """By the definitions; where these may not be read, by one row of each table."""
    try:
        there = definitions(tenant)
    except Refused:
        return lambda table: list(_asked(tenant, table))
    return lambda table: list(_defined(tenant, table, there))


def _defined(tenant: Tenant, table: Table, there: Mapping[str, Definition]) -> Iterator[Check]:
    needed = tenant.declared.needed_by(table)
    if table.entity_set not in there:
        todo = f"is Sales installed here? Otherwise take it out of {DECLARATION}"
        yield problem(table.entity_set, f"there is no such table ({needed})", todo)
        return
    known = there[table.entity_set].columns
    yield from _missing(table, [c.name for c in table.columns if c.name not in known], needed)


def _asked(tenant: Tenant, table: Table) -> Iterator[Check]:
    needed = tenant.declared.needed_by(table)
    try:
        fields = missing_fields(tenant, table)
    except Refused as error:
        found = f"cannot be read ({needed}): {error.message} (HTTP {error.status})"
        yield problem(table.entity_set, found, "its application user needs a role that reads it")
        return
    yield from _missing(table, [c.name for c in table.columns if c.field in fields], needed)


def _missing(table: Table, names: list[str], needed: str) -> Iterator[Check]:
    """Those of the solution apart from the others: their remedy is another."""
    for of_solution in (True, False):
        these = [name for name in names if name.startswith(PREFIX) is of_solution]
        todo = GET_IT if of_solution else f"add it to the table, or take it out of {DECLARATION}"
        if these:
            found = f"has no column {', '.join(these)} (needed by {needed})"
            yield problem(table.entity_set, found, todo)
