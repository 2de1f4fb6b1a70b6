"""Companies (legal entities): which rows a request sees and may change (protocols B2)."""

from __future__ import annotations

from dataclasses import dataclass

from p2c_sandbox.odata.http import query_pairs
from p2c_sandbox.odata.model import Row, Table

COMPANY = "dataAreaId"
# Hidden column of entities that show a part of their rows only.
LISTED = "IsListed"


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

    def sees(self, table: Table, row: Row) -> bool:
        """Whether a row is reached: one of the company, and one the entity shows."""
        return self.limit(table) in (None, row.get(COMPANY)) and row.get(LISTED) != "No"
