"""Decides which new records of F&O go as packages, and makes the writers that send them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from loaders.clock import Clock
from loaders.errors import NoPackages
from loaders.models import ApplySettings, Operation, SyncGraph, WriteTarget
from loaders.services.batch import BatchClient
from loaders.services.finops import FinopsWriter
from loaders.services.http import ServiceClient
from loaders.services.lookups import Lookups
from loaders.services.package_jobs import PackageJobs
from loaders.services.packages import PREFIX, PackageWriter, takes_packages

REST = 10  # a chunk with less than this part of what is worth a package goes out as batches


def check_ways(graph: SyncGraph, settings: ApplySettings) -> None:
    """Raises NoPackages for an entity set that is to be written by packages and cannot be."""
    able = sorted({t.entity_set for t in graph.targets if takes_packages(t)})
    for entity_set, way in settings.finops_write_by_set.items():
        if way != "odata" and entity_set not in able:
            raise NoPackages(entity_set, able)


class PackageWriters:
    """Package writers of one F&O environment, which share one job at a time."""

    def __init__(
        self,
        client: ServiceClient,
        single: FinopsWriter,
        settings: ApplySettings,
        stop: threading.Event,
        clock: Clock,
    ) -> None:
        self._single, self._settings, self._clock = single, settings, clock
        self._jobs = PackageJobs(client, settings, stop, clock)
        root = f"{client.service.url.rstrip('/')}/data"
        self._lookups = Lookups(BatchClient(client, root))

    def of(
        self, target: WriteTarget, operation: Operation, rows: int, at_once: int | None
    ) -> PackageWriter | None:
        """A writer with an id of its own for a part of so many rows; None: they go over OData.

        at_once: how many of them it is to send; None where only its size is asked for.
        """
        settings = self._settings
        by = settings.finops_write_by_set.get(target.entity_set, settings.finops_write_by)
        if operation != "create" or by == "odata" or not takes_packages(target):
            return None
        least = 1 if by == "package" else settings.finops_package_from
        worth = max(1, least // REST)
        if rows < least or (at_once is not None and at_once < worth):
            return None
        return self._writer(self._clock.new_id(PREFIX), worth)

    @property
    def notes(self) -> Sequence[str]:
        """What a person should know of jobs that did not take their rows."""
        return self._jobs.notes

    def again(self, request_id: str, waited: float) -> PackageWriter:
        """The writer of a package that a run sent which is gone, so many seconds ago."""
        return self._writer(request_id, 1, waited)

    def _writer(self, request_id: str, least: int, waited: float = 0) -> PackageWriter:
        return PackageWriter(
            self._single,
            self._lookups,
            self._jobs,
            request_id,
            self._settings.finops_rows_per_package,
            least,
            waited,
        )
