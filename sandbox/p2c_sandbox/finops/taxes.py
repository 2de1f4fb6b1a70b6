"""Sales tax: a rate for each company, customer's tax group and kind of product.

A customer without tax group pays none, as in F&O; new customers take the group of their customer
group. `CHARGES` is the rate on charges such as freight.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from p2c_sandbox.finops.amounts import ZERO
from p2c_sandbox.odata.store import Store

ITEM, SERVICE, CHARGES = "Item", "Service", "Charges"
DOMESTIC = "DOM"
RATES: Mapping[tuple[str, str, str], Decimal] = {
    ("usmf", DOMESTIC, ITEM): Decimal("6.5"),
    ("usmf", DOMESTIC, SERVICE): ZERO,
    ("usmf", DOMESTIC, CHARGES): Decimal("6.5"),
    ("demf", DOMESTIC, ITEM): Decimal(19),
    ("demf", DOMESTIC, SERVICE): Decimal(7),
    ("demf", DOMESTIC, CHARGES): Decimal(19),
}


def rate(store: Store, company: str, customer: str, kind: str) -> Decimal:
    """Percent for a customer's purchase of a kind of product; 0 where nothing says otherwise."""
    sql = (
        'SELECT "SalesTaxGroup" FROM "CustomersV3" WHERE "dataAreaId" = ? AND "CustomerAccount" = ?'
    )
    found = store.execute(sql, (company, customer))
    group = str(found[0][0]).upper() if found else ""
    return RATES.get((company, group, kind), ZERO)


def product_kind(store: Store, company: str, product: str) -> str:
    """`Item` or `Service`; a product that is not released any more counts as an item."""
    sql = (
        'SELECT "ProductType" FROM "SellableReleasedProducts"'
        ' WHERE "dataAreaId" = ? AND "ProductNumber" = ?'
    )
    found = store.execute(sql, (company, product))
    return str(found[0][0]) if found else ITEM
