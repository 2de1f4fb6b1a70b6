"""A run in progress: its row in the ledger, what it found, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loaders import Ledger, RunReport, keep_reconciliation, publish
from p2c.config.context import Context
from p2c.errors import format_error, is_interrupt
from p2c.run.stages import Stages
from p2c.screen.output import Output


@dataclass
class Run:
    """A run in progress: it holds the warehouse and has its row in the ledger."""

    context: Context
    out: Output
    ledger: Ledger
    run_id: str
    # Flow → why it is held back, of the flows asked for (p2c.checks.held_flows).
    held: dict[str, list[str]] = field(default_factory=dict)
    # When the build began that this run went by, where it did not build itself (p2c.run.unchanged).
    built_before: datetime | None = None
    started: float = field(default_factory=time.monotonic)
    stages: Stages = field(default_factory=Stages)
    finished: bool = False

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return round(time.monotonic() - self.started, 1)

    def finish(self, report: RunReport, status: str | None = None) -> None:
        """Write the report into the ledger, and the ledger into the warehouse.

        With what a run found to change the ledger keeps how the records of both systems stood.
        """
        with self.stages.timed("publish"):
            if status is None and report.kind == "changes":
                keep_reconciliation(self.ledger, self.context.warehouse, self.run_id)
            publish(self.ledger, self.context.warehouse)
        self.note(status or report.status, report.as_dict())

    def note(self, status: str, result: Mapping[str, Any]) -> None:
        """The same for a run without fates to count; its `kind` is not `changes`."""
        self._end(status, result)
        publish(self.ledger, self.context.warehouse)

    def fail(self, error: BaseException) -> None:
        """Note what ended the run, and the stage it came in."""
        status = "interrupted" if is_interrupt(error) else "failed"
        self._end(status, {"error": format_error(error), "error_type": type(error).__name__})

    def _end(self, status: str, result: Mapping[str, Any]) -> None:
        """Each report has the seconds of its stages, and the flows that were held back."""
        held = {"held_back": self.held} if self.held else {}
        whole = {"seconds": self.seconds, **result, **self.stages.as_dict(), **held}
        self.ledger.finish_run(self.run_id, status, whole)
        self.finished = True
