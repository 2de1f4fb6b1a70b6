"""Everything that can go wrong in the loaders, sorted by consequence.

LoaderError
  ManifestError         dbt's manifest is missing or a model's meta is wrong
  WarehouseError        a table the loaders read is missing, or another process holds the file
  StorageError          the ledger's file cannot be read or written
  PlanError
    UnknownPlan         no such plan in the ledger
    UnknownRun          no such run in the ledger, or one that wrote nothing
    UndoRefused         nothing of a run can be taken back
    UnknownModel        a plan holds rows of a changes model that is gone
    UnknownFlow         a selected flow that no changes model declares
    OldSnapshot         a target was written since it was read: a plan would repeat writes
    IncompleteBuild     the last build failed, or models or seeds were edited since
    StalePlan           the plan is no longer true
    PlanAlreadyApplied  nothing is left to do in it
  NoPackages            a target is set to take packages, and cannot
  GuardStop             a guard stopped the run before its first write
  FateMismatch          the counts of a flow do not add up
  ServiceError          a service refused, or did not answer
    AbortRun            nothing more can be written now: credentials, rights, address, outage
    RetryLater          the same request may work later
    AmbiguousAnswer     sent, but no answer came: read back before sending again
    TooLarge            the request must be cut into smaller ones
    BulkRefused         a bulk message failed or does not exist: the rows go out one by one
  Stopped               the run is stopping: this request was not sent

A single rejected row is no exception but an `Outcome`: it costs that row alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class LoaderError(Exception):
    """Base of all: `str()` is one sentence for a person, with what to do next."""


class ManifestError(LoaderError):
    """dbt's manifest is missing, unreadable, or a changes model is declared wrongly."""

    def __init__(self, path: Path, problem: str, model: str | None = None) -> None:
        self.path, self.problem, self.model = path, problem, model
        where = f"Model {model} in {path}" if model else str(path)
        super().__init__(f"{where}: {problem}")


class WarehouseError(LoaderError):
    """The warehouse cannot be opened, or lacks a table that dbt should have built."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path}: {problem}")


class StorageError(LoaderError):
    """The ledger's file, or its folder, cannot be opened, read or written."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} {problem}")


class PlanError(LoaderError):
    """A plan cannot be made or applied."""


class UnknownPlan(PlanError):
    """The ledger has no plan of that id."""

    def __init__(self, plan_id: str) -> None:
        self.plan_id = plan_id
        super().__init__(f"No plan {plan_id} in the ledger; `p2c plan` makes one.")


class UnknownRun(PlanError):
    """The ledger has no run or plan of that id that wrote something."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"Nothing in the ledger was written by {name}; `p2c status --limit 0` lists the runs."
        )


class UnknownModel(PlanError):
    """Rows in the ledger belong to a changes model that the project no longer has."""

    def __init__(self, model: str) -> None:
        self.model = model
        super().__init__(
            f"The project has no model {model} that writes, so its rows in the ledger cannot be "
            "read back or taken back; bring the model back to do so."
        )


class UndoRefused(PlanError):
    """None of a plan's writes can be taken back. `reasons` says why, the commonest first."""

    def __init__(self, name: str, reasons: Sequence[str]) -> None:
        self.name, self.reasons = name, tuple(reasons)
        first = " ".join(reasons[:3])
        more = f" And {len(reasons) - 3} more." if len(reasons) > 3 else ""
        super().__init__(f"Nothing of {name} can be undone. {first}{more}")


class UnknownFlow(PlanError):
    """A flow was selected that no changes model declares."""

    def __init__(self, flow: str, known: Sequence[str]) -> None:
        self.flow, self.known = flow, tuple(known)
        super().__init__(f"No flow {flow!r}; the flows are {', '.join(known) or 'none'}.")


class OldSnapshot(PlanError):
    """Targets were written after they were read, so the diff no longer describes them."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            f"The warehouse is behind: {'; '.join(reasons)}. "
            "Run `p2c extract` and `p2c build`, then plan."
        )


class IncompleteBuild(PlanError):
    """The warehouse holds no complete build of what is there now."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"What the warehouse would have written is not to be gone by: {problem}. "
            "Run `p2c build`, then plan."
        )


class StalePlan(PlanError):
    """The plan no longer describes the two systems. `reasons` says what moved."""

    def __init__(self, plan_id: str, reasons: Sequence[str]) -> None:
        self.plan_id, self.reasons = plan_id, tuple(reasons)
        super().__init__(
            f"Plan {plan_id} is no longer true: {'; '.join(reasons)}. Make a new plan."
        )


class PlanAlreadyApplied(PlanError):
    """Every row of the plan has its outcome."""

    def __init__(self, plan_id: str, status: str) -> None:
        self.plan_id, self.status = plan_id, status
        super().__init__(
            f"Plan {plan_id} was applied already ({status}); nothing was written. "
            "Extract and plan again to see what still differs."
        )


class NoPackages(LoaderError):
    """Data packages are asked for where none can be written; `able` are the sets that can."""

    def __init__(self, entity_set: str, able: Sequence[str]) -> None:
        self.entity_set, self.able = entity_set, tuple(able)
        super().__init__(
            f"Setting sources.finops.write_by_set names {entity_set}, which takes no packages; "
            f"{', '.join(able) or 'none'} can. Its changes model would have to say "
            "`writes.package`, and documents with lines always go over OData."
        )


@dataclass(frozen=True)
class Finding:
    """What one guard saw: its name (also the name to override it), the numbers, and the setting."""

    guard: str
    message: str
    setting: str


class GuardStop(LoaderError):
    """One or more guards stopped the run before its first write."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [
            f"{f.message} If this is right: --allow {f.guard}, or raise {f.setting}."
            for f in self.findings
        ]
        super().__init__("Stopped before the first write. " + " ".join(lines))


class FateMismatch(LoaderError):
    """A flow's records and their fates do not add up: a bug or a broken model, never normal."""

    def __init__(
        self, flow: str, target: str, left: tuple[str, int], right: tuple[str, int]
    ) -> None:
        self.flow, self.target, self.left, self.right = flow, target, left, right
        super().__init__(
            f"Flow {flow} to {target} does not add up: {left[0]} = {left[1]}, but {right[0]} = "
            f"{right[1]}. Run `dbt test` to find the model that loses or doubles rows."
        )


class ServiceError(LoaderError):
    """A service refused a request or did not answer. Facts stay on the error; secrets never do."""

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.http_status, self.code, self.request_id = http_status, code, request_id
        super().__init__(message)


class AbortRun(ServiceError):
    """Going on makes no sense: wrong credentials, missing rights, wrong address, lasting outage."""


class RetryLater(ServiceError):
    """The service did not process the request; it may be sent again."""


class AmbiguousAnswer(ServiceError):
    """The request left, its answer did not arrive: the rows may or may not have been written."""


class TooLarge(ServiceError):
    """The body is above what the service takes (413): send fewer rows at once."""


class BulkRefused(ServiceError):
    """A bulk message changed nothing: one of its rows failed, or the table does not have it."""


class Stopped(LoaderError):
    """The run is stopping; the request was not sent."""

    def __init__(self) -> None:
        super().__init__("Stopping: requests in flight are finished, nothing new is sent.")
