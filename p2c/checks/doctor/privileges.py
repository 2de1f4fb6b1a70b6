"""The privileges of the application user in Sales: `RetrieveUserPrivileges`, one request, beside
the names and ids that the tables' own definitions have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.connection import WHO
from p2c.checks.doctor.tenant import Tenant
from p2c.tenant.names import DEFINITIONS
from p2c.tenant.privileges import Privilege, sales_privileges

# Depths as they go up; there is a row for each role and team, and the widest counts. A number
# instead of a word has been seen in no source and counts as none.
DEPTHS = ("Basic", "Local", "Deep", "Global")
ROLE = (
    "Power Platform admin center > Environments > Settings > Users + permissions > Security roles: "
    "give it to the role of the application user at depth Organization"
)
Ids = Mapping[tuple[str, str], tuple[str, str]]


def checks(tenant: Tenant) -> Iterator[Check]:
    """What a run needs and the user lacks, or has for a part of the organisation only: 403 in a
    run, or records that are not seen. What `p2c undo` alone needs is noted."""
    everything = sales_privileges(tenant.context, tenant.declared.graph)
    wanted = [one for one in everything if one.table not in DEFINITIONS]
    ids, held = _ids(tenant, wanted), _held(tenant)
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


def _ids(tenant: Tenant, wanted: Sequence[Privilege]) -> Ids:
    """(table, access) → name and id; a table that has no such privilege is not in it."""
    tables = dict.fromkeys(one.table for one in wanted)
    condition = " or ".join(f"LogicalName eq '{table}'" for table in tables)
    columns = ["LogicalName", "Privileges"]
    rows = tenant.rows("sales", "EntityDefinitions", columns, filter=condition) if tables else []
    return {
        (row["LogicalName"], one["PrivilegeType"]): (one["Name"], str(one["PrivilegeId"]).lower())
        for row in rows
        for one in row["Privileges"]
    }


def _held(tenant: Tenant) -> Mapping[str, str]:
    """Id of a privilege → the widest depth of the user's roles and teams."""
    user = tenant.ask("sales", WHO)["UserId"]
    path = f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    found: dict[str, str] = {}
    for row in tenant.ask("sales", path)["RolePrivileges"]:
        key, depth = str(row["PrivilegeId"]).lower(), str(row["Depth"])
        found[key] = max(found.get(key, depth), depth, key=_place)
    return found


def _place(depth: str) -> int:
    return DEPTHS.index(depth) if depth in DEPTHS else -1
