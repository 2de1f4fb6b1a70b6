"""Dynamics 365 Finance and Operations: where it is, and the constants of its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..common.settings import Connection

SYSTEM = "finops"
CUSTOMERS = "customers"


@dataclass(frozen=True)
class FinopsConnection(Connection):
    """Address and credentials of an environment; a tenant has CustomersV2 or CustomersV3.

    environment: the name it is known by in the warehouse, None for the address's host.
    """

    system: ClassVar[str] = SYSTEM
    page_size: int = 10000
    customers_entity_set: str = "CustomersV2"
    environment: str | None = None

    @property
    def root(self) -> str:
        return f"{self.url.rstrip('/')}/data"

    @property
    def query(self) -> Mapping[str, str]:
        # Without it only the default company of the application's user is seen (protocols B2).
        return {"cross-company": "true"}
