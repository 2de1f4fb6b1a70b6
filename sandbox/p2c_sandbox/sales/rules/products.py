"""Products: unit and unit group, and the life from Draft to Retired (protocols A13)."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule

ACTIVE, RETIRED, DRAFT, REVISED = 0, 1, 2, 3
_STATE = frozenset({"statecode", "statuscode"})
_MOVES = {
    DRAFT: {DRAFT, ACTIVE, RETIRED},
    ACTIVE: {ACTIVE, RETIRED, REVISED},
    REVISED: {REVISED, ACTIVE, RETIRED},
    RETIRED: {RETIRED, ACTIVE},
}


class ProductLife(Rule):
    """New products are Draft, or Active when the organisation says so and there is no parent."""

    sets = frozenset({"products"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        active = call.organization["createproductswithoutparentinactivestate"]
        state = ACTIVE if active and not row.get("parentproductid") else DRAFT
        row["statecode"] = state
        row["statuscode"] = table.columns["statuscode"].states[state][0]

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        state = before["statecode"]
        target = changes.get("statecode", state)
        if target not in _MOVES[int(state or 0)]:
            raise _wrong_move(state, target)
        if state == RETIRED and target == RETIRED and not changes.keys() <= _STATE:
            raise refused("0x8004f995", "You can't update a retired product.")
        if state == RETIRED and target == ACTIVE and (before["parentproductid"] or before["iskit"]):
            raise refused("0x8004f00e", "Only products without a parent can be activated again.")

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        used = ("quotedetails", "salesorderdetails", "invoicedetails")
        if any(call.store.find(name, {"productid": row["productid"]}, limit=1) for name in used):
            raise refused(
                "0x80040227", "The product cannot be deleted because lines refer to it.", 405
            )


def _wrong_move(state: object, target: object) -> Exception:
    """The code depends on the pair: CannotSetPublishRetiredProductsToDraft and its kin."""
    if target == DRAFT and state == RETIRED:
        return refused("0x80061035", "You can't set a retired product to draft.")
    if target == DRAFT:
        return refused("0x8004f912", "You can't change the state of this product to Draft.")
    return refused("0x8004f00e", "The product cannot move to this state from where it is.")


class ProductUnits(Rule):
    """MissingUomScheduleId, ProductInvalidUnit: the default unit lies in the unit group."""

    sets = frozenset({"products"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _check(call, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & {"defaultuomid", "defaultuomscheduleid"}:
            _check(call, {**before, **changes})


def _check(call: Call, row: Row) -> None:
    if row.get("productstructure") == 2:  # a family has no unit
        return
    if not row.get("defaultuomscheduleid"):
        raise refused("0x80043b13", "The unit schedule id of the product is missing.")
    if not row.get("defaultuomid"):
        raise refused("0x80043b0d", "The default unit of the product is missing.")
    unit = call.row("uoms", row["defaultuomid"])
    if unit is None or unit["uomscheduleid"] != row["defaultuomscheduleid"]:
        raise refused("0x80043b14", "The unit is not valid for the unit group of this product.")
