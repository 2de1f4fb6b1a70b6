"""The Prospect to cash solution in Sales (rule R1)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.environments import numbers
from p2c.checks.doctor.sales_definitions import definitions
from p2c.checks.doctor.tenant import Tenant

NAME = "msdynce_ProspectToCashIntegration"
DUAL_WRITE = "DualWriteCore"
CLASH = "msdynce_accountnumber"  # its index of account numbers
LEAST, BOTH_WAYS = (1, 14), (1, 15)
GET_IT = (
    "install the Prospect to cash solution (AppSource: Prospect to Cash for Dynamics 365 Sales), "
    "1.15.0.0 or later"
)


def checks(tenant: Tenant) -> Iterator[Check]:
    """Whether it is there, new enough, and at peace with dual-write."""
    condition = f"uniquename eq '{NAME}' or uniquename eq '{DUAL_WRITE}'"
    rows = tenant.rows("sales", "solutions", ["uniquename", "version"], filter=condition)
    there = {str(row["uniquename"]).lower(): str(row["version"]) for row in rows}
    yield _version(there.get(NAME.lower()))
    if DUAL_WRITE.lower() in there:
        yield _dual_write(tenant)


def _version(version: str | None) -> Check:
    name = "Prospect to cash"
    if version is None:
        found = f"Sales has no solution {NAME}"
        return problem(name, found, f"{GET_IT}; without it its columns (msdynce_…) are missing")
    parts = numbers(version)
    if not parts or parts < LEAST:
        return problem(name, f"{NAME} {version}", GET_IT)
    if parts < BOTH_WAYS:
        return note(name, f"{NAME} {version}", "orders both ways need 1.15.0.0 or later")
    return ok(name, f"{NAME} {version}")


def _dual_write(tenant: Tenant) -> Check:
    keys = {str(key["LogicalName"]).lower() for key in definitions(tenant)["account"].keys}
    if CLASH not in keys:
        return ok("dual-write", "installed; the index it clashes with is gone")
    return note(
        "dual-write",
        f"{DUAL_WRITE} is installed beside the index {CLASH} of Prospect to cash",
        "one of the two per environment; package 15.0.0.2 of Prospect to cash drops the index",
    )
