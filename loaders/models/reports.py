"""What an apply says while it goes on and at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ApplyStatus = Literal["ok", "partial", "interrupted", "aborted"]


@dataclass(frozen=True)
class Progress:
    """After each answer: rows of one target with an outcome, of all that the plan has for it."""

    flow: str
    target: str
    done: int
    total: int


@dataclass(frozen=True)
class TargetCounts:
    """Fates at write of one target's planned rows.

    `failed` holds rejected, failed, unresolved and quarantined; `quarantined` is the part of it
    that failed the same way too often to be sent again; `unverified` is part of `written`; `unsent`
    are rows that no request carried because the run stopped early or the plan was limited.
    """

    written: int = 0
    failed: int = 0
    stale: int = 0
    blocked: int = 0
    unverified: int = 0
    unsent: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class ApplyReport:
    """Result of an apply. `status` is ok, partial (some rows failed), interrupted or aborted.

    `stopped` has a message for each target that ended early because its rows failed alike,
    `quarantined` one for each row or unit that was not sent because it did before, `notes` one
    for each package whose rows went out one by one.
    """

    plan_id: str
    status: ApplyStatus
    seconds: float
    counts: Mapping[tuple[str, str], TargetCounts]
    requests: int = 0
    error: Exception | None = None
    stopped: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def written(self) -> int:
        """Records written in all targets."""
        return sum(counts.written for counts in self.counts.values())
