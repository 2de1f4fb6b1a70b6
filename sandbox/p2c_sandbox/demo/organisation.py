"""Setup of the demo's Sales: business units and their teams, currencies, units, price lists."""

from collections.abc import Mapping
from decimal import Decimal

from p2c_sandbox.demo.ids import BASE_ROWS, Row, business_unit_id, currency_id, record_id, team_id

ROOT_UNIT = "Contoso"
BUSINESS_UNITS = ("Contoso US", "Contoso Germany", "Contoso Global")

# Code, name, symbol, and how many of it one base currency unit buys.
CURRENCIES = (
    ("EUR", "Euro", "€", Decimal("0.92")),
    ("GBP", "Pound Sterling", "£", Decimal("0.79")),
)
RATES: Mapping[object, Decimal] = {
    currency_id("USD"): Decimal(1),
    **{currency_id(code): rate for code, _, _, rate in CURRENCIES},
}
# F&O's prices carry up to four decimals; with the usual two Sales would round them (protocols A12).
SETTINGS = {"pricingdecimalprecision": 4}
UNIT_GROUP = "Default unit"
BASE_UNIT = "Primary Unit"
UNITS = ("each", "pcs", "box", "kg", "hour")
PRICE_LISTS = {"CRM Service USA (sample)": "USD", "Europe": "EUR", "Wholesale USA": "USD"}


def names_of_base_rows() -> Mapping[tuple[str, str], str]:
    """(entity set, id) of the rows that were there before -> the name they get."""
    return {
        (entity_set, row_id): name
        for (entity_set, name), row_id in BASE_ROWS.items()
        if entity_set not in ("transactioncurrencies", "uoms")
    }


def setup() -> Mapping[str, list[Row]]:
    """Rows of the setup tables by entity set, without what every row gets."""
    return {
        "transactioncurrencies": [_currency(*one) for one in CURRENCIES],
        "businessunits": [_business_unit(name) for name in BUSINESS_UNITS],
        "teams": [_team(name) for name in BUSINESS_UNITS],
        "uoms": [_unit(name) for name in UNITS],
        "pricelevels": [_price_list(name, code) for name, code in PRICE_LISTS.items()],
    }


def _currency(code: str, name: str, symbol: str, rate: Decimal) -> Row:
    return {
        "transactioncurrencyid": currency_id(code),
        "isocurrencycode": code,
        "currencyname": name,
        "currencysymbol": symbol,
        "currencyprecision": 2,
        "exchangerate": rate,
    }


def _business_unit(name: str) -> Row:
    return {
        "businessunitid": business_unit_id(name),
        "name": name,
        "parentbusinessunitid": business_unit_id(ROOT_UNIT),
    }


def _team(business_unit: str) -> Row:
    return {
        "teamid": team_id(business_unit),
        "name": business_unit,
        "isdefault": True,
        "businessunitid": business_unit_id(business_unit),
    }


def _unit(name: str) -> Row:
    """Every unit counts one base unit: the demo's units do not convert."""
    return {
        "uomid": record_id("uoms", name),
        "name": name,
        "uomscheduleid": record_id("uomschedules", UNIT_GROUP),
        "baseuom": record_id("uoms", BASE_UNIT),
        "quantity": Decimal(1),
        "isschedulebaseuom": False,
    }


def _price_list(name: str, currency: str) -> Row:
    return {
        "pricelevelid": record_id("pricelevels", name),
        "name": name,
        "transactioncurrencyid": currency_id(currency),
        "exchangerate": RATES[currency_id(currency)],
    }
