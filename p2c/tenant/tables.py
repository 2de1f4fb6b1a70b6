"""The tables that are declared to be read, as a tenant has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from p2c.config.context import Context
    from pipelines.common.tables import Table

CUSTOMERS = "customers"  # its entity set is a setting


def declared_tables(context: Context, system: Literal["sales", "finops"]) -> list[Table]:
    """Those of `pipelines/<system>/tables.yml`; customers of F&O under the entity set in use.

    As `pipelines.finops.declared_tables`, without loading dlt. Raises what `load_tables` does.
    """
    from pipelines.common.project import declaration  # noqa: PLC0415 - pyarrow is slow to load
    from pipelines.common.tables import load_tables  # noqa: PLC0415

    tables = load_tables(declaration(system, context.project_dir), system)
    if system == "finops" and CUSTOMERS in tables:
        entity_set = context.settings.sources.finops.customers_entity_set
        tables[CUSTOMERS] = replace(tables[CUSTOMERS], entity_set=entity_set)
    return list(tables.values())
