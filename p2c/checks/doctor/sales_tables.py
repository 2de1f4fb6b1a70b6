"""Every declared table and column of Sales."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, ok, problem
from p2c.checks.doctor.sales_definitions import definitions
from p2c.checks.doctor.solution import GET_IT
from p2c.checks.doctor.tenant import Tenant
from pipelines.common.tables import Table

DECLARATION = "pipelines/sales/tables.yml"
PREFIX = "msdynce_"


def checks(tenant: Tenant) -> Iterator[Check]:
    """A run stops at the first that is missing, unless `p2c.on_missing_column` lets it go on."""
    there, tables = definitions(tenant), tenant.declared.tables["sales"]
    wrong = 0
    for table in tables:
        needed = tenant.declared.needed_by(table)
        if table.entity_set not in there:
            todo = f"is Sales installed here? Otherwise take it out of {DECLARATION}"
            yield problem(table.entity_set, f"there is no such table ({needed})", todo)
            wrong += 1
            continue
        known = there[table.entity_set].columns
        missing = [column.name for column in table.columns if column.name not in known]
        for kind, names in _sorted(missing).items():
            yield _missing(table, names, needed, kind == PREFIX)
            wrong += 1
    if not wrong:
        columns = sum(len(table.columns) for table in tables)
        yield ok("tables and columns", f"{len(tables)} tables, {columns} columns")


def _sorted(missing: list[str]) -> dict[str, list[str]]:
    """Those of the solution apart from the others: their remedy is another."""
    found: dict[str, list[str]] = {}
    for name in missing:
        found.setdefault(PREFIX if name.startswith(PREFIX) else "", []).append(name)
    return found


def _missing(table: Table, names: list[str], needed: str, of_solution: bool) -> Check:
    todo = GET_IT if of_solution else f"add it to the table, or take it out of {DECLARATION}"
    found = f"has no column {', '.join(names)} (needed by {needed})"
    return problem(table.entity_set, found, todo)
