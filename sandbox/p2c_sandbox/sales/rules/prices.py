"""Price lists and their items (protocols A13, codes A11)."""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.keys import same_row
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.products import RETIRED

_KEY = ("pricelevelid", "productid", "uomid")


class PriceLists(Rule):
    """PriceLevelNameExists: names are unique."""

    sets = frozenset({"pricelevels"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _unique_name(call, table, row)

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if "name" in changes:
            _unique_name(call, table, {**before, **changes})
        if changes.get("transactioncurrencyid") not in (None, before["transactioncurrencyid"]):
            items = call.store.find(
                "productpricelevels", {"pricelevelid": before["pricelevelid"]}, limit=1
            )
            if items:
                raise refused(
                    "0x80048cea", "The currency of a price list that has items cannot be changed."
                )


def _unique_name(call: Call, table: Table, row: Row) -> None:
    wanted, own = {"name": row.get("name")}, row["pricelevelid"]
    exact = call.store.find("pricelevels", wanted)
    same = same_row(call, table, wanted, besides=own)
    if same is not None or any(other["pricelevelid"] != own for other in exact):
        raise refused("0x80043b0f", "The price list name already exists.")


class PriceListItems(Rule):
    """One row for each product, unit and list; unit in the product's group; list's currency."""

    sets = frozenset({"productpricelevels"})

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        _check(call, row, {})

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & {*_KEY, "transactioncurrencyid", "amount", "pricingmethodcode"}:
            merged = {**before, **changes}
            _check(call, merged, before)
            kept = ("uomscheduleid", "productnumber", "transactioncurrencyid")
            changes |= {name: merged[name] for name in kept}


def _check(call: Call, row: Row, before: Row) -> None:
    price_list, product, unit = _parts(call, row)
    if product["statecode"] == RETIRED and product["productid"] != before.get("productid"):
        raise refused("0x80061009", "You can't add a retired product to a price list.")
    if unit["uomscheduleid"] != product["defaultuomscheduleid"]:
        raise refused("0x80043b16", "The unit is not in the unit schedule of the product.")
    _check_currency(row, price_list)
    _check_unique(call, row)
    if row.get("pricingmethodcode") == 1 and row.get("amount") is None:
        raise refused("0x80040200", "The amount of the price list item is missing.")
    row["uomscheduleid"] = unit["uomscheduleid"]
    row["productnumber"] = product["productnumber"]


def _parts(call: Call, row: Row) -> tuple[Row, Row, Row]:
    missing = {
        "pricelevelid": ("pricelevels", "0x80043b12", "The price level id is missing."),
        "productid": ("products", "0x80043b11", "The product id is missing."),
        "uomid": ("uoms", "0x80043b0d", "The unit id is missing."),
    }
    found = []
    for column, (entity_set, code, text) in missing.items():
        other = call.row(entity_set, row[column]) if row.get(column) else None
        if other is None:
            raise refused(code, text)
        found.append(other)
    return found[0], found[1], found[2]


def _check_currency(row: Row, price_list: Row) -> None:
    currency = price_list["transactioncurrencyid"]
    if row.get("transactioncurrencyid") is None:
        row["transactioncurrencyid"] = currency
    elif row["transactioncurrencyid"] != currency:
        raise refused(
            "0x80048cea",
            "The currency of the record does not match the currency of the price list.",
        )


def _check_unique(call: Call, row: Row) -> None:
    key = {name: row[name] for name in _KEY}
    for other in call.store.find("productpricelevels", key):
        if other["productpricelevelid"] != row["productpricelevelid"]:
            raise refused(
                "0x80043b08",
                "This product and unit combination has a price for this price list.",
                call.settings.duplicate_price_status,
            )
