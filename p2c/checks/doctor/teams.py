"""Teams that own records need a role that reads them (rule G8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from p2c.checks.doctor.check import Check, note, ok
from p2c.checks.doctor.role_privileges import Ids, held_depths, privilege_ids
from p2c.checks.doctor.tenant import Tenant
from p2c.tenant.names import DEFINITIONS
from p2c.tenant.privileges import sales_privileges

READ, OWNED = "Read", "Assign"
MOST = 5  # teams that are asked for their privileges: one request each
TODO = "Sales, Settings > Security > Teams > Manage Roles: a role with Read, depth User is enough"


def checks(tenant: Tenant) -> Iterator[Check]:
    """Each business unit's own team. A team without the privilege makes Sales refuse the records
    that it owns: "Principal team … is missing prvRead…"; whether it owns any is not looked at."""
    teams = tenant.rows("sales", "teams", ["teamid", "name"], filter="isdefault eq true")
    ids = _read_ids(tenant)
    wrong = 0
    for team in teams[:MOST]:
        if missing := _missing(tenant, team, ids):
            wrong += 1
            shown = f"{team['name']} lacks {', '.join(missing)}: records that it owns are refused"
            yield note("owner teams", shown, TODO)
    if not wrong:
        yield ok("owner teams", f"{min(len(teams), MOST)} of {len(teams)} may read what they own")


def _read_ids(tenant: Tenant) -> Mapping[str, str]:
    """Name → id of the Read privileges on tables that are written and have owners."""
    everything = sales_privileges(tenant.context, tenant.declared.graph)
    wanted = [one for one in everything if one.table not in DEFINITIONS]
    ids: Ids = privilege_ids(tenant, wanted)
    written = {one.table for one in wanted if one.access in ("Create", "Write")}
    return dict(
        found
        for (table, access), found in ids.items()
        if access == READ and table in written and (table, OWNED) in ids
    )


def _missing(tenant: Tenant, team: Mapping[str, str], ids: Mapping[str, str]) -> list[str]:
    path = f"teams({team['teamid']})/Microsoft.Dynamics.CRM.RetrieveTeamPrivileges()"
    held = held_depths(tenant.ask("sales", path)["RolePrivileges"])
    return [name for name, privilege_id in ids.items() if privilege_id not in held]
