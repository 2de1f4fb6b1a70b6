"""Dynamics 365 Sales: where it is, and the constants of its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..common.settings import Connection

SYSTEM = "sales"

COUNT_CEILING = 5000  # Dataverse stops counting there (protocols A3)
TRACKING_OFF = "0x80072491"
NO_DELTA = {
    "0x80044352": "its change tracking token has expired",
    TRACKING_OFF: "change tracking is off",
}
# Seconds the overlap after a long first read reaches back before its first page (protocols E1).
CLOCK_MARGIN = 2


@dataclass(frozen=True)
class SalesConnection(Connection):
    """Address and credentials of an environment; `api_version` is the one in the URL."""

    system: ClassVar[str] = SYSTEM
    api_version: str = "v9.2"

    @property
    def root(self) -> str:
        return f"{self.url.rstrip('/')}/api/data/{self.api_version}"
