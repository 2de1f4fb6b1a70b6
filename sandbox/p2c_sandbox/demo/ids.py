"""Record ids that are the same in every sandbox, so that tests and documents can name them."""

import uuid
from functools import cache

Row = dict[str, object]

NAMESPACE = uuid.UUID("5d0d6a2e-7f0b-5b64-9a3e-0c5f5a1f2e11")


def record_id(table: str, natural_key: str) -> str:
    """The guid of one demo record: a uuid5 over its table and natural key."""
    if base := BASE_ROWS.get((table, natural_key)):
        return base
    return str(uuid.uuid5(NAMESPACE, f"{table}/{natural_key}"))


# Rows every Sales environment has (metadata/sales/_base.yml); the demo renames them.
BASE_ROWS = {
    ("organizations", "Contoso"): "00000002-0000-0000-0000-000000000000",
    ("businessunits", "Contoso"): "00000003-0000-0000-0000-000000000000",
    ("teams", "Contoso"): "00000004-0000-0000-0000-000000000000",
    ("transactioncurrencies", "USD"): "00000005-0000-0000-0000-000000000000",
    ("uomschedules", "Default unit"): "00000006-0000-0000-0000-000000000000",
    ("uoms", "Primary Unit"): "00000007-0000-0000-0000-000000000000",
}


@cache
def currency_id(code: str) -> str:
    """Id of a currency of Sales."""
    return record_id("transactioncurrencies", code)


@cache
def business_unit_id(name: str) -> str:
    """Id of a business unit of Sales."""
    return record_id("businessunits", name)


@cache
def team_id(business_unit: str) -> str:
    """Id of the default team of a business unit; it owns the unit's accounts."""
    return record_id("teams", business_unit)
