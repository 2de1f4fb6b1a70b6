"""The privileges that the tables have: `prvReadOrder` and the like, with their depths.

Documents' lines name their document's privileges, and price lists, their items and units those of
products. That a line's definition lists its document's is a guess.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Row, Service, Table

# PrivilegeType → `accessright` of the row.
RIGHTS: Mapping[str, int] = {
    "Create": 32,
    "Read": 1,
    "Write": 2,
    "Delete": 65_536,
    "Assign": 524_288,
    "Share": 262_144,
    "Append": 4,
    "AppendTo": 16,
}
DEPTHS: Mapping[str, int] = {"Basic": 1, "Local": 2, "Deep": 4, "Global": 8}
_OF_OWNERS = ("Assign", "Share")
# Of tables that anybody may read here: definitions, messages, solutions.
_MORE = ("Entity", "Attribute", "Relationship", "SdkMessage", "Solution")
_NAMESPACE = uuid.UUID("2a0c8f2c-6f0e-4a55-9f2a-3bb1f5f0a4d1")


@dataclass(frozen=True)
class Privilege:
    """One privilege; those of tables that nobody owns are granted for the organization only."""

    name: str
    type: str
    owned: bool

    @property
    def privilege_id(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, self.name))

    def can_be(self, depth: str) -> bool:
        """Whether a role may hold it at this depth."""
        return self.owned or depth == "Global"

    @property
    def metadata(self) -> Json:
        """As the definition of a table shows it (SecurityPrivilegeMetadata)."""
        depths = {f"CanBe{depth}": self.can_be(depth) for depth in DEPTHS}
        shown = {"Name": self.name, "PrivilegeId": self.privilege_id, "PrivilegeType": self.type}
        return {**depths, **shown}

    @property
    def row(self) -> Row:
        """As the table `privileges` has it."""
        depths = {f"canbe{depth.lower()}": self.can_be(depth) for depth in DEPTHS}
        return {
            "privilegeid": self.privilege_id,
            "name": self.name,
            "accessright": RIGHTS[self.type],
            **depths,
        }


def name_of(table: Table, access: str) -> str:
    """`prvReadOrder`."""
    return f"prv{access}{table.privilege_name or table.schema_name or table.entity}"


def of_table(table: Table) -> list[Privilege]:
    """The privileges that a table's definition names."""
    return list(_named(table.privilege_name or table.schema_name or table.entity, _owned(table)))


def every(service: Service) -> dict[str, Privilege]:
    """All by name, each once."""
    tables = [table for table in service.tables.values() if not table.system]
    found = [one for table in tables for one in of_table(table)]
    found += [Privilege(f"prvRead{name}", "Read", owned=False) for name in _MORE]
    return {one.name: one for one in found}


@lru_cache(maxsize=256)
def _named(name: str, owned: bool) -> tuple[Privilege, ...]:
    return tuple(_each(name, owned))


def _each(name: str, owned: bool) -> Iterator[Privilege]:
    for access in RIGHTS:
        if owned or access not in _OF_OWNERS:
            yield Privilege(f"prv{access}{name}", access, owned)


def _owned(table: Table) -> bool:
    return "ownerid" in table.columns or table.entity.endswith("detail")
