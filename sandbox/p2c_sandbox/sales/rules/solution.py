"""What the Prospect to cash solution's plug-ins do to products in Sales (field-mapping 4.1).

Registered on create of a product, and on update of its currency, price list, unit or price: the
product stands on a price list with its price; without one the write fails. Only products that F&O
owns are kept so. A product cannot be created with `pricelevelid` (field-mapping 8.5), so a new one
stands on the first valid list by name in its currency. What a later `pricelevelid` does is unknown:
`solution_price_list` says it.

    added   the product stands on that list too; what stood before stays
    moved   the item that the plug-in made for the old list or unit goes
    first   the plug-in keeps to the first list by name
"""

from __future__ import annotations

from p2c_sandbox.odata.folding import fold
from p2c_sandbox.odata.model import Row, Table, Value
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.money import MoneyColumns
from p2c_sandbox.sales.rules.base import Rule

_WATCHED = frozenset({"transactioncurrencyid", "pricelevelid", "defaultuomid", "price"})
_ITEMS = "productpricelevels"


class ExternalPrices(Rule):
    """Adds an externally maintained product to its price list, or follows its new price."""

    sets = frozenset({"products"})

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        _keep_item(call, row)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & _WATCHED:
            after = {**before, **changes}
            if call.settings.solution_price_list == "moved" and _is_kept(call, before):
                _take_away(call, before, after)
            _keep_item(call, after)


def _is_kept(call: Call, product: Row) -> bool:
    owned = call.settings.solution_keeps_price_items and product.get(
        "msdynce_ismaintainedexternally"
    )
    return bool(owned) and product.get("price") is not None


def _place(call: Call, product: Row) -> Row:
    """The key of the product's item: its list, itself, its unit."""
    named = None if call.settings.solution_price_list == "first" else product.get("pricelevelid")
    return {
        "pricelevelid": named or _first_list(call, product),
        "productid": product["productid"],
        "uomid": product["defaultuomid"],
    }


def _take_away(call: Call, before: Row, after: Row) -> None:
    place = _place(call, before)
    if place == _place(call, after):
        return
    for item in call.store.find(_ITEMS, place):
        call.store.delete(_ITEMS, item)
        call.forget(call.service.table(_ITEMS), item["productpricelevelid"])


def _keep_item(call: Call, product: Row) -> None:
    if not _is_kept(call, product):
        return
    values = _place(call, product)
    found = call.store.find(_ITEMS, values, limit=1)
    money = MoneyColumns(call.service.table(_ITEMS))
    changes: Row = {"amount": product["price"], "modifiedon": call.now, "modifiedby": call.user_id}
    if found:
        money.derive(call, changes, found[0])
        call.store.update(_ITEMS, [(int(str(found[0]["_id"])), changes)])
        call.forget(call.service.table(_ITEMS), found[0]["productpricelevelid"])
        return
    row = values | changes | _new_item(call, product)
    money.derive(call, row)
    call.store.insert(_ITEMS, [row])


def _new_item(call: Call, product: Row) -> Row:
    return {
        "productpricelevelid": call.new_id(),
        "transactioncurrencyid": product["transactioncurrencyid"],
        "uomscheduleid": product["defaultuomscheduleid"],
        "productnumber": product["productnumber"],
        "pricingmethodcode": 1,
        "quantitysellingcode": 1,
        "roundingpolicycode": 1,
        "roundingoptioncode": 1,
        "createdon": call.now,
        "createdby": call.user_id,
        "organizationid": call.organization["organizationid"],
    }


def _first_list(call: Call, product: Row) -> Value:
    """The first valid list by name, as a person sorts, in the product's currency (P3)."""
    today = call.now[:10]
    lists = [
        row
        for row in call.store.find(
            "pricelevels", {"transactioncurrencyid": product["transactioncurrencyid"]}
        )
        if row["statecode"] == 0
        and str(row["begindate"] or today)[:10] <= today <= str(row["enddate"] or today)[:10]
    ]
    if not lists:
        raise refused(
            "0x80040265",
            f"There is no price list in the currency of product {product['productnumber']}.",
        )
    return min(lists, key=lambda row: fold(str(row["name"]), accents=False))["pricelevelid"]
