"""Setup of the demo's Sales: organisation, business units, who calls, currencies, units, lists."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.demo.ids import Row, business_unit_id, currency_id, record_id, team_id
from sandbox.sales.call import USER_ID

ORGANISATION = record_id("organizations", "Contoso")
BUSINESS_UNITS = ("Contoso", "Contoso US", "Contoso Germany", "Contoso Global")

# Code, name, symbol, and how many of it one base currency unit buys.
CURRENCIES = (
    ("USD", "US Dollar", "$", Decimal(1)),
    ("EUR", "Euro", "€", Decimal("0.92")),
    ("GBP", "Pound Sterling", "£", Decimal("0.79")),
)
UNIT_GROUP = "Default unit"
BASE_UNIT = "Primary Unit"
UNITS = ("each", "pcs", "box", "kg", "hour")
PRICE_LISTS = {"CRM Service USA (sample)": "USD", "Europe": "EUR", "Wholesale USA": "USD"}


def setup() -> Mapping[str, list[Row]]:
    """Rows of the setup tables by entity set, without what every row gets."""
    return {
        "transactioncurrencies": [_currency(*one) for one in CURRENCIES],
        "organizations": [_organisation()],
        "businessunits": [_business_unit(name) for name in BUSINESS_UNITS],
        "systemusers": [_caller()],
        "teams": [_team(name) for name in BUSINESS_UNITS],
        "uomschedules": [{"uomscheduleid": _group(), "name": UNIT_GROUP, "baseuomname": BASE_UNIT}],
        "uoms": [_unit(BASE_UNIT), *(_unit(name) for name in UNITS)],
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


def _organisation() -> Row:
    return {
        "organizationid": ORGANISATION,
        "name": "Contoso",
        "basecurrencyid": currency_id("USD"),
    }


def _business_unit(name: str) -> Row:
    parent = None if name == BUSINESS_UNITS[0] else business_unit_id(BUSINESS_UNITS[0])
    return {
        "businessunitid": business_unit_id(name),
        "name": name,
        "parentbusinessunitid": parent,
    }


def _caller() -> Row:
    """The application user that the client id of the sandbox stands for (protocols A1)."""
    return {
        "systemuserid": USER_ID,
        "fullname": "# Prospect to cash",
        "firstname": "#",
        "lastname": "Prospect to cash",
        "accessmode": 4,
        "businessunitid": business_unit_id(BUSINESS_UNITS[0]),
    }


def _team(business_unit: str) -> Row:
    return {
        "teamid": team_id(business_unit),
        "name": business_unit,
        "isdefault": True,
        "businessunitid": business_unit_id(business_unit),
        "administratorid": USER_ID,
    }


def _group() -> str:
    return record_id("uomschedules", UNIT_GROUP)


def _unit(name: str) -> Row:
    """Every unit counts one base unit: the demo's units do not convert."""
    base = name == BASE_UNIT
    return {
        "uomid": record_id("uoms", name),
        "name": name,
        "uomscheduleid": _group(),
        "baseuom": None if base else record_id("uoms", BASE_UNIT),
        "quantity": Decimal(1),
        "isschedulebaseuom": base,
    }


def _price_list(name: str, currency: str) -> Row:
    return {
        "pricelevelid": record_id("pricelevels", name),
        "name": name,
        "transactioncurrencyid": currency_id(currency),
    }
