"""Products: released to a company, and shown by the entity after a job (flows P1, P6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from p2c_sandbox.finops.actions.words import Product
from p2c_sandbox.finops.company import COMPANY, LISTED
from p2c_sandbox.finops.desk import Desk
from p2c_sandbox.finops.errors import FinopsError, unrelated
from p2c_sandbox.finops.rules.totals import write

PRODUCTS = "SellableReleasedProducts"
POPULATED = "job/populate distinct product table"


def release_product(
    desk: Desk,
    *,
    product: Product,
    name: Annotated[str, "Product name."],
    price: Annotated[Decimal, "Sales price in the company's currency."] = Decimal(0),
    unit: Annotated[str, "Unit it is sold in."] = "ea",
    service: Annotated[bool, "A service; it is not stocked."] = False,
    description: Annotated[str, "Product description."] = "",
) -> dict[str, object]:
    """Release a product to a company, in the company's accounting currency."""
    if desk.store.get("UnitsOfMeasure", {"UnitSymbol": unit}) is None:
        raise FinopsError(unrelated(unit, "Unit", "Units"))
    ledger = desk.store.get("Ledgers", {"LegalEntityId": desk.company})
    values: dict[str, Any] = {
        "ProductNumber": product,
        "ProductName": name,
        "ProductDescription": description,
        "SalesPrice": price,
        "SalesUnitSymbol": unit,
        "InventoryUnitSymbol": unit,
        "CurrencyCode": ledger["AccountingCurrency"] if ledger else "USD",
        "ProductType": "Service" if service else "Item",
        "FieldServiceProductType": "Service" if service else "Inventory",
        "IsStockedProduct": "No" if service else "Yes",
    }
    row = desk.insert(PRODUCTS, **values)
    listed = "Yes" if _has_run(desk) else "No"
    stored = desk.store.get(PRODUCTS, {COMPANY: desk.company, "ProductNumber": product})
    assert stored is not None
    write(desk.store, PRODUCTS, [(stored, {LISTED: listed})])
    return {"company": desk.company, "product": row["ProductNumber"], "listed": listed == "Yes"}


def populate_distinct_products(desk: Desk) -> dict[str, object]:
    """Run "Populate distinct product table"; released products are listed from now on."""
    hidden = desk.store.find(PRODUCTS, {LISTED: "No"})
    write(desk.store, PRODUCTS, [(row, {LISTED: "Yes"}) for row in hidden])
    desk.store.next_number(POPULATED)
    return {"products": len(hidden)}


def _has_run(desk: Desk) -> bool:
    """Whether the job ran before; the demo's F&O is one where it did."""
    return bool(desk.store.execute("SELECT 1 FROM _counters WHERE name = ?", (POPULATED,)))
