"""Everything that the report shows, read in one go from the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from p2c import __version__
from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.report.agreement import agreement
from p2c.report.freshness import freshness
from p2c.report.layers import followed
from p2c.report.matching import matching
from p2c.report.plan import plan
from p2c.report.problems import problems
from p2c.report.runs import runs
from p2c.warehouse import Reader, reading

PART = "The last build did not come to its end, or was one in part: what is shown may be older."
NO_RUN = (
    "No run is in the warehouse's ledger yet: run `p2c run`, or `p2c plan`, which writes to "
    "neither system."
)
OLD = "The warehouse is of an earlier version; `p2c plan` brings it up to date and writes nothing."


@dataclass(frozen=True)
class Asked:
    """What to put in: records of the plan (0: all), rows of the seed key_overrides."""

    limit: int
    decided: Sequence[Mapping[str, str]] = ()

    @property
    def of_each(self) -> int:
        """Rows of each other list: a tenth, as there are many lists; 0 for all."""
        return self.limit and max(1, self.limit // 10)


def collect(context: Context, asked: Asked, file: Path | None = None) -> dict[str, Any]:
    """The report's data. NothingStaged where there is none, WarehouseBusy while it is held.

    file: a copy to read in place of the warehouse.
    """
    with reading(file or context.warehouse) as warehouse:
        _check(warehouse)
        return {"project": context.project_dir.name, **_parts(warehouse, asked)}


def _parts(warehouse: Reader, asked: Asked) -> dict[str, Any]:
    agreed = agreement(warehouse)
    planned = plan(warehouse, asked.limit)
    return {
        "made_at": datetime.now(UTC),
        "version": __version__,
        "limit": asked.limit,
        "redacted": False,
        "notes": [] if agreed["built_at"] else [PART],
        "agreement": agreed,
        "runs": runs(warehouse, asked.of_each),
        "plan": planned,
        "layers": followed(warehouse, planned["rows"]) if planned else [],
        "problems": problems(warehouse, asked.of_each),
        "matching": matching(warehouse, asked.decided, asked.of_each),
        "freshness": freshness(warehouse),
    }


def _check(warehouse: Reader) -> None:
    """Raises NothingStaged where nothing ran, or where an earlier version did."""
    if "runs" not in warehouse.tables("ledger"):
        raise NothingStaged(NO_RUN)
    quality = warehouse.tables("quality")
    if "record_standings" not in quality and "record_fates" in quality:
        raise NothingStaged(OLD)
    if "agreement" not in warehouse.tables("ledger").get("writes", ()):
        raise NothingStaged(OLD)
