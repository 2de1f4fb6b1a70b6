"""Jobs of the package API: they end after a few questions, and say then what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.packages.importing import Outcome

UNKNOWN, NOT_RUN, EXECUTING = "Unknown", "NotRun", "Executing"
SUCCEEDED, FAILED = "Succeeded", "Failed"


@dataclass
class Execution:
    """One job. `unseen`, `polls`: how often it is still not found, or asked in vain; `stuck`: it
    never ends; `url_polls`: how often its file is still asked for in vain.

    An export has a `package` (None: without a file) and, by entity, the version its rows start
    after.
    """

    outcome: Outcome | None = None
    polls: int = 0
    problem: str | None = None
    project: str = ""
    unseen: int = 0
    stuck: bool = False
    url_polls: int = 0
    is_export: bool = False
    package: bytes | None = None
    since: Mapping[str, int] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether another job on its project comes too early."""
        return not self.stuck and (self.unseen > 0 or self.polls > 0)

    def move(self) -> None:
        """Time goes by with each question."""
        if self.unseen > 0:
            self.unseen -= 1
        elif self.polls > 0:
            self.polls -= 1

    def status(self) -> str:
        """As told now."""
        if self.stuck or self.polls > 0:
            return EXECUTING
        if self.problem is not None:
            return FAILED
        if self.is_export:
            return SUCCEEDED
        return NOT_RUN if self.outcome is None else self.outcome.status


def not_found(execution: str) -> FinopsError:
    """Asked too early, or about a job that never was."""
    return FinopsError(
        "Exception occurred while executing action GetExecutionSummaryStatus on Entity "
        "DataManagementDefinitionGroup: Execution details were not found for execution id: "
        f"{execution}"
    )
