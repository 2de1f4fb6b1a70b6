"""Who holds which privilege: roles of users, and copies of a role in each business unit below."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping

from p2c_sandbox.odata.model import Row
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.security.catalogue import DEPTHS, every

# Microsoft's template of the role System Administrator, the same in every environment.
ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
_ADMINISTRATOR_ROLE = "0000000b-0000-0000-0000-000000000001"
_HELD = "roleprivilegescollection"
_GIVEN = "systemuserrolescollection"
_DEEPEST = 8


def seed(store: Store) -> None:
    """The privileges of the model, and System Administrator for the users that there are."""
    if store.count("roles"):
        return
    with store.transaction():
        store.insert("privileges", [one.row for one in every(store.service).values()])
        [root] = store.find("businessunits", {"parentbusinessunitid": None})
        role: Row = {"roleid": _ADMINISTRATOR_ROLE, "name": "System Administrator"}
        role |= {"businessunitid": root["businessunitid"], "roletemplateid": ADMINISTRATOR}
        store.insert("roles", [{**role, "ismanaged": False}])
        for user in store.find("systemusers", {}):
            give(store, str(user["systemuserid"]), _ADMINISTRATOR_ROLE)


def give(store: Store, user_id: str, role_id: str) -> None:
    """Assign a role to a user."""
    row: Row = {"systemuserid": user_id, "roleid": role_id}
    store.insert(_GIVEN, [{"systemuserroleid": str(uuid.uuid4()), **row}])


def take(store: Store, user_id: str, role_id: str) -> None:
    """Take a role from a user that has it."""
    for row in store.find(_GIVEN, {"systemuserid": user_id, "roleid": role_id}):
        store.delete(_GIVEN, row)


def has(store: Store, user_id: str, role_id: str) -> bool:
    """Whether the role is assigned to the user."""
    return bool(store.find(_GIVEN, {"systemuserid": user_id, "roleid": role_id}, limit=1))


def copy_down(store: Store, role: Row) -> None:
    """A role is there in every business unit below its own, as a copy that inherits from it."""
    for unit in _below(store, str(role["businessunitid"])):
        copy = {name: value for name, value in role.items() if not name.startswith("_")}
        copy |= {"roleid": str(uuid.uuid4()), "businessunitid": unit}
        parents: Row = {"parentroleid": role["roleid"], "parentrootroleid": role["roleid"]}
        store.insert("roles", [{**copy, **parents}])


def add(store: Store, role: Row, depths: Mapping[str, str]) -> None:
    """Privilege id → depth; a privilege that the role holds gets the new depth."""
    role_id = _root(role)
    for privilege_id, depth in depths.items():
        mask = DEPTHS[depth]
        held = store.find(_HELD, {"roleid": role_id, "privilegeid": privilege_id})
        if held:
            assert isinstance(held[0]["_id"], int)
            store.update(_HELD, [(held[0]["_id"], {"privilegedepthmask": mask})])
            continue
        row: Row = {"roleid": role_id, "privilegeid": privilege_id, "privilegedepthmask": mask}
        store.insert(_HELD, [{"roleprivilegeid": str(uuid.uuid4()), **row}])


def held_by_role(store: Store, role: Row) -> dict[str, int]:
    """Privilege id → depth mask."""
    if role["roletemplateid"] == ADMINISTRATOR:
        return {one.privilege_id: _DEEPEST for one in every(store.service).values()}
    rows = store.find(_HELD, {"roleid": _root(role)})
    return {str(row["privilegeid"]): int(str(row["privilegedepthmask"])) for row in rows}


def held_by_user(store: Store, user_id: str) -> dict[str, int]:
    """Privilege id → the widest depth of all roles of the user."""
    held: dict[str, int] = {}
    for role in roles_of(store, user_id):
        for privilege_id, mask in held_by_role(store, role).items():
            held[privilege_id] = max(mask, held.get(privilege_id, 0))
    return held


def is_administrator(store: Store, user_id: str) -> bool:
    """Whether a user may do everything."""
    return any(role["roletemplateid"] == ADMINISTRATOR for role in roles_of(store, user_id))


def roles_of(store: Store, user_id: str) -> list[Row]:
    """The roles that are assigned to a user."""
    pairs = store.find(_GIVEN, {"systemuserid": user_id})
    found: Iterable[Row | None] = (store.get("roles", {"roleid": row["roleid"]}) for row in pairs)
    return [role for role in found if role is not None]


def _root(role: Row) -> str:
    return str(role["parentrootroleid"] or role["roleid"])


def _below(store: Store, unit: str) -> Iterator[str]:
    for row in store.find("businessunits", {"parentbusinessunitid": unit}):
        yield str(row["businessunitid"])
        yield from _below(store, str(row["businessunitid"]))
