"""What the security role of the application lacks, and how it gets it: planned, then done.

Nothing is ever taken away: a privilege that the role holds at a wider depth, or besides, stays.
Requests as Microsoft documents them: `EntityDefinitions` with `Privileges`, the function
RetrieveRolePrivilegesRole, the action AddPrivilegesRole (bound to a role, depth Global), and
`systemuserroles_association` of the user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from p2c.errors import P2CError
from p2c.tenant.dataverse import Dataverse, Json, any_of, literal
from p2c.tenant.names import DEFINITIONS, DEPTH
from p2c.tenant.privileges import Privilege

USER = "systemuserid,fullname,applicationid,isdisabled,_businessunitid_value"
NO_USER = (
    "Sales has no application user of {application}. Make one: Power Platform admin center >"
    " Manage > Environments > the environment > Settings > Users + permissions > Application users"
    " > New app user."
)
TWO_ROLES = "Sales has {count} roles named {name!r} in its root business unit: choose with --role."


@dataclass(frozen=True)
class Grant:
    """One privilege to be added to the role, and the tables that need it."""

    privilege_id: str
    name: str
    access: str
    tables: tuple[str, ...]

    @property
    def subject(self) -> str:
        """`Order` of `prvAppendToOrder`."""
        return self.name.removeprefix(f"prv{self.access}")


@dataclass(frozen=True)
class User:
    """The application user that is to have the role."""

    user_id: str
    name: str
    business_unit: str


@dataclass(frozen=True)
class RolePlan:
    """What is to be done: nothing, if the role is there with all that it needs and assigned.

    `role_id`: None when the role is to be made. `held`: needed privileges that the role holds.
    `absent`: what the environment does not have, a sentence each. `untracked`: entity sets that are
    read in full because the service keeps no changes of them.
    """

    role: str
    role_id: str | None
    business_unit: str
    user: User
    grants: tuple[Grant, ...]
    held: int
    assigned: bool
    absent: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be done."""
        return self.role_id is not None and not self.grants and self.assigned


def plan_role(
    sales: Dataverse, name: str, privileges: Sequence[Privilege], application: str | None
) -> RolePlan:
    """What is missing. application: client id of the application whose user gets the role; without
    it the one that asks. Raises SetupRefused, and P2CError where there is no such user."""
    user = _user(sales, application)
    root = _root(sales)
    role_id = _role(sales, name, root)
    needed, absent, untracked = _needed(sales, privileges)
    held = _held(sales, role_id) if role_id else {}
    missing = tuple(grant for grant in needed if held.get(grant.privilege_id) != DEPTH)
    return RolePlan(
        role=name,
        role_id=role_id,
        business_unit=root,
        user=user,
        grants=missing,
        held=len(needed) - len(missing),
        assigned=role_id is not None and _is_assigned(sales, user, role_id),
        absent=absent,
        untracked=untracked,
    )


def apply_role(sales: Dataverse, plan: RolePlan) -> RolePlan:
    """Do it: the role, its privileges, its user. Returns the plan with the role's id; what was done
    before a refusal stays, and the next plan goes on from there."""
    role_id = plan.role_id or sales.post(
        f"create the role {plan.role!r}",
        "roles",
        {"name": plan.role, "businessunitid@odata.bind": f"/businessunits({plan.business_unit})"},
    )
    if plan.grants:
        sent = [{"PrivilegeId": one.privilege_id, "Depth": DEPTH} for one in plan.grants]
        path = f"roles({role_id})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
        sales.post(f"add {len(sent)} privileges to {plan.role!r}", path, {"Privileges": sent})
    if not plan.assigned:
        mine = _copy_for(sales, role_id, plan)
        path = f"systemusers({plan.user.user_id})/systemuserroles_association/$ref"
        body = {"@odata.id": f"{sales.root}/roles({mine})"}
        sales.post(f"assign {plan.role!r} to {plan.user.name}", path, body)
    return replace(plan, role_id=role_id)


def _user(sales: Dataverse, application: str | None) -> User:
    if application is None:
        me = sales.one("who asks", "WhoAmI")["UserId"]
        found = [sales.one("the application user", f"systemusers({me})?$select={USER}")]
    else:
        query = f"$select={USER}&$filter=applicationid eq {application}"
        found = sales.rows("the application user", f"systemusers?{quote(query, safe='$=&,')}")
    alive = [row for row in found if not row["isdisabled"]]
    if not alive:
        raise P2CError(NO_USER.format(application=application or "these credentials"))
    row = alive[0]
    return User(row["systemuserid"], str(row["fullname"]), str(row["_businessunitid_value"]))


def _root(sales: Dataverse) -> str:
    condition = quote("_parentbusinessunitid_value eq null")
    path = f"businessunits?$select=businessunitid&$filter={condition}"
    rows = sales.rows("the root business unit", path)
    if not rows:
        raise P2CError("Sales shows no root business unit to this application: give it a role.")
    return str(rows[0]["businessunitid"])


def _role(sales: Dataverse, name: str, root: str) -> str | None:
    """Roles of a name are there once in each business unit; the root's is what others inherit."""
    condition = f"name eq {literal(name)} and _businessunitid_value eq {root}"
    rows = sales.rows("roles", f"roles?$select=roleid&$filter={quote(condition)}")
    if len(rows) > 1:
        raise P2CError(TWO_ROLES.format(count=len(rows), name=name))
    return str(rows[0]["roleid"]) if rows else None


def _held(sales: Dataverse, role_id: str) -> Mapping[str, str]:
    """Privilege id → depth."""
    path = f"RetrieveRolePrivilegesRole(RoleId={role_id})"
    found = sales.one("the privileges of the role", path).get("RolePrivileges", [])
    return {str(one["PrivilegeId"]).lower(): str(one["Depth"]) for one in found}


def _is_assigned(sales: Dataverse, user: User, role_id: str) -> bool:
    path = (
        f"systemusers({user.user_id})/systemuserroles_association"
        "?$select=roleid,_parentrootroleid_value"
    )
    rows = sales.rows("the roles of the application user", path)
    return any(role_id in (row["roleid"], row.get("_parentrootroleid_value")) for row in rows)


def _copy_for(sales: Dataverse, role_id: str, plan: RolePlan) -> str:
    """The role as the user's business unit has it: a user gets roles of the own unit."""
    if plan.user.business_unit == plan.business_unit:
        return role_id
    condition = (
        f"_parentrootroleid_value eq {role_id}"
        f" and _businessunitid_value eq {plan.user.business_unit}"
    )
    rows = sales.rows("copies of the role", f"roles?$select=roleid&$filter={quote(condition)}")
    return str(rows[0]["roleid"]) if rows else role_id


def _needed(
    sales: Dataverse, privileges: Sequence[Privilege]
) -> tuple[tuple[Grant, ...], tuple[str, ...], tuple[str, ...]]:
    """Grants by name, what is absent, and entity sets without change tracking."""
    tables = list(dict.fromkeys(one.table for one in privileges if one.table not in DEFINITIONS))
    columns = "ChangeTrackingEnabled,CanChangeTrackingBeEnabled,Privileges"
    select = f"$select=LogicalName,EntitySetName,{columns}"
    path = f"EntityDefinitions?{select}&{any_of('LogicalName', tables)}"
    defined = {row["LogicalName"]: row for row in sales.rows("the tables' definitions", path)}
    absent = [
        f"The table {one} is not in this environment." for one in tables if one not in defined
    ]
    there = [one for one in privileges if one.table in defined or one.table in DEFINITIONS]
    named = _ids_by_name(sales, [one.name for one in there if not _own(defined, one)])
    found: dict[str, Grant] = {}
    for one in there:
        own = _own(defined, one)
        name, privilege_id = (own["Name"], own["PrivilegeId"]) if own else (one.name, "")
        privilege_id = str(privilege_id or named.get(name, "")).lower()
        if not privilege_id:
            absent.append(f"There is no privilege {one.access} for the table {one.table}.")
            continue
        before = found[privilege_id].tables if privilege_id in found else ()
        found[privilege_id] = Grant(
            privilege_id, name, one.access, tuple(dict.fromkeys((*before, one.table)))
        )
    off = sorted(row["EntitySetName"] for row in defined.values() if _is_untracked(row))
    return tuple(sorted(found.values(), key=lambda g: g.name)), tuple(absent), tuple(off)


def _is_untracked(row: Json) -> bool:
    """Whether a person could switch change tracking on; some tables can have none."""
    possible = (row.get("CanChangeTrackingBeEnabled") or {}).get("Value", True)
    return bool(possible) and not row["ChangeTrackingEnabled"]


def _own(defined: Mapping[str, Json], privilege: Privilege) -> Json | None:
    """As the table's definition names it; lines may have none of their own."""
    listed: Iterable[Json] = defined.get(privilege.table, {}).get("Privileges") or ()
    return next((one for one in listed if one["PrivilegeType"] == privilege.access), None)


def _ids_by_name(sales: Dataverse, names: Sequence[str]) -> Mapping[str, str]:
    if not names:
        return {}
    wanted = list(dict.fromkeys(names))
    path = f"privileges?$select=privilegeid,name&{any_of('name', wanted)}"
    return {row["name"]: row["privilegeid"] for row in sales.rows("privileges by name", path)}
