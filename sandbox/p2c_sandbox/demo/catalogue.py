"""Products that Sales of the demo has from F&O already: those its quotes and orders sell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from p2c_sandbox.demo.ids import BASE_ROWS, Row, currency_id, record_id
from p2c_sandbox.demo.products import product_number, products

# Released in both companies and free of dirt; the services in the US only.
IN_BOTH = (12, 13, 26, 40, 41, 54, 55, 68, 69, 82, 83, 96)
SERVICES = (18, 32)
UNITS = {"ea": "Primary Unit", "pcs": "pcs", "box": "box", "kg": "kg", "hr": "hour"}
LAST = 97
_GROUP = BASE_ROWS["uomschedules", "Default unit"]


@dataclass(frozen=True)
class Product:
    """What a line of a document needs to know of a product."""

    number: str
    unit: str
    row_id: str

    @classmethod
    def of(cls, row: Row) -> Product:
        number = str(row["ProductNumber"])
        return cls(number, UNITS[str(row["SalesUnitSymbol"])], record_id("products", number))


def offered(seed: int) -> dict[int, Row]:
    """The rows of F&O in the US company, by running number of the demo."""
    rows = {
        str(row["ProductNumber"]): row
        for row in products(LAST, seed)
        if row["dataAreaId"] == "usmf"
    }
    return {number: rows[product_number(number)] for number in (*IN_BOTH, *SERVICES)}


def sales_products(seed: int) -> Iterator[Row]:
    """Bodies of the products as the integration sent them. Two are out of date since."""
    for place, row in enumerate(offered(seed).values()):
        price = row["SalesPrice"]
        assert isinstance(price, Decimal)
        product = Product.of(row)
        yield {
            "productid": product.row_id,
            "productnumber": product.number,
            "name": row["ProductName"],
            "description": row["ProductDescription"] or None,
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency_id('USD')})",
            "price": price - 1 if place in (3, 7) else price,
            "currentcost": row["UnitCost"],
            "defaultuomid@odata.bind": f"/uoms({record_id('uoms', product.unit)})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({_GROUP})",
            "quantitydecimal": row["SalesUnitDecimalPrecision"],
            "isstockitem": row["IsStockedProduct"] == "Yes",
            "producttypecode": 1 if row["ProductType"] == "Item" else 3,
            "productstructure": 1,
            "msdynce_ismaintainedexternally": True,
        }
