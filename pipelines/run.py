"""Both systems into the warehouse: the one call the command line makes.

First everything is looked at, then everything is read, and only then anything is written: wrong
credentials, a service that is down or a count that does not add up leave the warehouse as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import dlt

from .common import loading, pins
from .common import warehouse as raw
from .common.client import ODataClient
from .common.duck import kept_open
from .common.errors import ExtractError, NotAtSource, UnknownTableName
from .common.landing import RawSchema
from .common.pins import Environment
from .common.reading import DELTA
from .common.report import ExtractReport, ExtractStep, TableReport
from .common.resources import ExtractOptions, OnMissing
from .common.settings import Connection
from .common.tables import Table
from .finops import FinopsConnection, finops
from .finops import declared_tables as finops_tables
from .finops.helpers import environment as finops_environment
from .sales import SalesConnection, sales
from .sales import declared_tables as sales_tables
from .sales.helpers import environment as sales_environment

__all__ = [
    "Connection",
    "ExtractError",
    "ExtractReport",
    "ExtractStep",
    "FinopsConnection",
    "SalesConnection",
    "TableReport",
    "check",
    "extract",
]

_T = TypeVar("_T")
ProgressCallback = Callable[[ExtractStep], None]
_SOURCES: dict[str, Callable[..., Any]] = {"sales": sales, "finops": finops}
_TABLES: dict[str, Callable[..., dict[str, Table]]] = {
    "sales": sales_tables,
    "finops": finops_tables,
}
_ENVIRONMENTS: dict[str, Callable[[ODataClient], Environment]] = {
    "sales": sales_environment,
    "finops": finops_environment,
}


def extract(  # noqa: PLR0913 - what the command line knows
    systems: Sequence[Connection],
    warehouse: Path,
    state_dir: Path,
    tables: Set[str] | None = None,
    full: bool = False,
    on_missing_column: OnMissing = "stop",
    progress: ProgressCallback = lambda _: None,
    *,
    keepers: Sequence[pins.Keeper] = (),
) -> ExtractReport:
    """Read the declared tables of the systems and merge them into the warehouse's raw layer.

    tables: raw names to read (None: all); full: no deltas; on_missing_column: "stop", or
    "continue" with the other tables while such a table stays as it was; progress: is called with
    every step, one at a time; keepers: what else must be of the same environments, as a ledger.

    Raises a subclass of ExtractError. Up to the moment all systems are read completely the
    warehouse is not touched; a package that a failed load leaves behind is loaded by the next run.
    """
    started = time.monotonic()
    callback = _one_at_a_time(progress)
    declared = _declared(systems, tables)
    raw.check_free(warehouse)
    places = pins.WarehousePins(warehouse), pins.StatePins(state_dir)
    with kept_open(warehouse):
        jobs = [
            _Job(
                connection=system,
                declared=declared[system.system],
                names=[name for name in declared[system.system] if not tables or name in tables],
                warehouse=warehouse,
                pipeline=loading.open_pipeline(system.system, warehouse, state_dir),
                callback=callback,
                own=partial(pins.pin, [environment]),
                places=places,
            )
            for system, environment in _environments(systems, warehouse, places, keepers)
        ]
        return _read_and_load(jobs, full, on_missing_column, started)


def _read_and_load(
    jobs: Sequence[_Job], full: bool, on_missing_column: OnMissing, started: float
) -> ExtractReport:
    notes = [note for job in jobs if (note := job.finish_earlier())]
    jobs = [job for job in jobs if job.names]
    _together([partial(job.read, full, on_missing_column) for job in jobs])
    for job in jobs:
        job.load()
    reports = tuple(report for job in jobs for report in job.ordered_reports())
    return ExtractReport(reports, tuple(notes), time.monotonic() - started)


def _environments(
    systems: Sequence[Connection],
    warehouse: Path,
    places: Sequence[pins.Keeper],
    keepers: Sequence[pins.Keeper],
) -> list[tuple[Connection, Environment]]:
    """Each system with the environment it is; WrongEnvironment where another was staged."""
    found = check(systems)
    pins.check(found, (*places, *keepers))
    if warehouse.exists():
        pins.pin(found, places)
    return list(zip(systems, found, strict=True))


def check(systems: Sequence[Connection]) -> list[Environment]:
    """A token from each system and one row; which environments they are, in the order given.

    Raises typed errors. Changes nothing anywhere.
    """
    for system in systems:
        system.check()
    return _together([partial(_look_at, system) for system in systems])


def _look_at(system: Connection) -> Environment:
    client = ODataClient(system, patient=False)
    first = next(iter(_TABLES[system.system](system).values()))
    keys = {column.field for column in first.columns if column.name not in first.key}
    with suppress(NotAtSource):  # the service is there; what it lacks is reported with the table
        client.probe(first.without(keys))
    return _ENVIRONMENTS[system.system](client)


@dataclass
class _Job:
    """One system in one extract."""

    connection: Connection
    declared: dict[str, Table]
    names: Sequence[str]
    warehouse: Path
    pipeline: dlt.Pipeline
    callback: ProgressCallback
    own: Callable[[Sequence[pins.Keeper]], None]
    places: tuple[pins.WarehousePins, pins.StatePins]
    reports: dict[str, TableReport] = field(default_factory=dict)

    @property
    def system(self) -> str:
        return self.connection.system

    @property
    def folder(self) -> Path:
        """For rows of large tables, while they are read."""
        return Path(self.pipeline.working_dir).parent / f"{self.system}.reading"

    @property
    def schema(self) -> str:
        return loading.DATASET.format(system=self.system)

    def finish_earlier(self) -> str | None:
        """Finish what an interrupted run left; a note if there was anything."""
        if self.pipeline.has_pending_data:
            self.own(self.places)
        note = loading.finish_earlier(self.pipeline)
        if note:
            self.callback(ExtractStep("note", self.system, message=note))
        self._mark_deleted()
        return note

    def read(self, full: bool, on_missing_column: OnMissing) -> None:
        """Read all tables into a load package."""
        landed = raw.last_landed(self.warehouse, self.schema)
        options = ExtractOptions(
            on_missing_column=on_missing_column,
            full=full,
            loaded=raw.loaded_packages(self.warehouse, self.schema),
            raw=RawSchema(self.warehouse, self.schema, landed),
            folder=self.folder,
            report=self._keep,
            progress=lambda table, rows: self.callback(
                ExtractStep("reading", table.system, table.name, rows)
            ),
        )
        with loading.empty_folder(self.folder):
            source = _SOURCES[self.system](self.connection, set(self.names), options)
            loading.read(self.pipeline, source)
        self.own(self.places[1:])

    def load(self) -> None:
        """Write the package, then mark what is gone."""
        self.own(self.places)
        self.callback(ExtractStep("loading", self.system))
        loading.load(self.pipeline)
        for name, count in self._mark_deleted().items():
            if name in self.reports and self.reports[name].mode == DELTA:
                known = self.reports[name]
                self.reports[name] = replace(known, deletions=count + known.marked)

    def ordered_reports(self) -> list[TableReport]:
        """Reports in the order of the tables' declaration."""
        return [self.reports[name] for name in self.names]

    def _mark_deleted(self) -> dict[str, int]:
        return raw.mark_deleted(self.warehouse, self.schema, self.declared.values())

    def _keep(self, report: TableReport) -> None:
        self.reports[report.table] = report
        self.callback(ExtractStep("read", report.system, report.table, report.rows))
        for warning in report.warnings:
            self.callback(ExtractStep("note", report.system, report.table, message=warning))


def _declared(systems: Sequence[Connection], names: Set[str] | None) -> dict[str, dict[str, Table]]:
    """The tables of each system; UnknownTableName where one of `names` is none of them."""
    declared = {system.system: _TABLES[system.system](system) for system in systems}
    known = [name for tables in declared.values() for name in tables]
    if unknown := sorted((names or set()) - set(known)):
        raise UnknownTableName(unknown, known)
    return declared


def _together(actions: Sequence[Callable[[], _T]]) -> list[_T]:
    """All at once; the first error, in the order given, once all have ended.

    Ctrl-C waits for none of them: what they hold is read again.
    """
    pool = ThreadPoolExecutor(max(1, len(actions)))
    wait = True
    try:
        return [future.result() for future in [pool.submit(action) for action in actions]]
    except KeyboardInterrupt:
        wait = False
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=not wait)


def _one_at_a_time(progress: ProgressCallback) -> ProgressCallback:
    lock = Lock()

    def callback(step: ExtractStep) -> None:
        with lock:
            progress(step)

    return callback
