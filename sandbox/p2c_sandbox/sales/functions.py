"""Functions and actions that belong to no table, as far as the sandbox offers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.http import Json, Request, query_pairs
from p2c_sandbox.odata.paths import Segment
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.definitions.changes import retrieve
from p2c_sandbox.sales.elsewhere import PREFIX
from p2c_sandbox.sales.security.requests import role_privileges
from p2c_sandbox.sales.security.roles import held_by_role

VERSION = "9.2.24112.00186"
_NAMES = re.compile(r"'((?:[^']|'')*)'|\"([^\"]*)\"")


def offers(name: str) -> bool:
    """Whether there is a function of this name, with or without its namespace."""
    return name.removeprefix(PREFIX) in _functions()


def run(call: Call, segment: Segment, request: Request) -> Json:
    """Answer of an unbound function that is offered. Raises BadRequest."""
    name = segment.name.removeprefix(PREFIX)
    aliases = dict(query_pairs(request.query))
    arguments = {n: aliases.get(v, v) for n, v in (segment.key or {}).items()}
    context = f"{request.root}/$metadata#{PREFIX}{name}Response"
    return {"@odata.context": context, **_functions()[name](call, arguments)}


def _functions() -> Mapping[str, Callable[[Call, Mapping[str, str]], Json]]:
    return {
        "WhoAmI": _who_am_i,
        "RetrieveVersion": _version,
        "RetrieveRolePrivilegesRole": _of_role,
        "RetrieveTotalRecordCount": _total_record_count,
        "RetrieveMetadataChanges": lambda call, arguments: retrieve(call.service, arguments),
    }


def _who_am_i(call: Call, _given: Mapping[str, str]) -> Json:
    user = call.row("systemusers", call.user_id)
    return {
        "BusinessUnitId": user["businessunitid"] if user else None,
        "UserId": call.user_id,
        "OrganizationId": call.organization["organizationid"],
    }


def _version(_call: Call, _given: Mapping[str, str]) -> Json:
    return {"Version": VERSION}


def _of_role(call: Call, arguments: Mapping[str, str]) -> Json:
    role = call.row("roles", arguments.get("RoleId", "").lower())
    if role is None:
        raise BadRequest("The parameter 'RoleId' names no role.")
    return {"RolePrivileges": role_privileges(call, role, held_by_role(call.store, role))}


def _total_record_count(call: Call, arguments: Mapping[str, str]) -> Json:
    """Counts by logical name; here they are exact, in the service up to a day old (A3)."""
    names = [
        single or double for single, double in _NAMES.findall(arguments.get("EntityNames", ""))
    ]
    unknown = [name for name in names if name not in call.service.by_entity]
    if not names or unknown:
        raise BadRequest(f"The entity with a name = '{(unknown or [''])[0]}' was not found.")
    values = [call.store.count(call.service.by_entity[name].set) for name in names]
    counts = {"Count": len(names), "IsReadOnly": False, "Keys": names, "Values": values}
    return {"EntityRecordCountCollection": counts}
