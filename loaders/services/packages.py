"""Writes new records to F&O as data packages (protocols B8), one for each legal entity of a chunk.

An import changes what is there already, so what is there is looked for before. Afterwards each row
has its own outcome: named by the service it is refused; found it is written; else the package did
not take it, and it goes out alone, where it is answered alone. A job that has not ended, or that
the service does not show, leaves its rows in doubt: they are asked for again by the job's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loaders.errors import AbortRun, AmbiguousAnswer, ServiceError, Stopped, TooLarge
from loaders.models import Change, Operation, Outcome, WriteTarget
from loaders.services.finops import FinopsWriter
from loaders.services.lookups import Lookups, company_of
from loaders.services.package_file import COMPANY, encoded_rows, package
from loaders.services.package_jobs import PackageJobs
from loaders.services.package_refusals import Named
from loaders.services.records import Found, Unreadable
from loaders.services.responses import FINOPS_RETRY
from loaders.units import in_chunks
from pipelines.common.packages import SUCCEEDED

PREFIX = "p2c-import"  # of the ids of packages in the ledger
UNNAMED = "F&O did not take it with its package, and gave no reason."


def takes_packages(target: WriteTarget) -> bool:
    """Whether new records of a target can go as packages: no documents, in one legal entity."""
    alone = not target.parts and not target.part_of
    return bool(target.package) and alone and COMPANY in target.key


@dataclass
class PackageWriter:
    """The `Writer` of one chunk; `request_id` is what its jobs' ids begin with, in the ledger.

    `least`: rows of one company below which they go out as the parts of batches. `waited`: seconds
    since the chunk was sent by a run that is gone.
    """

    single: FinopsWriter
    lookups: Lookups
    jobs: PackageJobs
    request_id: str | None
    rows_per_request: int
    least: int = 1
    waited: float = 0
    _begun: set[str] = field(default_factory=set)  # executions
    _open: dict[str, str] = field(default_factory=dict)  # executions not at their end, and why
    _recalled: bool = False

    def __post_init__(self) -> None:
        self.most_rows = self.rows_per_request  # what is sent alone is cut into batches
        self.read_before_update = self.single.read_before_update

    def size(self, target: WriteTarget, operation: Operation) -> int:  # noqa: ARG002 - all alike
        """How many rows the next chunk should have: those of a package."""
        return self.rows_per_request

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        """Write new records; one outcome each. Raises ServiceError only where nothing was sent."""
        outcomes: list[Outcome] = []
        for company, members in _by_company(rows):
            try:
                if self._is_for_package(company, members):
                    with self.jobs.turn():
                        outcomes += self._package(target, company, members)
                else:
                    self._alone(target, members, outcomes)
            except (ServiceError, Stopped) as error:
                if not outcomes:
                    raise
                outcomes += _not_sent(members, outcomes, error)
        return _in_order(rows, outcomes)

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Found]:
        """The records as they are now. What a job may still write, and is not there, is unknown.

        Raises AbortRun for that in the run that began the job, Stopped while it is stopping.
        """
        found = self._all_told(target, rows, self.lookups.find(target, rows))
        for row in rows:
            why = self._open.get(self._execution(company_of(row)))
            if why and found.get(row.write_id) is None:
                if not self._recalled:
                    raise Stopped if self.jobs.stopping else AbortRun(why)
                found[row.write_id] = Unreadable(why)
        return found

    def recall(self, target: WriteTarget, rows: Sequence[Change]) -> dict[str, Outcome]:
        """Wait for the jobs that another run began; outcomes of rows that they name as refused.

        Raises ServiceError when the service cannot be asked.
        """
        answers: dict[str, Outcome] = {}
        self._recalled = True
        for company, members in _by_company(rows):
            execution = self._execution(company)
            standing, why = self.jobs.standing(execution, str(target.package), self.waited)
            if standing == "running":
                self._open[execution] = why
            elif standing == "ended":
                named = self._named(target, members, execution).found
                answers |= {
                    r.write_id: _refused(r, named[r.write_id], execution)
                    for r in members
                    if _is_final(named.get(r.write_id))
                }
        return answers

    def _is_for_package(self, company: str, rows: Sequence[Change]) -> bool:
        """Once in a delivery, and not behind a job that does not end."""
        begun = self._execution(company) in self._begun
        return bool(company) and not begun and not self.jobs.stuck and len(rows) >= self.least

    def _package(self, target: WriteTarget, company: str, rows: Sequence[Change]) -> list[Outcome]:
        there = self._there(target, rows)
        outcomes = [_exists(row) for row in rows if row.write_id in there]
        new = [row for row in rows if row.write_id not in there]
        cells, refused = encoded_rows(target, new)
        outcomes += refused
        sent = [row for row in new if row.write_id in cells]
        if not sent:
            return outcomes
        entity, execution = str(target.package), self._execution(company)
        project = f"p2c {target.entity_set}"
        url = self.jobs.leave(execution, entity, package(project, entity, cells.values()))
        self.jobs.begin(execution, project, company, url, entity)
        self._begun.add(execution)
        return outcomes + self._outcomes(target, sent, execution)

    def _outcomes(
        self, target: WriteTarget, rows: Sequence[Change], execution: str
    ) -> list[Outcome]:
        """From here on the rows may be there, so nothing is raised: they are read back instead."""
        try:
            standing, status = self.jobs.standing(execution, str(target.package))
            if standing != "ended":
                self._open[execution] = status
                return [_doubtful(row, execution, status) for row in rows]
            there = self._there(target, rows)
        except (ServiceError, Stopped) as error:
            self._open[execution] = str(error)
            return [_doubtful(row, execution, str(error)) for row in rows]
        if status == SUCCEEDED and len(there) == len(rows):
            return [_outcome(row, True, {}, execution) for row in rows]
        named = self._named(target, rows, execution)
        outcomes = [_outcome(r, r.write_id in there, named.found, execution) for r in rows]
        if alone := sum(outcome.status == "retry" for outcome in outcomes):
            reason = named.general or "no reason given"
            self.jobs.notes.append(
                f"The package job {execution} of F&O for {target.package} ended as {status} "
                f"({reason}): {alone:,} of its {len(rows):,} rows go over OData instead."
            )
        return outcomes

    def _named(self, target: WriteTarget, rows: Sequence[Change], execution: str) -> Named:
        named = Named(target, rows)
        self.jobs.note_refusals(execution, str(target.package), named)
        return named

    def _there(self, target: WriteTarget, rows: Sequence[Change]) -> set[str]:
        found = self._all_told(target, rows, self.lookups.keys(target, rows))
        return {row.write_id for row in rows if found.get(row.write_id) is not None}

    def _all_told(
        self, target: WriteTarget, rows: Sequence[Change], found: Mapping[str, Found]
    ) -> dict[str, Found]:
        """What many at once could not tell is asked for one by one."""
        untold = [row for row in rows if row.write_id not in found]
        return {**found, **self.single.read_back(target, untold)}

    def _alone(self, target: WriteTarget, rows: Sequence[Change], outcomes: list[Outcome]) -> None:
        """As the parts of batches, in halves where one is too large."""
        for chunk in in_chunks(rows, lambda: self.single.size(target, "create")):
            try:
                outcomes += self.single.send(target, chunk)
            except AmbiguousAnswer as error:
                outcomes += [_doubtful(row, None, str(error)) for row in chunk]
            except TooLarge:
                if len(chunk) == 1:
                    raise
                half = len(chunk) // 2
                self._alone(target, chunk[:half], outcomes)
                self._alone(target, chunk[half:], outcomes)

    def _execution(self, company: str) -> str:
        return f"{self.request_id}-{company}"


def _by_company(rows: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Rows by the company of their key, in lower case; '' where their key is not complete."""
    companies: dict[str, list[Change]] = {}
    for row in rows:
        companies.setdefault(company_of(row), []).append(row)
    return list(companies.items())


def _in_order(rows: Sequence[Change], outcomes: Sequence[Outcome]) -> list[Outcome]:
    by_id = {outcome.write_id: outcome for outcome in outcomes}
    return [by_id[row.write_id] for row in rows]


def _outcome(row: Change, is_there: bool, named: Mapping[str, str], execution: str) -> Outcome:
    words = named.get(row.write_id)
    if is_there and words is None:
        return Outcome(row.write_id, "acknowledged", request_id=execution)
    if is_there:
        return _exists(row, words)
    if words is None or not _is_final(words):
        return Outcome(row.write_id, "retry", error_message=words or UNNAMED, request_id=execution)
    return Outcome(row.write_id, "rejected", error_message=words, request_id=execution)


def _is_final(words: str | None) -> bool:
    """A row that is named without a reason goes out alone, where it is told one."""
    return bool(words) and not FINOPS_RETRY.search(str(words))


def _exists(row: Change, words: str | None = None) -> Outcome:
    return Outcome(row.write_id, "exists", error_message=words or "It is there already.")


def _refused(row: Change, words: str, execution: str) -> Outcome:
    """Judged by what is there: a record that is not is refused with these words."""
    return Outcome(row.write_id, "exists", error_message=words, request_id=execution)


def _doubtful(row: Change, execution: str | None, why: str) -> Outcome:
    return Outcome(row.write_id, "doubtful", error_message=why, request_id=execution)


def _not_sent(
    rows: Sequence[Change], outcomes: Sequence[Outcome], error: Exception
) -> list[Outcome]:
    """The rows of a chunk that others of it kept from being raised for: they may be sent again."""
    answers = {outcome.write_id for outcome in outcomes}
    return [
        Outcome(row.write_id, "retry", error_message=str(error))
        for row in rows
        if row.write_id not in answers
    ]
