"""Companies (legal entities): which rows a request sees and may change (protocols B2)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.odata.http import query_pairs
from sandbox.odata.model import Table

COMPANY = "dataAreaId"


@dataclass(frozen=True)
class Company:
    """The default company of the caller, and whether the request reaches beyond it."""

    default: str
    cross: bool

    @classmethod
    def of(cls, query: str, default: str) -> Company:
        """Read `cross-company=true` from a query string."""
        pairs = {name.lower(): value for name, value in query_pairs(query)}
        return cls(default, pairs.get("cross-company", "").lower() == "true")

    def limit(self, table: Table) -> str | None:
        """The company that rows must be of; None when all are seen."""
        return None if self.cross or COMPANY not in table.columns else self.default

    def sees(self, table: Table, company: object) -> bool:
        """Whether a row of this company is reached."""
        return self.limit(table) in (None, company)
