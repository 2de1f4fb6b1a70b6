"""Countries: a two-letter ISO code and a setup id stand side by side and follow each other."""

from __future__ import annotations

from p2c_sandbox.finops.errors import unrelated
from p2c_sandbox.finops.rules.base import Change, Hook

SET = "AddressCountryRegions"
RELATED = "Country/regions"


def follow(prefix: str) -> Hook:
    """Hook that fills `<prefix>CountryRegionId` from the ISO code, or the code from the id.

    The id wins when a request gives both (field-mapping 1.6).
    """
    by_id, by_iso = f"{prefix}CountryRegionId", f"{prefix}CountryRegionISOCode"

    def derive(change: Change) -> None:
        if change.sent.get(by_id):
            _fill(change, by_id, "CountryRegion", by_iso, "ISOcode")
        elif change.sent.get(by_iso):
            _fill(change, by_iso, "ISOcode", by_id, "CountryRegion")
        elif by_id in change.sent or by_iso in change.sent:
            change.row[by_id] = change.row[by_iso] = ""

    return derive


def needed_with(prefix: str) -> Hook:
    """Hook that refuses a described address without a country (field-mapping 2)."""

    def check(change: Change) -> None:
        described = change.row[f"{prefix}Description"]
        if described and not change.row[f"{prefix}CountryRegionId"]:
            change.must_fill(f"{prefix}CountryRegionId")

    return check


def _fill(change: Change, source: str, match: str, target: str, take: str) -> None:
    value = change.row[source]
    found = change.store.get(SET, {match: value})
    if found is None:
        change.refuse(unrelated(value, change.label(source), RELATED))
        return
    change.row[source], change.row[target] = found[match], found[take]
