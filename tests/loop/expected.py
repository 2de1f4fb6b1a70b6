"""What the two systems should hold, computed from their own data and the rules of the flows alone.

Plain Python over what the services say: no model, no target table. Of the project it reads only
what a user configures: the seeds. Rule numbers are those of the flows' specification; `null` of
F&O is '' or 0, of Sales None.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from .expected_contact import CUSTOMER_SETS, filled
from .world import PROJECT, Row, Snapshot

# Account to customer: F&O field <- Sales column, length F&O keeps (field-mapping 2, 1.7, 11).
TEXTS = {
    "PartyNumber": ("accountnumber", 40),
    "OrganizationName": ("name", 100),
    "AddressDescription": ("name", 60),
    "DeliveryAddressDescription": ("name", 60),
    "SalesMemo": ("description", 2000),
    "PrimaryContactPhone": ("telephone1", 255),
    "PrimaryContactFax": ("fax", 255),
    "PrimaryContactEmail": ("emailaddress1", 255),
    "PrimaryContactURL": ("websiteurl", 255),
    "AddressStreet": ("address1_line1", 250),
    "AddressCity": ("address1_city", 60),
    "AddressState": ("address1_stateorprovince", 10),
    "AddressZipCode": ("address1_postalcode", 10),
    "DeliveryAddressStreet": ("address2_line1", 250),
    "DeliveryAddressCity": ("address2_city", 60),
    "DeliveryAddressState": ("address2_stateorprovince", 10),
    "DeliveryAddressZipCode": ("address2_postalcode", 10),
}
# Defaults by value (A3, A4; field-mapping 2, rows 6, 7, 21, 27 to 30).
CONSTANTS = {
    "PartyType": "Organization",
    "CustomerGroupId": "10",
    "AddressLocationRoles": "Business",
    "SiteId": "1",
    "WarehouseId": "13",
    "LanguageId": "en-us",
    "IsExternallyMaintained": "Yes",
}
COUNTRIES = {"Address": "address1_country", "DeliveryAddress": "address2_country"}
DEFAULT_COUNTRY = "USA"


@dataclass(frozen=True)
class Rejection:
    """A record that cannot be written: by which key, why, because of what."""

    key: str
    code: str
    column: str
    value: str | None


@dataclass(frozen=True)
class Seeds:
    """What a user configures."""

    folder: Path = PROJECT / "seeds"

    @cached_property
    def entities(self) -> list[Row]:
        return self._read("legal_entities")

    @cached_property
    def default_company(self) -> str:
        [company] = [row["data_area_id"] for row in self.entities if row["is_default"] == "true"]
        return str(company)

    @cached_property
    def countries(self) -> dict[str, tuple[str, str]]:
        """ISO codes of two and three letters by what Sales users type, in lower case."""
        rows = self._read("value_map_countries")
        return {row["sales_text"].lower(): (row["iso2"], row["iso3"]) for row in rows}

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit name in Sales by F&O's symbol, both in lower case."""
        rows = [row for row in self._read("value_map_units") if row["is_preferred"] == "true"]
        return {row["finops_symbol"].lower(): row["sales_unit"].lower() for row in rows}

    def _read(self, name: str) -> list[Row]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))


def text(value: str | None, length: int = 10_000) -> str:
    """As F&O keeps it: no blanks around, cut to its length, '' for nothing."""
    return (value or "").strip(" ")[:length].strip(" ")


class Customers:
    """Flow accounts: rules A1 to A5, G1, G3."""

    def __init__(self, seen: Snapshot, seeds: Seeds) -> None:
        self.seen = seen
        self.seeds = seeds
        self.currency = {c["transactioncurrencyid"]: c["isocurrencycode"] for c in seen.currencies}
        self.unit = {u["businessunitid"]: u["name"].lower() for u in seen.businessunits}

    @cached_property
    def pairs(self) -> list[tuple[str, Row]]:
        """Each account in each of its companies (G1)."""
        return [(area, row) for row in self.seen.accounts for area in self.companies(row)]

    def companies(self, account: Row) -> list[str]:
        name = self.unit[account["_owningbusinessunit_value"]]
        found = [
            e["data_area_id"] for e in self.seeds.entities if e["business_unit"].lower() == name
        ]
        return found or [self.seeds.default_company]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Row]:
        """What each customer in F&O should hold after the first run, for every account in order."""
        rejected = {one.key for one in self.rejections}
        return {
            (key := (area, text(row["accountnumber"]))): filled(
                self.fields(row), self.seen.customers.get(key), CUSTOMER_SETS
            )
            for area, row in self.pairs
            if f"{area}/{row['accountid']}" not in rejected and not self.waits(area, row)
        }

    def waits(self, area: str, account: Row) -> bool:
        """K2: F&O has the number for a customer of its own and another name; nobody decided."""
        there = self.seen.customers.get((area, text(account["accountnumber"])))
        return (
            there is not None
            and there["IsExternallyMaintained"] != "Yes"
            and there["OrganizationName"] != text(account["name"], 100)
        )

    def fields(self, account: Row) -> Row:
        found: Row = {
            field: text(account[column], length) for field, (column, length) in TEXTS.items()
        }
        found |= CONSTANTS
        found["SalesCurrencyCode"] = self.currency.get(
            account["_transactioncurrencyid_value"], "USD"
        )
        found["CreditLimit"] = account["creditlimit"] or Decimal(0)
        found["OrganizationNumberOfEmployees"] = account["numberofemployees"] or 0
        for prefix, column in COUNTRIES.items():
            sent = text(account[column]).lower() or DEFAULT_COUNTRY.lower()
            iso2, iso3 = self.seeds.countries[sent]
            found |= {
                f"{prefix}CountryRegionISOCode": iso2,
                f"{prefix}CountryRegionId": iso3,
            }
        return found

    @cached_property
    def rejections(self) -> set[Rejection]:
        shared = Counter(text(row["accountnumber"]).lower() for row in self.seen.accounts)
        return {
            Rejection(f"{area}/{row['accountid']}", *why)
            for area, row in self.pairs
            for why in self._reasons(row, shared)
        }

    def _reasons(self, row: Row, shared: Counter[str]) -> list[tuple[str, str, str | None]]:
        found: list[tuple[str, str, str | None]] = []
        number = text(row["accountnumber"])
        if not number:
            found.append(("no_number", "accountnumber", text(row["name"])))
        elif shared[number.lower()] > 1:
            found.append(("duplicate_number", "accountnumber", number))
        for column in COUNTRIES.values():
            country = text(row[column])
            if country and country.lower() not in self.seeds.countries:
                found.append(("no_value_map", column, country))
        return found


def differences(expected: Row, held: Row) -> dict[str, tuple[object, object]]:
    """Field -> (expected, held) where they are not equal."""
    return {name: (value, held[name]) for name, value in expected.items() if held[name] != value}
