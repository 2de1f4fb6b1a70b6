"""Data management, where tables are read or written by packages (docs/packages.md)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, Refused, ok, problem
from p2c.checks.doctor.finops_entities import REFRESH
from p2c.checks.doctor.tenant import Tenant

PROJECTS = "DataManagementDefinitionGroups"
JOBS = "DataManagementExecutionJobDetails"
ODATA = "odata"
ROLE = 'its user needs the role "Data management operations user", or one with as much'


def checks(tenant: Tenant) -> Iterator[Check]:
    """Whether projects and jobs can be seen; nothing is asked where no package is used."""
    ways = tenant.context.settings.sources.finops
    used = {ways.read_by, ways.write_by, *ways.read_by_table.values(), *ways.write_by_set.values()}
    if used == {ODATA}:
        yield ok("data management", "not used: all goes by OData")
        return
    for entity_set, column in ((PROJECTS, "Name"), (JOBS, "JobId")):
        try:
            tenant.rows("finops", entity_set, [column], top="1")
        except Refused as error:
            todo = f"{ROLE}; {REFRESH}; or read_by and write_by = odata"
            yield problem("data management", f"{entity_set} cannot be read: {error.message}", todo)
            return
    yield ok("data management", "projects and jobs can be read")
