"""The privileges of the application user in Sales: `RetrieveUserPrivileges`, one request, beside
the names and ids that the tables' own definitions have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.connection import WHO
from p2c.checks.doctor.role_privileges import held_depths, privilege_ids
from p2c.checks.doctor.tenant import Tenant
from p2c.tenant.names import DEFINITIONS
from p2c.tenant.privileges import Privilege, sales_privileges

ROLE = (
    "Power Platform admin center > Environments > Settings > Users + permissions > Security roles: "
    "give it to the role of the application user at depth Organization"
)


def checks(tenant: Tenant) -> Iterator[Check]:
    """What a run needs and the user lacks, or has for a part of the organisation only: 403 in a
    run, or records that are not seen. What only `p2c undo` needs is noted."""
    everything = sales_privileges(tenant.context, tenant.declared.graph)
    wanted = [one for one in everything if one.table not in DEFINITIONS]
    ids, held = privilege_ids(tenant, wanted), _held(tenant)
    missing: dict[tuple[str, str], list[Privilege]] = {}
    for one in wanted:
        name, privilege_id = ids.get((one.table, one.access), (one.name, ""))
        depth = held.get(privilege_id, "")
        if depth != one.depth and (one.table, one.access) in ids:
            missing.setdefault((name, depth), []).append(one)
    for (name, depth), needs in missing.items():
        yield _missing(name, depth, needs)
    if not missing:
        yield ok("privileges", f"{len(wanted)} on {len({one.table for one in wanted})} tables")


def _missing(name: str, depth: str, needs: Sequence[Privilege]) -> Check:
    say = note if all(one.optional for one in needs) else problem
    tables = ", ".join(dict.fromkeys(one.table for one in needs))
    why = ", ".join(dict.fromkeys(reason for one in needs for reason in one.why))
    has = f"held at depth {depth} only" if depth else "missing"
    return say(name, f"{has}: {needs[0].access} of {tables} (for {why})", ROLE)


def _held(tenant: Tenant) -> Mapping[str, str]:
    user = tenant.ask("sales", WHO)["UserId"]
    path = f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    return held_depths(tenant.ask("sales", path)["RolePrivileges"])
