"""A sandbox for random orders: who buys, what is sold, and what both systems say of an order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import simplejson
from p2c_sandbox.process import Running
from p2c_sandbox.sales.desk import session

from .random_orders import PRODUCTS, Edit, Money, Order, Terms
from .world import SALES_PATH, Row, World

COMPANY = "usmf"
UNIT, UNIT_GROUP = "Primary Unit", "Default unit"
ACTIVE = 647390000
# As usual, and a currency of which both systems keep four decimals.
DOLLAR = Money("USD", 2, "CRM Service USA (sample)")
FINE = Money("EUR", 4, "Europe")
TAXED, UNTAXED, FINE_CUSTOMER = "EDIT-TAXED", "EDIT-FREE", "EDIT-FINE"
CUSTOMERS = {TAXED: DOLLAR, UNTAXED: DOLLAR, FINE_CUSTOMER: FINE}
MINUTE = 60.0


@dataclass(frozen=True)
class Trade:
    """People and programs of both systems at work."""

    world: World

    # -- setup ---------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Currencies, customers and products, before anything was exchanged."""
        self._keep_four_decimals()
        for number, money in CUSTOMERS.items():
            currency = self._currency(money.code)
            account = {"accountnumber": number, "name": f"Customer {number}", **currency}
            self.world.sales.create("accounts", account)
        for number in PRODUCTS:
            self._product(number)

    def _keep_four_decimals(self) -> None:
        [euro] = self.world.sales.rows(
            "transactioncurrencies", f"$filter=isocurrencycode eq '{FINE.code}'"
        )
        self.world.sales.update(
            f"transactioncurrencies({euro['transactioncurrencyid']})",
            {"currencyprecision": FINE.decimals},
        )
        self.world.finops.update(f"Currencies('{FINE.code}')", {"RoundingRule": 0.0001})

    def _product(self, number: str) -> None:
        """Released in F&O, and in Sales since before."""
        unit = self._one("uoms", "name", UNIT)
        released = {
            "dataAreaId": COMPANY, "ProductNumber": number, "ProductName": f"Product {number}",
            "CurrencyCode": DOLLAR.code, "SalesPrice": 10, "SalesUnitSymbol": "ea",
            "InventoryUnitSymbol": "ea", "SalesUnitDecimalPrecision": 4, "ProductType": "Item",
            "IsStockedProduct": "Yes",
        }  # fmt: skip
        self.world.finops.create("SellableReleasedProducts", released)
        product = {
            "productnumber": number, "name": f"Product {number}", "quantitydecimal": 4, "price": 10,
            "msdynce_ismaintainedexternally": True, **self._currency(DOLLAR.code),
            "defaultuomid@odata.bind": f"/uoms({unit['uomid']})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({unit['_uomscheduleid_value']})",
        }  # fmt: skip
        self.world.sales.create("products", product)
        created = self._one("products", "productnumber", number)["productid"]
        self.world.sales.update(f"products({created})", {"statecode": 0, "statuscode": 1})

    def tax(self, customer: str) -> None:
        """The customer pays sales tax from now on, on goods and on freight."""
        key = f"dataAreaId='{COMPANY}',CustomerAccount='{customer}'"
        self.world.finops.update(f"CustomersV3({key})", {"SalesTaxGroup": "DOM"})

    # -- work ----------------------------------------------------------------------------------

    def enter_in_sales(self, orders: Iterable[Order]) -> None:
        """Orders with their lines, activated."""
        products = {row["productnumber"]: row["productid"] for row in self._rows("products")}
        unit = self._one("uoms", "name", UNIT)["uomid"]
        with _client(self.world.sandbox, "sales") as http:
            for order in orders:
                body = self._body(order, products, unit)
                created = _post(http, f"{SALES_PATH}salesorders", body)
                path = created.headers["OData-EntityId"]
                status = {"msdynce_processingstatus": ACTIVE}
                http.patch(path, json=status, headers={"If-Match": "*"}).raise_for_status()

    def enter_in_finops(self, orders: Iterable[Order]) -> None:
        """Orders with their lines, as a clerk of F&O enters them."""
        for order in orders:
            options = {"customer": order.customer, "currency": order.money.code}
            self.do(order.number, [Edit("create-order", options)])
            self.do(order.number, [Edit("add-line", _options(line)) for line in order.lines])

    def confirm(self, orders: Iterable[Order]) -> None:
        """Charge the freight and confirm; the orders may go to Sales when they are totalled."""
        for order in orders:
            charge = Edit("add-charge", {"amount": str(order.freight)})
            self.do(order.number, [charge, Edit("confirm-order")])

    def total(self) -> None:
        """The batch job "Calculate sales totals"."""
        with _client(self.world.sandbox, "finops") as http:
            _post(http, "/data/SandboxActions/calculate-totals", {})

    def do(self, order: str, edits: Sequence[Edit]) -> None:
        """Actions on an order of F&O."""
        with _client(self.world.sandbox, "finops") as http:
            for edit in edits:
                body = {"order": order, **edit.options}
                _post(http, f"/data/SandboxActions/{edit.action}", body)

    # -- looking -------------------------------------------------------------------------------

    def terms(self) -> dict[str, Terms]:
        """Quantity and price of F&O's lines by order."""
        found: dict[str, Terms] = {n: {} for n in self._by_number()}
        for line in self.finops_lines():
            values = line["OrderedSalesQuantity"], line["SalesPrice"]
            found[line["SalesOrderNumber"]][line["LineCreationSequenceNumber"]] = values
        return found

    def in_finops(self) -> dict[str, Row]:
        """What F&O says of each order."""
        found = {
            number: {
                "total": row["OrderTotalAmount"], "freight": row["OrderTotalChargesAmount"],
                "discount": row["TotalDiscountAmount"], "freight tax": row["OrderHeaderTaxAmount"],
                "lines": {},
            }
            for number, row in self._by_number().items()
        }  # fmt: skip
        for line in self.finops_lines():
            found[line["SalesOrderNumber"]]["lines"][line["LineCreationSequenceNumber"]] = (
                line["ProductNumber"], line["OrderedSalesQuantity"], line["SalesPrice"],
                line["TotalDiscountAmount"], line["TotalTaxAmount"],
            )  # fmt: skip
        return found

    def in_sales(self) -> dict[str, Row]:
        """What Sales says of each order, in the same words."""
        headers = {row["salesorderid"]: row for row in self._rows("salesorders")}
        found = {
            row["ordernumber"]: {
                "total": row["totalamount"], "freight": row["freightamount"] or 0,
                "discount": row["discountamount"] or 0, "freight tax": Decimal(0), "lines": {},
            }
            for row in headers.values()
        }  # fmt: skip
        products = {row["productid"]: row["productnumber"] for row in self._rows("products")}
        for line in self._rows("salesorderdetails"):
            order = found[headers[line["_salesorderid_value"]]["ordernumber"]]
            if line["isproductoverridden"]:
                assert line["productdescription"] == "Freight Tax"
                order["freight tax"] += line["extendedamount"]
            else:
                assert line["sequencenumber"] not in order["lines"]
                order["lines"][line["sequencenumber"]] = (
                    products[line["_productid_value"]], line["quantity"], line["priceperunit"],
                    line["manualdiscountamount"] or 0, line["tax"] or 0,
                )  # fmt: skip
        return found

    def finops_lines(self) -> list[Row]:
        return self.world.finops.rows("CDSSalesOrderLines")

    def _by_number(self) -> dict[str, Row]:
        headers = self.world.finops.rows("CDSSalesOrderHeaders")
        return {row["SalesOrderNumber"]: row for row in headers}

    def _rows(self, entity_set: str) -> list[Row]:
        return self.world.sales.rows(entity_set)

    def _one(self, entity_set: str, column: str, value: str) -> Row:
        [row] = self.world.sales.rows(entity_set, f"$filter={column} eq '{value}'")
        return row

    def _currency(self, code: str) -> Row:
        row = self._one("transactioncurrencies", "isocurrencycode", code)
        key = row["transactioncurrencyid"]
        return {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({key})"}

    def _body(self, order: Order, products: dict[str, str], unit: str) -> Row:
        account = self._one("accounts", "accountnumber", order.customer)
        prices = self._one("pricelevels", "name", order.money.price_list)
        lines = [
            {
                "productid@odata.bind": f"/products({products[line.product]})",
                "uomid@odata.bind": f"/uoms({unit})",
                "quantity": line.quantity,
                "ispriceoverridden": True,
                "priceperunit": line.price,
                "manualdiscountamount": line.discount,
            }
            for line in order.lines
        ]
        return {
            "ordernumber": order.number,
            "name": f"Order {order.number}",
            "customerid_account@odata.bind": f"/accounts({account['accountid']})",
            "pricelevelid@odata.bind": f"/pricelevels({prices['pricelevelid']})",
            **self._currency(order.money.code),
            "order_details": lines,
        }


def _options(line: Any) -> dict[str, str]:
    return {
        "product": line.product,
        "quantity": str(line.quantity),
        "price": str(line.price),
        "discount": str(line.discount),
    }


def _client(running: Running, name: str) -> Any:
    service = running.sales if name == "sales" else running.finops
    return session(service.url, service.token_url, (running.client_id, running.client_secret))


def _post(http: httpx.Client, path: str, body: Row) -> httpx.Response:
    content = simplejson.dumps(body, use_decimal=True)
    headers = {"Content-Type": "application/json"}
    answer = http.post(path, content=content, headers=headers, timeout=MINUTE)
    assert answer.is_success, f"{path} {body}: {answer.text}"
    return answer
