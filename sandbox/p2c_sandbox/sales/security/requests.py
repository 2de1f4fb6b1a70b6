"""Requests for roles: their privileges, and the users they are assigned to.

POST   roles(…)/Microsoft.Dynamics.CRM.AddPrivilegesRole  {"Privileges": [{"PrivilegeId": …,
       "Depth": "Global"}]}                         by name, or its number as text
GET    roles(…)/roleprivileges_association          systemusers(…)/systemuserroles_association
POST   systemusers(…)/systemuserroles_association/$ref  {"@odata.id": …}
DELETE systemusers(…)/systemuserroles_association(…)/$ref
GET    systemusers(…)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()
GET    teams(…)/Microsoft.Dynamics.CRM.RetrieveTeamPrivileges()
GET    systemusers(…)/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(…)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.filters import Sql
from p2c_sandbox.odata.http import Json, Request, Response, json_response
from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.odata.paths import Segment, unquoted
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.elsewhere import PREFIX
from p2c_sandbox.sales.errors import does_not_exist, duplicate, not_allowed, refused
from p2c_sandbox.sales.keys import get, read_key, row_of_url
from p2c_sandbox.sales.reading import Readings
from p2c_sandbox.sales.security import roles
from p2c_sandbox.sales.security.access import demand
from p2c_sandbox.sales.security.catalogue import DEPTHS, Privilege, every

_DONE = Response(204, {"OData-Version": "4.0"})
_USERS, _PRIVILEGES = "systemuserroles_association", "roleprivileges_association"
_NUMBERS = {str(number): name for number, name in enumerate(DEPTHS)}
# (set, navigation property) → set at its other end, and the pairs: table, this side, other side.
_PAIRS = {
    ("systemusers", _USERS): ("roles", "systemuserrolescollection", "systemuserid", "roleid"),
    ("roles", _USERS): ("systemusers", "systemuserrolescollection", "roleid", "systemuserid"),
    ("roles", _PRIVILEGES): ("privileges", "roleprivilegescollection", "roleid", "privilegeid"),
}


@dataclass(frozen=True)
class Security:
    """Answers what only users and roles have; None for everything else."""

    readings: Readings

    def answer(
        self, call: Call, table: Table, segments: list[Segment], request: Request
    ) -> Response | None:
        """Raises as every request does."""
        head, rest = segments[0], segments[1:]
        if head.key is None or not rest:
            return None
        name = rest[0].name
        if operation := self._operations.get((table.set, name.removeprefix(PREFIX))):
            if request.method != ("POST" if name.endswith("Role") else "GET"):
                raise not_allowed(request)
            return operation(call, get(call, read_key(call, table, head.key)), rest[0], request)
        if (table.set, name) in _PAIRS:
            row = get(call, read_key(call, table, head.key))
            return self._pairs(call, table, row, rest, request)
        return None

    @property
    def _operations(
        self,
    ) -> Mapping[tuple[str, str], Callable[[Call, Row, Segment, Request], Response]]:
        return {
            ("roles", "AddPrivilegesRole"): _add_privileges,
            ("systemusers", "RetrieveUserPrivileges"): _of_user,
            ("teams", "RetrieveTeamPrivileges"): _of_team,
            ("systemusers", "RetrieveUserPrivilegeByPrivilegeName"): _of_user_by_name,
        }

    def _pairs(
        self, call: Call, table: Table, row: Row, rest: list[Segment], request: Request
    ) -> Response:
        target_set, pairs, mine, other = _PAIRS[table.set, rest[0].name]
        if request.method in ("GET", "HEAD") and len(rest) == 1:
            demand(call, call.service.table(target_set), "Read")
            sql = f't."{other}" IN (SELECT "{other}" FROM "{pairs}" WHERE "{mine}" = ?)'
            within = Sql(sql, (str(row[mine]),))
            return self.readings.collection(request, call.service.table(target_set), within)
        if table.set != "systemusers" or [one.name for one in rest[1:]] != ["$ref"]:
            raise not_allowed(request)
        demand(call, call.service.table("roles"), "Assign")
        with call.store.transaction():
            return _assign(call, row, rest[0], request)


def _assign(call: Call, user: Row, segment: Segment, request: Request) -> Response:
    user_id = str(user["systemuserid"])
    if request.method == "DELETE" and segment.key:
        roles.take(call.store, user_id, next(iter(segment.key.values())))
        return _DONE
    reference = request.json().get("@odata.id") if request.method == "POST" else None
    if not isinstance(reference, str):
        raise not_allowed(request) if request.method != "POST" else BadRequest("No '@odata.id'.")
    role_id = row_of_url(call, reference, {"roles"})[1]
    role = call.row("roles", role_id) or {}
    if role["businessunitid"] != user["businessunitid"]:
        raise refused("0x80040203", "The role and the user are of different business units.")
    if roles.has(call.store, user_id, role_id):
        raise duplicate()
    roles.give(call.store, user_id, role_id)
    return _DONE


def _add_privileges(call: Call, role: Row, _: Segment, request: Request) -> Response:
    demand(call, call.service.table("roles"), "Write")
    sent = request.json().get("Privileges")
    if not isinstance(sent, list):
        raise BadRequest("The parameter 'Privileges' is missing.")
    known = {one.privilege_id: one for one in every(call.service).values()}
    depths = dict(_depth(known, one) for one in sent)
    with call.store.transaction():
        roles.add(call.store, role, depths)
    return _DONE


def _depth(known: Mapping[str, Privilege], sent: object) -> tuple[str, str]:
    body = sent if isinstance(sent, dict) else {}
    privilege_id, depth = str(body.get("PrivilegeId")).lower(), body.get("Depth")
    name = _NUMBERS.get(depth, depth) if isinstance(depth, str) else ""
    if name not in DEPTHS:
        raise BadRequest(f"Cannot convert '{depth}' to the enumeration 'PrivilegeDepth'.")
    if privilege_id not in known:
        raise does_not_exist("privilege", privilege_id)
    if not known[privilege_id].can_be(name):
        raise refused("0x8004140b", f"{known[privilege_id].name} cannot be granted as {name}.")
    return privilege_id, name


def _of_user(call: Call, user: Row, _: Segment, request: Request) -> Response:
    found = role_privileges(call, user, _held(call, user))
    return _answer(request, "RetrieveUserPrivileges", found)


def _of_user_by_name(call: Call, user: Row, segment: Segment, request: Request) -> Response:
    name = unquoted((segment.key or {}).get("PrivilegeName", "''"))
    wanted = every(call.service).get(name)
    if wanted is None:
        raise BadRequest(f"The privilege with a name = '{name}' was not found.")
    held = _held(call, user)
    only = {key: held[key] for key in (wanted.privilege_id,) if key in held}
    found = role_privileges(call, user, only)
    return _answer(request, "RetrieveUserPrivilegeByPrivilegeName", found)


def _of_team(call: Call, team: Row, _: Segment, request: Request) -> Response:
    """Teams have no roles of their own here: all privileges, or none by a switch."""
    none = team["name"] in call.settings.teams_without_role
    names = {} if none else every(call.service)
    held = {one.privilege_id: DEPTHS["Basic" if one.owned else "Global"] for one in names.values()}
    found = role_privileges(call, team, held)
    return _answer(request, "RetrieveTeamPrivileges", found)


def role_privileges(call: Call, holder: Row, held: Mapping[str, int]) -> list[Json]:
    """Privilege id → depth mask of a role or a user, as functions answer it."""
    names = {one.privilege_id: one.name for one in every(call.service).values()}
    depths = {mask: depth for depth, mask in DEPTHS.items()}
    return [
        {
            "Depth": depths[mask],
            "PrivilegeId": privilege_id,
            "BusinessUnitId": holder["businessunitid"],
            "PrivilegeName": names.get(privilege_id),
        }
        for privilege_id, mask in held.items()
    ]


def _held(call: Call, user: Row) -> dict[str, int]:
    return roles.held_by_user(call.store, str(user["systemuserid"]))


def _answer(request: Request, name: str, found: list[Json]) -> Response:
    context = f"{request.root}/$metadata#{PREFIX}{name}Response"
    return json_response({"@odata.context": context, "RolePrivileges": found})
