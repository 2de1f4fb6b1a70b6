"""Lines of quotations and orders: product, unit, place, discount, amount (field-mapping 8.2, 9)."""

from __future__ import annotations

from decimal import Decimal

from p2c_sandbox.finops.amounts import CENT, Discount, Terms, line_amounts, split
from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.errors import unrelated
from p2c_sandbox.finops.rules.base import Change, Hook
from p2c_sandbox.finops.rules.documents import LINE, Document, number_of
from p2c_sandbox.finops.values import EMPTY_DATE
from p2c_sandbox.odata.model import Row
from p2c_sandbox.odata.store import Store

_LARGEST = Decimal(10) ** 12
_ADDRESS = (
    "Street", "StreetNumber", "City", "StateId", "ZipCode", "CountryRegionId",
    "CountryRegionISOCode",
)  # fmt: skip


def belongs(document: Document) -> Hook:
    """Hook: a line has a header, and takes its currency, dates and address."""

    def fill(change: Change) -> None:
        header = document.header_of(change.store, change.row)
        if header is None:
            number = change.row[document.number]
            label = change.label(document.number)
            change.refuse(unrelated(number, label, f"{document.title}s"))
            return
        change.row["CurrencyCode"] = header["CurrencyCode"]
        if change.is_new:
            _number(document, change)
            _dates(document, change, header)
            _address(change, header)

    return fill


def _number(document: Document, change: Change) -> None:
    """O8: a line keeps its number; one that comes without gets the next free one."""
    if change.row[LINE]:
        return
    sql = (
        f'SELECT coalesce(max("{LINE}"), 0) FROM "{document.lines}"'
        f' WHERE "{COMPANY}" = ? AND "{document.number}" = ?'
    )
    found = change.store.execute(sql, (change.company, str(change.row[document.number])))
    change.row[LINE] = int(found[0][0]) + 1


def _dates(document: Document, change: Change, header: Row) -> None:
    pairs = {
        "RequestedShippingDate": "RequestedShippingDate",
        "RequestedReceiptDate": document.receipt_date,
    }
    for own, of_header in pairs.items():
        if change.row[own] == EMPTY_DATE:
            change.row[own] = header[of_header]


def _address(change: Change, header: Row) -> None:
    names = [f"DeliveryAddress{part}" for part in _ADDRESS]
    if not any(change.sent.get(name) for name in names):
        change.row.update({name: header[name] for name in names})


def sells(document: Document) -> Hook:
    """Hook: the product is released in the company; name, unit and price come from it."""

    def fill(change: Change) -> None:
        if not (change.is_new or change.sent.keys() & {"ProductNumber", document.quantity}):
            return
        if change.is_new and document.quantity not in change.sent:
            change.must_fill(document.quantity)
        product = _product(change)
        if product is not None and (change.is_new or "ProductNumber" in change.sent):
            _from_product(change, product)

    return fill


def _product(change: Change) -> Row | None:
    number = change.row["ProductNumber"]
    key = {COMPANY: change.company, "ProductNumber": number}
    product = change.store.get("SellableReleasedProducts", key)
    if product is None and number != "":
        change.refuse(unrelated(number, change.label("ProductNumber"), "Released products"))
    if product is not None and product["IsSalesStopped"] == "Yes":
        change.refuse(f"Item number {number} is stopped for sales orders.")
    return product


def _from_product(change: Change, product: Row) -> None:
    row, sent = change.row, change.sent
    row["ProductNumber"] = product["ProductNumber"]
    if not sent.get("ProductName"):
        row["ProductName"] = product["ProductName"]
    if not sent.get("LineDescription"):
        row["LineDescription"] = product["ProductDescription"] or product["ProductName"]
    if not sent.get("SalesUnitSymbol"):
        row["SalesUnitSymbol"] = product["SalesUnitSymbol"]
    if "SalesPrice" not in sent:
        row["SalesPrice"] = product["SalesPrice"]


def ships(document: Document) -> Hook:
    """Hook: site and warehouse from the line, the header, or the product; a stocked product cannot
    go without (protocols B6)."""

    def fill(change: Change) -> None:
        row = change.row
        if not change.is_new and row["ShippingSiteId"] and row["ShippingWarehouseId"]:
            return
        header = document.header_of(change.store, row)
        key = {COMPANY: change.company, "ProductNumber": row["ProductNumber"]}
        product = change.store.get("SellableReleasedProducts", key)
        if header is None or product is None:
            return
        _place(change, header, product)
        if product["IsStockedProduct"] == "Yes":
            _must_have_place(change)

    return fill


def _place(change: Change, header: Row, product: Row) -> None:
    row = change.row
    if not row["ShippingWarehouseId"] and not row["ShippingSiteId"]:
        row["ShippingWarehouseId"] = (
            header["DefaultShippingWarehouseId"] or product["DefaultWarehouseId"]
        )
        row["ShippingSiteId"] = header["DefaultShippingSiteId"] or product["DefaultSiteId"]
    if row["ShippingWarehouseId"] and not row["ShippingSiteId"]:
        key = {COMPANY: change.company, "WarehouseId": row["ShippingWarehouseId"]}
        found = change.store.get("Warehouses", key)
        if found is None:
            number, label = row["ShippingWarehouseId"], change.label("ShippingWarehouseId")
            change.refuse(unrelated(number, label, "Warehouses"))
            return
        row["ShippingSiteId"] = found["OperationalSiteId"]


def _must_have_place(change: Change) -> None:
    missing = [
        f"Inventory dimension {name} is mandatory and must consequently be specified."
        for name in ("Site", "Warehouse")
        if not change.row[f"Shipping{name}Id"]
    ]
    if missing:
        change.refuse(*missing)


def discounted(document: Document) -> Hook:
    """Hook: TotalDiscountAmount is split, the amounts are computed (flows O5).

    Through the entity the discount of the whole line stays what it was when only the quantity
    moves; an amount per unit counts when the discount of the line is not sent with it.
    """

    def keep_discount(change: Change) -> None:
        row, sent = change.row, change.sent
        unit = rounding(change.store, row["CurrencyCode"])
        quantity = number_of(row, document.quantity)
        if sent.keys() & {"LineDiscountAmount", "FixedPriceCharges"}:
            _refuse_both(change)
            parts = discount_of(row)
        else:
            parts = split(number_of(row, "TotalDiscountAmount"), quantity, unit)
        row["LineDiscountAmount"], row["FixedPriceCharges"] = parts.per_unit, parts.charge
        row["TotalDiscountAmount"] = parts.of_line(quantity, unit)
        terms = Terms(number_of(row, "SalesPrice"), parts, Decimal(0), Decimal(0), unit)
        row["LineAmount"] = line_amounts(terms, quantity).net
        _check_size(change, document)

    return keep_discount


def _refuse_both(change: Change) -> None:
    if "TotalDiscountAmount" in change.sent:
        change.refuse("Field 'Total discount' and the discount per unit cannot be set together.")


def _check_size(change: Change, document: Document) -> None:
    names = ("LineAmount", "LineDiscountAmount", "FixedPriceCharges", document.quantity)
    for name in names:
        if abs(number_of(change.row, name)) >= _LARGEST:
            change.refuse(f"The amount in field '{change.label(name)}' is too large.")


def discount_of(line: Row) -> Discount:
    """The two parts as a line keeps them."""
    return Discount(number_of(line, "LineDiscountAmount"), number_of(line, "FixedPriceCharges"))


def rounding(store: Store, currency: object) -> Decimal:
    """The smallest amount of a currency."""
    found = store.get("Currencies", {"CurrencyCode": str(currency)})
    rule = number_of(found, "RoundingRule") if found else Decimal(0)
    return rule.normalize() if rule else CENT
