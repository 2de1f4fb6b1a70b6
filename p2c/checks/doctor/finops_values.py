"""What seeds and settings name in F&O: customer groups, sites, warehouses, units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from p2c.checks.doctor.check import Check, Refused, note, ok, problem
from p2c.checks.doctor.seed_values import cells, rows
from p2c.checks.doctor.tenant import Tenant, unread

COMPANIES, UNITS = "legal_entities", "value_map_units"


@dataclass(frozen=True)
class Kind:
    """Values of one kind: the entity that lists them by company, the seed and the setting."""

    title: str
    entity_set: str
    field: str
    seed: str
    setting: str
    menu: str


KINDS = (
    Kind(
        "customer groups",
        "CustomerGroups",
        "CustomerGroupId",
        "value_map_customer_groups",
        "customer_group",
        "Accounts receivable > Setup > Customer groups",
    ),
    Kind(
        "sites",
        "OperationalSitesV2",
        "SiteId",
        "value_map_sites",
        "site",
        "Warehouse management > Setup > Warehouse > Sites",
    ),
    Kind(
        "warehouses",
        "Warehouses",
        "WarehouseId",
        "value_map_warehouses",
        "warehouse",
        "Warehouse management > Setup > Warehouse > Warehouses",
    ),
)


def checks(tenant: Tenant) -> Iterator[Check]:
    """A default that a company lacks is a problem: all its new customers would be refused."""
    for kind in KINDS:
        try:
            yield from _kind(tenant, kind)
        except Refused as error:
            yield note(kind.title, unread("finops", error))
    try:
        yield from _units(tenant)
    except Refused as error:
        yield note("units of F&O", unread("finops", error))


def _kind(tenant: Tenant, kind: Kind) -> Iterator[Check]:
    found = tenant.rows("finops", kind.entity_set, ["dataAreaId", kind.field])
    there = {(str(row["dataAreaId"]).lower(), str(row[kind.field]).lower()) for row in found}
    wrong = list(_default(tenant, kind, there)) + list(_mapped(tenant, kind, there))
    yield from wrong
    if not wrong:
        yield ok(kind.title, f"{tenant.var(kind.setting) or '-'} and what {kind.seed} names")


def _default(tenant: Tenant, kind: Kind, there: set[tuple[str, str]]) -> Iterator[Check]:
    value = tenant.var(kind.setting)
    companies = {company.lower() for company in cells(tenant, COMPANIES, "data_area_id")}
    for company in sorted(companies) if value else ():
        if (company, value.lower()) not in there:
            yield problem(
                kind.title,
                f"{company} has none that is called {value!r} ({kind.setting} in dbt_project.yml)",
                f"F&O, {kind.menu}; or another value in dbt_project.yml or seeds/{kind.seed}.csv",
            )


def _mapped(tenant: Tenant, kind: Kind, there: set[tuple[str, str]]) -> Iterator[Check]:
    """Rows of the seed; one without a company is for all of them."""
    for line, row in rows(tenant, kind.seed):
        value, company = row.get("target_value", "").strip(), row.get("data_area_id", "").strip()
        known = {held for area, held in there if not company or area == company.lower()}
        if value and value.lower() not in known:
            where = f"seeds/{kind.seed}.csv, line {line}"
            found = f"{where}: {company or 'F&O'} has none that is called {value!r}"
            yield note(kind.title, found, f"F&O, {kind.menu}; or correct the row")


def _units(tenant: Tenant) -> Iterator[Check]:
    found = tenant.rows("finops", "UnitsOfMeasure", ["UnitSymbol"])
    there = {str(row["UnitSymbol"]).lower() for row in found}
    wanted = cells(tenant, UNITS, "finops_symbol")
    missing = {unit: line for unit, line in wanted.items() if unit.lower() not in there}
    for unit, line in missing.items():
        where = f"seeds/{UNITS}.csv, line {line}"
        todo = "F&O, Organization administration > Setup > Units > Units; or correct the row"
        yield note("units of F&O", f"{where}: F&O has no unit {unit!r}", todo)
    if not missing:
        yield ok("units of F&O", f"{len(wanted)} of the seed, F&O has {len(there)}")
