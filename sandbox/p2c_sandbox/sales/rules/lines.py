"""What a line may sell: a catalogue product with a unit of its group, or a write-in
(protocols A13)."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.products import DRAFT, RETIRED

_CONTENT = frozenset({"productid", "productdescription", "uomid"})


class LineProducts(Rule):
    """Write-in text excludes product and unit; a product needs a unit of its own group."""

    sets = frozenset({"quotedetails", "salesorderdetails", "invoicedetails"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _check(call, row, new_product=True)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & _CONTENT:
            moved = changes.get("productid", before["productid"]) != before["productid"]
            _check(call, {**before, **changes}, new_product=moved)


def _check(call: Call, row: Row, *, new_product: bool) -> None:
    if row.get("isproductoverridden"):
        _check_write_in(row)
        return
    if row.get("productdescription") and row.get("productid"):
        raise refused("0x80043afb", "You cannot specify both a product and a product description.")
    product = call.row("products", row["productid"]) if row.get("productid") else None
    if product is None:
        raise refused("0x80043b11", "The product id is missing.")
    if new_product and product["statecode"] in (DRAFT, RETIRED):
        raise refused("0x8004f975", "Draft and retired products cannot be added to a document.")
    if not row.get("uomid"):
        raise refused("0x80043b0d", "The unit id is missing.")
    unit = call.row("uoms", row["uomid"])
    if unit is None or unit["uomscheduleid"] != product["defaultuomscheduleid"]:
        raise refused("0x80043b14", "The unit is not valid for this product.")


def _check_write_in(row: Row) -> None:
    if row.get("productid"):
        raise refused("0x80043afb", "You cannot specify both a product and a product description.")
    if row.get("uomid"):
        raise refused("0x80043afa", "You cannot specify both a unit and a product description.")
