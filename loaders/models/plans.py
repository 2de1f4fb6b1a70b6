"""A saved plan and what it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PlanKind = Literal["changes", "retry", "undo"]


@dataclass(frozen=True)
class Snapshot:
    """What a plan was computed from: a raw table's load id, rows alive, and when reading began."""

    table: str
    load_id: str
    rows: int
    read_at: datetime


@dataclass(frozen=True)
class Plan:
    """A saved plan. `counts` is {(flow, target): {operation: rows}}; its rows are in the ledger.

    `first_contacts`: {`flow to target`: rows} in which two linked records meet for the first time.

    `is_pruned`: rows of it were dropped, for their age, that nothing needs any more.
    `kind`: what dbt found to change, failed rows of earlier plans, or an earlier plan in reverse.
    """

    plan_id: str
    run_id: str | None
    created_at: datetime
    status: str
    mapping_version: str
    snapshots: tuple[Snapshot, ...]
    fingerprints: Mapping[str, str]
    flows: tuple[str, ...]
    limit: int | None
    counts: Mapping[tuple[str, str], Mapping[str, int]]
    kind: PlanKind = "changes"
    first_contacts: Mapping[str, int] = field(default_factory=dict)
    is_pruned: bool = False

    @property
    def changes(self) -> int:
        """Rows in the plan, blocked ones included."""
        return sum(sum(operations.values()) for operations in self.counts.values())


# Raises when a plan must not be saved, or not be applied.
Judge = Callable[[Plan], None]
