"""Dynamics 365 Finance and Operations: where it is, and the constants of its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ..common.settings import Connection, Transport

SYSTEM = "finops"
CUSTOMERS = "customers"
# Labels of the two customers entities (protocols B8).
CUSTOMER_LABELS = {"CustomersV2": "Customers V2", "CustomersV3": "Customers V3"}

ODATA: Transport = "odata"
PACKAGE: Transport = "package"
AUTO: Transport = "auto"


@dataclass(frozen=True)
class FinopsConnection(Connection):
    """Address and credentials of an environment; a tenant has CustomersV2 or CustomersV3.

    environment: the name it is known by in the warehouse, None for the address's host.
    read_by: how tables are read, with exceptions by raw name in `read_by_table`; package_rows: the
    size from which `auto` takes packages; package_minutes: how long a package may take;
    keys_hours: how often the keys alone are read, to find what is gone; full_read_hours: how often
    a table whose changes are exported is read in full all the same.
    """

    system: ClassVar[str] = SYSTEM
    page_size: int = 10000
    customers_entity_set: str = "CustomersV2"
    environment: str | None = None
    read_by: Transport = ODATA
    read_by_table: Mapping[str, Transport] = field(default_factory=dict, hash=False)
    package_rows: int = 100_000
    package_minutes: float = 60
    keys_hours: float = 24
    full_read_hours: float = 168

    @property
    def root(self) -> str:
        return f"{self.url.rstrip('/')}/data"

    @property
    def query(self) -> Mapping[str, str]:
        # Without it only the default company of the application's user is seen (protocols B2).
        return {"cross-company": "true"}

    def way(self, table: str) -> Transport:
        """How a table is to be read."""
        return self.read_by_table.get(table, self.read_by)
