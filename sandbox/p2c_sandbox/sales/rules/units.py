"""Units and unit groups (protocols A13, part E line 6)."""

from __future__ import annotations

from decimal import Decimal

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule


class UnitGroups(Rule):
    """A unit group is created with its base unit, named by `baseuomname`."""

    sets = frozenset({"uomschedules"})

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        if not call.settings.base_unit_with_schedule or not row.get("baseuomname"):
            return
        unit: Row = {name: row.get(name) for name in _SYSTEM}
        unit |= {
            "uomid": call.new_id(),
            "name": row["baseuomname"],
            "uomscheduleid": row["uomscheduleid"],
            "quantity": Decimal(1),
            "isschedulebaseuom": True,
        }
        call.store.insert("uoms", [unit])


class Units(Rule):
    """Every unit but the base unit names a base unit of its group; names are unique in it."""

    sets = frozenset({"uoms"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        group = row.get("uomscheduleid")
        if not group:
            raise refused("0x80043b0a", "The unit schedule id is missing.")
        _positive(row)
        siblings = call.store.find("uoms", {"uomscheduleid": group})
        row["isschedulebaseuom"] = not siblings
        if siblings:
            _has_base(row, siblings)
        if any(str(unit["name"]).lower() == str(row["name"]).lower() for unit in siblings):
            raise refused("0x80043b0e", "The unit name already exists in this unit group.")

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        _positive({**before, **changes})

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        """The service itself deletes it with its group."""
        if row["isschedulebaseuom"] and not call.system:
            raise refused("0x80043b0c", "The base unit of a schedule cannot be deleted.")


def _positive(row: Row) -> None:
    quantity = row.get("quantity")
    if isinstance(quantity, Decimal) and quantity <= 0:
        raise refused("0x80040203", "The quantity of a unit must be greater than zero.")


def _has_base(row: Row, siblings: list[Row]) -> None:
    if row.get("baseuom") not in {unit["uomid"] for unit in siblings}:
        raise refused("0x80043b1c", "The base unit does not exist in the unit group.")


_SYSTEM = ("createdon", "modifiedon", "createdby", "modifiedby", "organizationid")
