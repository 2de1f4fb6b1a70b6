"""What a caller lacks a privilege for is refused, in the service's words (protocols A11).

Depth is not looked at: a role that holds a privilege holds it for all rows here.
"""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.security.catalogue import Privilege, every, name_of
from p2c_sandbox.sales.security.roles import held_by_user, is_administrator, roles_of


def demand(call: Call, table: Table, access: str) -> None:
    """Raises ServiceError 403 when the caller lacks the privilege for this access to the table."""
    if call.system or table.system or _may_all(call):
        return
    wanted = every(call.service).get(name_of(table, access))
    if wanted is not None and wanted.privilege_id not in _held(call):
        raise _missing(call, wanted)


def demand_lookups(call: Call, table: Table, values: Row) -> None:
    """What it takes to point a row to others: Append here and AppendTo there, and Assign for
    another owner."""
    if call.system or _may_all(call):
        return
    for column in table.columns.values():
        target = values.get(column.name)
        if not column.is_lookup or target is None:
            continue
        if column.name == "ownerid":
            if target != call.user_id:
                demand(call, table, "Assign")
            continue
        entity = values.get(column.entity_column or "")
        demand(call, table, "Append")
        for target_set in set(column.targets.values()):
            other = call.service.table(target_set)
            if entity in (None, other.entity):
                demand(call, other, "AppendTo")


def _may_all(call: Call) -> bool:
    if call.privileges is None:
        everything = is_administrator(call.store, call.user_id)
        call.privileges = "all" if everything else held_by_user(call.store, call.user_id)
    return call.privileges == "all"


def _held(call: Call) -> dict[str, int]:
    return call.privileges if isinstance(call.privileges, dict) else {}


def _missing(call: Call, wanted: Privilege) -> Exception:
    user = call.row("systemusers", call.user_id) or {}
    return refused(
        "0x80040220",
        f"Principal user (Id={call.user_id}, type=8, "
        f"roleCount={len(roles_of(call.store, call.user_id))}, "
        f"privilegeCount={len(_held(call))}, accessMode={user.get('accessmode')}) is missing "
        f"{wanted.name} privilege (Id={wanted.privilege_id}).",
        403,
    )
