"""Option numbers that seeds name, beside the options of the columns of Sales they are for."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, Refused, note, ok
from p2c.checks.doctor.seed_values import cells
from p2c.checks.doctor.tenant import Tenant

NOT_THERE = 404
# Seed → table and column, as seeds/_seeds.yml describes them.
COLUMNS = {
    "value_map_processing_statuses": ("salesorder", "msdynce_processingstatus"),
    "value_map_payment_terms": ("account", "paymenttermscode"),
    "value_map_delivery_terms": ("account", "address1_freighttermscode"),
    "value_map_delivery_modes": ("account", "address1_shippingmethodcode"),
    "value_map_contact_roles": ("contact", "accountrolecode"),
}
TODO = "Power Apps > Tables > Columns: add the choice there, or correct the row"


def checks(tenant: Tenant) -> Iterator[Check]:
    """A number that the column lacks: what is written with it is refused, or the row is never used.

    A seed without rows is not asked about; a column that is missing is named with its table.
    """
    checked, wrong = 0, 0
    for seed, (table, column) in COLUMNS.items():
        wanted = cells(tenant, seed, "sales_code")
        there = _options(tenant, table, column) if wanted else None
        if there is None:
            continue
        checked += len(wanted)
        for code, line in wanted.items():
            if code not in there:
                wrong += 1
                where = f"seeds/{seed}.csv, line {line}"
                yield note("options", f"{where}: {column} of {table} has no option {code}", TODO)
    if not wrong:
        yield ok("options", f"{checked} of the seeds are in Sales")


def _options(tenant: Tenant, table: str, column: str) -> set[str] | None:
    """Numbers of a column's options, None where there is no such column."""
    path = (
        f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')"
        "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)"
    )
    try:
        found = tenant.ask("sales", path)
    except Refused as error:
        if error.status == NOT_THERE:
            return None
        raise
    sets = (found.get("OptionSet"), found.get("GlobalOptionSet"))
    return {str(option["Value"]) for one in sets if one for option in one["Options"]}
