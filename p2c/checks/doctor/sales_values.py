"""What seeds and settings name in Sales: currencies, price lists, units, business units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from p2c.checks.doctor import companies
from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.seed_values import cells, rows
from p2c.checks.doctor.tenant import Tenant

LISTS, UNITS = "value_map_price_lists", "value_map_units"
CATALOG = "Sales, App Settings > Product catalog settings >"


def checks(tenant: Tenant) -> Iterator[Check]:
    """A value for all records that is missing is a problem, one for some of them a note."""
    yield from _currencies(tenant)
    yield from _price_lists(tenant)
    yield from _units(tenant)
    yield from companies.units(tenant, _names(tenant, "businessunits"))


def _names(tenant: Tenant, entity_set: str) -> set[str]:
    return {str(row["name"]).lower() for row in tenant.rows("sales", entity_set, ["name"])}


def _codes(tenant: Tenant) -> dict[str, str]:
    """Id of a currency → its code."""
    columns = ["transactioncurrencyid", "isocurrencycode"]
    found = tenant.rows("sales", "transactioncurrencies", columns)
    return {row["transactioncurrencyid"]: row["isocurrencycode"] for row in found}


def _currencies(tenant: Tenant) -> Iterator[Check]:
    there = set(_codes(tenant).values())
    default = tenant.var("default_currency")
    if default and default not in there:
        yield problem(
            "currencies",
            f"Sales has no currency {default} (default_currency in dbt_project.yml)",
            "Power Platform admin center > Environments > Settings > Business > Currencies",
        )
    missing = {c: at for c, at in cells(tenant, LISTS, "currency_code").items() if c not in there}
    for code, line in missing.items():
        yield note("currencies", f"seeds/{LISTS}.csv, line {line}: Sales has no currency {code}")
    if not missing and (not default or default in there):
        yield ok("currencies", ", ".join(sorted(there)))


def _price_lists(tenant: Tenant) -> Iterator[Check]:
    codes = _codes(tenant)
    found = tenant.rows("sales", "pricelevels", ["name", "_transactioncurrencyid_value"])
    there = {str(r["name"]).lower(): codes.get(r["_transactioncurrencyid_value"]) for r in found}
    pinned = tenant.var("price_list").lower()
    if pinned and pinned not in there:
        found_out = f"Sales has no price list {pinned!r} (price_list in dbt_project.yml)"
        yield problem("price lists", found_out, f"{CATALOG} Price lists; or correct the setting")
    yield from _mapped_lists(tenant, there)


def _mapped_lists(tenant: Tenant, there: Mapping[str, str | None]) -> Iterator[Check]:
    named = [(line, row) for line, row in rows(tenant, LISTS) if row.get("price_list", "").strip()]
    wrong = []
    for line, row in named:
        code, name = row.get("currency_code", "").strip(), row["price_list"].strip()
        where = f"seeds/{LISTS}.csv, line {line}"
        if name.lower() not in there:
            wrong.append(f"{where}: Sales has no price list {name!r}")
        elif there[name.lower()] != code:
            wrong.append(f"{where}: {name!r} is in {there[name.lower()]}, not in {code}")
    todo = f"{CATALOG} Price lists; or correct the row: orders and invoices in it are rejected"
    say = problem if wrong and len(wrong) == len(named) else note
    for message in wrong:
        yield say("price lists", message, todo)
    if not wrong:
        yield ok("price lists", ", ".join(row["price_list"].strip() for _, row in named) or "-")


def _units(tenant: Tenant) -> Iterator[Check]:
    groups, group = _names(tenant, "uomschedules"), tenant.var("unit_group").lower()
    there = _names(tenant, "uoms")
    if group and group not in groups:
        found = f"Sales has no unit group {group!r} (unit_group in dbt_project.yml)"
        yield problem("units", found, f"{CATALOG} Unit groups; or correct the setting (P4)")
    wanted = cells(tenant, UNITS, "sales_unit")
    missing = {unit: line for unit, line in wanted.items() if unit.lower() not in there}
    for unit, line in missing.items():
        todo = f"{CATALOG} Unit groups; or correct the row"
        yield note("units", f"seeds/{UNITS}.csv, line {line}: Sales has no unit {unit!r}", todo)
    if not missing and (not group or group in groups):
        yield ok("units", f"{len(wanted)} units; unit group {group or '-'}")
