"""The legal entities of F&O, and the business units of Sales that belong to them (rule G1)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.seed_values import cells
from p2c.checks.doctor.tenant import Tenant

LEGAL_ENTITIES = ("LegalEntities", ["LegalEntityId"])
SEED = "legal_entities"


def checks(tenant: Tenant) -> Iterator[Check]:
    """Companies that the seed names and F&O lacks."""
    there = {str(row["LegalEntityId"]).lower() for row in tenant.rows("finops", *LEGAL_ENTITIES)}
    wanted = cells(tenant, SEED, "data_area_id")
    if not wanted:
        todo = f"write business units and their companies into seeds/{SEED}.csv"
        yield problem("companies", f"seeds/{SEED}.csv names no company", todo)
        return
    missing = {company: line for company, line in wanted.items() if company.lower() not in there}
    for company, line in missing.items():
        yield problem(
            "companies",
            f"seeds/{SEED}.csv, line {line}: F&O has no legal entity {company!r}",
            "correct the row; F&O lists them under Organization administration > Organizations > "
            "Legal entities",
        )
    if not missing:
        yield ok("companies", f"{', '.join(wanted)}; F&O has {len(there)}")


def units(tenant: Tenant, there: set[str]) -> Iterator[Check]:
    """Business units that the seed names, by their names in Sales in lower case."""
    wanted = cells(tenant, SEED, "business_unit")
    missing = {unit: line for unit, line in wanted.items() if unit.lower() not in there}
    for unit, line in missing.items():
        yield note(
            "business units",
            f"seeds/{SEED}.csv, line {line}: Sales has no business unit {unit!r}",
            "correct the row: what is not listed goes to the default company",
        )
    if wanted and not missing:
        yield ok("business units", ", ".join(wanted))
