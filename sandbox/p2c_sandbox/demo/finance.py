"""Setup of the demo's F&O: two companies, and what customers and products refer to."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from p2c_sandbox.demo.accounts import account_number
from p2c_sandbox.demo.ids import Row
from p2c_sandbox.demo.products import COMPANIES

# Two-letter ISO code and three-letter setup id; Atlantis and Ruritania are not among them.
COUNTRIES = {
    "US": "USA", "DE": "DEU", "FR": "FRA", "GB": "GBR", "JP": "JPN", "IN": "IND", "ES": "ESP",
    "NZ": "NZL", "AU": "AUS", "CO": "COL", "ZA": "ZAF", "BE": "BEL", "CA": "CAN", "AT": "AUT",
    "TR": "TUR", "CN": "CHN", "DK": "DNK", "SE": "SWE", "NO": "NOR", "FI": "FIN", "EG": "EGY",
    "NL": "NLD", "CH": "CHE", "IT": "ITA", "PL": "POL", "IE": "IRL", "MX": "MEX", "BR": "BRA",
    "AR": "ARG", "PT": "PRT", "VE": "VEN", "CZ": "CZE",
}  # fmt: skip
CURRENCIES = {"USD": ("US Dollar", "$"), "EUR": ("Euro", "€"), "GBP": ("Pound Sterling", "£")}
UNITS = {"ea": "Quantity", "pcs": "Quantity", "box": "Quantity", "kg": "Mass", "hr": "Time"}
NAMES = {"usmf": "Contoso Entertainment System USA", "demf": "Contoso Entertainment System Germany"}
CUSTOMER_GROUPS = {"10": "Wholesales customers", "20": "Major customers", "80": "Other customers"}
SITES = {"1": "Home speakers production", "2": "Car audio production"}
WAREHOUSES = {"13": ("Main warehouse", "1"), "24": ("Second warehouse", "2")}

# Demo accounts whose customers are in F&O before the first run, with other values there.
KNOWN_CUSTOMERS = (40, 42, 43, 44, 45)
GLOBAL_CUSTOMER = 41


def setup() -> Mapping[str, list[Row]]:
    """Rows of the setup tables by entity set."""
    return {
        "LegalEntities": [
            {"LegalEntityId": company, "Name": name, "LanguageId": "en-us"}
            for company, name in NAMES.items()
        ],
        "Ledgers": [
            {"LegalEntityId": company, "Name": company, "AccountingCurrency": currency,
             "ReportingCurrency": currency}
            for company, currency in COMPANIES.items()
        ],
        "Currencies": [
            {"CurrencyCode": code, "Name": name, "Symbol": symbol, "RoundingRule": Decimal("0.01")}
            for code, (name, symbol) in CURRENCIES.items()
        ],
        "UnitsOfMeasure": [
            {"UnitSymbol": symbol, "UnitClass": kind} for symbol, kind in UNITS.items()
        ],
        "AddressCountryRegions": [
            {"CountryRegion": iso3, "ISOcode": iso2} for iso2, iso3 in COUNTRIES.items()
        ],
        "CustomerGroups": list(_per_company("CustomerGroupId", "Description", CUSTOMER_GROUPS)),
        "OperationalSitesV2": list(_per_company("SiteId", "SiteName", SITES)),
        "Warehouses": [
            {"dataAreaId": company, "WarehouseId": number, "WarehouseName": name,
             "OperationalSiteId": site}
            for company in COMPANIES
            for number, (name, site) in WAREHOUSES.items()
        ],
    }  # fmt: skip


def customers(seed: int) -> list[Row]:
    """Customers of F&O before anything is brought over: six known to Sales, three not."""
    known = [
        _customer(account_number(number, seed), f"Old Name {number} Inc.", place)
        for place, number in enumerate(KNOWN_CUSTOMERS)
    ]
    own = [
        # Of Contoso Global: a customer in both companies after the first run (flows G1).
        _customer(account_number(GLOBAL_CUSTOMER, seed), "Global Old Name", 7)
        | {"dataAreaId": "demf", "SalesCurrencyCode": "EUR", "IsExternallyMaintained": "Yes"},
        _customer("US-001", "Contoso Retail San Diego", 1),
        _customer("US-002", "Contoso Retail Los Angeles", 3),
        _customer("DE-001", "Contoso Europe", 5)
        | {"dataAreaId": "demf", "SalesCurrencyCode": "EUR"},
    ]
    return known + own


def _per_company(key: str, text: str, rows: Mapping[str, str]) -> Iterator[Row]:
    for company in COMPANIES:
        for code, name in rows.items():
            yield {"dataAreaId": company, key: code, text: name}


def _customer(account: str, name: str, place: int) -> Row:
    return {
        "dataAreaId": "usmf",
        "CustomerAccount": account,
        "PartyNumber": account,
        "PartyType": "Organization",
        "OrganizationName": name,
        "CustomerGroupId": "20",
        "SalesCurrencyCode": "USD",
        "LanguageId": "en-us",
        "SalesTaxGroup": "DOM",
        "CreditLimit": Decimal(place * 1000),
        "AddressDescription": name,
        "AddressStreet": f"{place} Old Road",
        "AddressCity": "Seattle",
        "AddressCountryRegionId": "USA",
        "AddressCountryRegionISOCode": "US",
        # Two of the known ones are marked already; the others are F&O's own so far (flows A3).
        "IsExternallyMaintained": "Yes" if place in (2, 4) and account[:3] == "ACC" else "No",
    }
