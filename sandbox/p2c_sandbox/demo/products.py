"""Demo products as F&O offers them: sellable released products of two companies."""

from collections.abc import Iterator
from decimal import Decimal

from p2c_sandbox.demo.ids import Row

COMPANIES = {"usmf": "USD", "demf": "EUR"}
ENGLISH = (
    ("Standard", "Heavy-duty", "Compact", "Wireless", "Stainless", "Adjustable", "Industrial"),
    ("speaker", "bearing", "cable", "bracket", "sensor", "valve", "cabinet", "pump", "lamp"),
)
GERMAN = (
    ("Robuste", "Kleine", "Große", "Verstellbare", "Schnelle", "Geräuscharme"),
    ("Pumpe", "Lampe", "Säge", "Bürste", "Dichtung", "Kette", "Schraube"),
)
COLOURS = ("Black", "White", "Grün")
SIZES = ("S", "M", "L")
UNITS = ("ea", "pcs", "ea", "box", "kg", "ea")
VARIANTS = 3


def products(count: int, seed: int) -> Iterator[Row]:
    """Rows for `count` product numbers; some are released in both companies, so rows > count."""
    for number in range(count):
        yield from _product(number, seed)


def product_number(number: int) -> str:
    """Every sixth master comes as three variants, each with a number of its own (flows P1)."""
    block, place = divmod(number, 8)
    master = 1000 + block * 6 + min(place, 5)
    if place < 5:
        return f"P{master:06d}" if number % 3 else f"{master:05d}"
    variant = place - 5
    return f"{master} : {COLOURS[variant]} : {SIZES[(block + variant) % len(SIZES)]}"


def _product(number: int, seed: int) -> Iterator[Row]:
    turn = number % 14
    if turn < 9:
        yield _row("usmf", number, seed)
    elif turn < 12:
        yield _row("demf", number, seed)
    else:
        row = _row("usmf", number, seed)
        yield row
        yield _in_second_company(row, number)


def _row(company: str, number: int, seed: int) -> Row:
    service = number % 7 == 4
    row: Row = {
        "dataAreaId": company,
        "ProductNumber": product_number(number),
        "ProductName": _name(company, number),
        "ProductDescription": f"Catalogue page {number % 90 + 1}" if number % 4 else "",
        "CurrencyCode": COMPANIES[company],
        "ProductType": "Service" if service else "Item",
        "FieldServiceProductType": "Service" if service else "Inventory",
        "IsStockedProduct": "No" if service else "Yes",
        "IsSalesStopped": "Yes" if number % 41 == 7 else "No",
        "SalesUnitSymbol": "hr" if service else UNITS[number % len(UNITS)],
        "InventoryUnitSymbol": "hr" if service else UNITS[number % len(UNITS)],
        "SalesUnitDecimalPrecision": 2 if service else number % 2,
        "SalesPrice": _price(number, seed),
        "DefaultSiteId": "" if service else "1",
        "DefaultWarehouseId": "" if service else "13",
        "UnitCost": round(_price(number, seed) / 2, 4),
    }
    return row | _dirt(number)


def _price(number: int, seed: int) -> Decimal:
    """A price with 0 to 4 decimals."""
    cents = (number * 7_919 + seed * 31) % 900_000 + 1_001
    return Decimal(cents).scaleb(-(number % 5))


def _name(company: str, number: int) -> str:
    first, second = GERMAN if company == "demf" else ENGLISH
    adjective, noun = first[number % len(first)], second[number // 2 % len(second)]
    return f"{adjective} {noun} {number + 1}"


def _dirt(number: int) -> Row:
    dirt: dict[int, Row] = {
        1: {"ProductName": "12\" speaker, O'Neill edition"},
        2: {"SalesUnitSymbol": "zz"},
        3: {"CurrencyCode": "GBP"},
        4: {"ProductName": "Außenwand-Übertragungseinheit für größere Lüftungsanlagen, XL"[:60]},
        5: {"SalesPrice": Decimal(0)},
        6: {"SalesPrice": Decimal("1234.5678")},
    }
    return dirt.get(number, {})


def _in_second_company(row: Row, number: int) -> Row:
    """The same product in demf; a few disagree on name or unit (flows P7)."""
    other = row | {"dataAreaId": "demf", "CurrencyCode": "EUR"}
    if number % 11 == 1:
        other["ProductName"] = _name("demf", number)
    if number % 13 == 1:
        other["SalesUnitSymbol"] = "pcs"
    price = row["SalesPrice"]
    assert isinstance(price, Decimal)
    other["SalesPrice"] = (price * Decimal("0.92")).quantize(Decimal("0.01"))
    return other
