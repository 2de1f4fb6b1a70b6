"""What the Prospect to cash solution's plug-ins do to products in Sales (field-mapping 4.1).

Registered on create of a product, and on update of its currency, price list, unit or price: the
product stands on the first valid price list by name in its currency, with its price; without such a
list the write fails. Only products that F&O owns are kept so.
"""

from __future__ import annotations

from sandbox.odata.model import Row, Table, Value
from sandbox.sales.call import Call
from sandbox.sales.errors import refused
from sandbox.sales.money import MoneyColumns
from sandbox.sales.rules.base import Rule

_WATCHED = frozenset({"transactioncurrencyid", "pricelevelid", "defaultuomid", "price"})
_ITEMS = "productpricelevels"


class ExternalPrices(Rule):
    """Adds an externally maintained product to its price list, or follows its new price."""

    sets = frozenset({"products"})

    def after_create(self, call: Call, table: Table, row: Row) -> None:
        _keep_item(call, row)

    def after_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if changes.keys() & _WATCHED:
            _keep_item(call, {**before, **changes})


def _keep_item(call: Call, product: Row) -> None:
    switched_off = not call.settings.solution_keeps_price_items
    if switched_off or not product.get("msdynce_ismaintainedexternally"):
        return
    if product.get("price") is None:
        return
    values: Row = {
        "pricelevelid": product.get("pricelevelid") or _first_list(call, product),
        "productid": product["productid"],
        "uomid": product["defaultuomid"],
    }
    found = call.store.find(_ITEMS, values, limit=1)
    money = MoneyColumns(call.service.table(_ITEMS))
    changes: Row = {"amount": product["price"], "modifiedon": call.now, "modifiedby": call.user_id}
    if found:
        money.settle(call, changes, found[0])
        call.store.update(_ITEMS, [(int(str(found[0]["_id"])), changes)])
        call.forget(call.service.table(_ITEMS), found[0]["productpricelevelid"])
        return
    row = values | changes | _new_item(call, product)
    money.settle(call, row)
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
    """The first valid list by name, whatever its case, in the product's currency (P3)."""
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
    return min(lists, key=lambda row: str(row["name"]).lower())["pricelevelid"]
