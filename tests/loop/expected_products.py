"""What Sales should hold of products and prices, computed as `expected.py` does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from .expected import Rejection, Seeds, text
from .expected_contact import PRODUCT_SETS, filled
from .world import Row, Snapshot

UNIT_GROUP = "Default unit"
PRODUCT_TYPES = {"Item": 1, "Service": 3}


class Products:
    """Flow products: rules P1 to P4, P7."""

    def __init__(self, seen: Snapshot, seeds: Seeds, day: str = "") -> None:
        self.seen = seen
        self.seeds = seeds
        self.day = day or datetime.now(UTC).date().isoformat()
        self.currency = {
            c["isocurrencycode"].upper(): c["transactioncurrencyid"] for c in seen.currencies
        }

    @cached_property
    def released(self) -> dict[str, list[Row]]:
        """Companies' rows of each product number, the default company first (P7)."""
        default = self.seeds.default_company
        rows = sorted(
            self.seen.released, key=lambda r: (r["dataAreaId"] != default, r["dataAreaId"])
        )
        found: dict[str, list[Row]] = {}
        for row in rows:
            found.setdefault(row["ProductNumber"], []).append(row)
        return found

    @cached_property
    def unit_group(self) -> str:
        [group] = [g for g in self.seen.unit_groups if g["name"].lower() == UNIT_GROUP.lower()]
        return str(group["uomscheduleid"])

    @cached_property
    def units(self) -> dict[str, str]:
        """Ids of the units of the group, by name in lower case (P4)."""
        return {
            u["name"].lower(): u["uomid"]
            for u in self.seen.uoms
            if u["_uomscheduleid_value"] == self.unit_group
        }

    def unit(self, symbol: str) -> str | None:
        return self.units.get(self.seeds.units.get(symbol.lower(), ""))

    def price_list(self, currency: str) -> str | None:
        """The first valid list in a currency, alphabetically by name (P3)."""
        found = [
            (one["name"].lower(), one["pricelevelid"])
            for one in self.seen.pricelevels
            if one["_transactioncurrencyid_value"] == self.currency.get(currency.upper(), "none")
            and one["statecode"] == 0
            and (one["begindate"] or self.day)[:10] <= self.day <= (one["enddate"] or self.day)[:10]
        ]
        return min(found)[1] if found else None

    @cached_property
    def rejections(self) -> set[Rejection]:
        return {
            Rejection(number, *why)
            for number, rows in self.released.items()
            for why in self._reasons(rows[0])
        }

    def _reasons(self, row: Row) -> list[tuple[str, str, str | None]]:
        found: list[tuple[str, str, str | None]] = []
        if self.unit(row["SalesUnitSymbol"]) is None:
            found.append(("no_value_map", "SalesUnitSymbol", row["SalesUnitSymbol"] or None))
        if self.price_list(row["CurrencyCode"]) is None:
            found.append(("no_price_list", "CurrencyCode", row["CurrencyCode"]))
        return found

    @cached_property
    def accepted(self) -> list[str]:
        rejected = {one.key for one in self.rejections}
        return [number for number in self.released if number not in rejected]

    @cached_property
    def by_number(self) -> dict[str, Row]:
        """What each product in Sales should hold after the first run."""
        had = {row["productnumber"]: row for row in self.seen.products}
        return {
            number: filled(self.fields(self.released[number][0]), had.get(number), PRODUCT_SETS)
            for number in self.accepted
        }

    def fields(self, row: Row) -> Row:
        return {
            "productnumber": row["ProductNumber"],
            "name": text(row["ProductName"], 100),
            "description": text(row["ProductDescription"], 2000) or None,
            "_transactioncurrencyid_value": self.currency[row["CurrencyCode"].upper()],
            "price": self.money(row["SalesPrice"]),
            "currentcost": self.money(row["UnitCost"]),
            "_defaultuomid_value": self.unit(row["SalesUnitSymbol"]),
            "_defaultuomscheduleid_value": self.unit_group,
            "quantitydecimal": row["SalesUnitDecimalPrecision"],
            "isstockitem": row["IsStockedProduct"] == "Yes",
            "producttypecode": PRODUCT_TYPES[row["ProductType"]],
            "msdynce_ismaintainedexternally": True,
        }

    def items(self, product_ids: dict[str, str]) -> dict[tuple[str, str, str], Row]:
        """Price list items by list, product and unit: one for each currency released in (P7)."""
        found = {}
        for number in self.accepted:
            unit = self.unit(self.released[number][0]["SalesUnitSymbol"])
            for currency, row in self._by_currency(number).items():
                price_list = self.price_list(currency)
                if price_list and unit:
                    found[price_list, product_ids[number], unit] = {
                        "amount": self.money(row["SalesPrice"]),
                        "pricingmethodcode": 1,
                        "quantitysellingcode": 1,
                        "roundingpolicycode": 1,
                        "_transactioncurrencyid_value": self.currency[currency],
                    }
        return found

    def _by_currency(self, number: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self.released[number]:
            found.setdefault(row["CurrencyCode"].upper(), row)
        return found

    def disagreements(self) -> set[tuple[str, str]]:
        """Product number and F&O field of every name or unit that another company has otherwise."""
        return {
            (number, field)
            for number, rows in self.released.items()
            for row in rows[1:]
            for field in ("ProductName", "SalesUnitSymbol")
            if row[field] != rows[0][field]
        }

    def money(self, value: Decimal | int) -> Decimal:
        """At the precision the organisation keeps prices with."""
        places = Decimal(1).scaleb(-int(self.seen.organization["pricingdecimalprecision"]))
        return Decimal(value).quantize(places, rounding=ROUND_HALF_UP)
