"""What a tenant may lack: columns, change tracking, keys, the solution (rule R1)."""

from __future__ import annotations

import uuid

from p2c_sandbox.odata.model import Row, Service, Table
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.settings import SalesSettings

SOLUTION, DUAL_WRITE = "msdynce_ProspectToCashIntegration", "DualWriteCore"
PREFIX = "msdynce_"
_NAMESPACE = uuid.UUID("6f1d7a4e-52c9-4f53-9b0e-3c1f5e0a7c14")


def lacking(service: Service, settings: SalesSettings) -> Service:
    """The tables as the switches leave them: what is hidden is in no answer and no definition."""
    for table in list(service.tables.values()):
        names = [name for name in table.alternate_keys if name in settings.keys_inactive]
        changed = {
            "change_tracking": table.change_tracking and table.set not in settings.tables_untracked,
            "inactive_keys": [*table.inactive_keys, *names],
            "columns": {
                name: column.model_copy(update={"hidden": True})
                if _is_missing(table, name, settings)
                else column
                for name, column in table.columns.items()
            },
        }
        service.tables[table.set] = table.model_copy(update=changed)
    return service


def _is_missing(table: Table, column: str, settings: SalesSettings) -> bool:
    of_solution = column.startswith(PREFIX) and not settings.solution_version
    named = f"{table.set}.{column}" in settings.columns_missing
    return of_solution or named or table.columns[column].hidden


def list_solutions(store: Store, settings: SalesSettings) -> None:
    """Make `solutions` fit the switches."""
    versions = {SOLUTION: settings.solution_version, DUAL_WRITE: settings.dual_write_version}
    with store.transaction():
        for row in store.find("solutions", {}):
            store.delete("solutions", row)
        rows = [_row(name, version) for name, version in versions.items() if version]
        store.insert("solutions", rows)


def _row(name: str, version: str) -> Row:
    return {
        "solutionid": str(uuid.uuid5(_NAMESPACE, name)),
        "uniquename": name,
        "friendlyname": name,
        "version": version,
        "ismanaged": True,
    }
