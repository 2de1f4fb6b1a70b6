"""The open connections of one run: a writer for each service that is needed, one throttle each."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Self

from loaders.clock import Clock
from loaders.errors import AbortRun
from loaders.models import ApplySettings, Operation, Service, System, WriteTarget
from loaders.services.finops import FinopsWriter
from loaders.services.http import ServiceClient, connect
from loaders.services.package_writers import PackageWriters
from loaders.services.packages import PackageWriter
from loaders.services.sales import SalesWriter
from loaders.services.sizes import Sizes
from loaders.services.throttle import Throttle
from loaders.services.writer import Writer
from pipelines.common.errors import NAMES

# Where the sizes of requests begin, and what they grow to: what Sales takes in a batch and advises
# for bulk messages (protocols A8, A9). F&O would take more, but takes long for each row.
START_ROWS: Mapping[System, int] = {"sales": 500, "finops": 250}
MOST_ROWS = 1_000


class Writers:
    """Connects on first use, closes everything at the end."""

    def __init__(
        self,
        services: Mapping[System, Service],
        settings: ApplySettings,
        stop: threading.Event,
        clock: Clock,
    ) -> None:
        self.settings, self.stop = settings, stop
        self._services, self._clock = services, clock
        self._open: dict[System, Writer] = {}
        self._packages: PackageWriters | None = None
        self._throttles: dict[System, Throttle] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, those for tokens aside."""
        return sum(throttle.requests for throttle in self._throttles.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know beside the outcomes of rows."""
        return tuple(self._packages.notes) if self._packages else ()

    def of(self, system: System) -> Writer:
        """The writer of a system. Raises AbortRun when no connection is set up for it."""
        if system not in self._open:
            service = self._services.get(system)
            if service is None:
                raise AbortRun(f"No connection is set up for {system}: fill in [sources.{system}].")
            self._open[system] = self._writer(service)
        return self._open[system]

    def taking(
        self, target: WriteTarget, operation: Operation, rows: int, at_once: int | None = None
    ) -> Writer:
        """The writer for a part of a plan with so many rows. Raises AbortRun as `of`.

        One that sends packages has an id of its own each time, for the `at_once` rows of a chunk.
        """
        writer = self.of(target.system)
        if target.system == "finops" and self._packages:
            return self._packages.of(target, operation, rows, at_once) or writer
        return writer

    def again(self, target: WriteTarget, request_id: str, waited: float) -> PackageWriter:
        """The writer that knows what became of a package sent so many seconds ago."""
        self.of(target.system)
        assert self._packages is not None, "only F&O takes packages"
        return self._packages.again(request_id, waited)

    def throttle(self, system: System) -> Throttle:
        """What holds the requests to a system back that `of` has connected."""
        return self._throttles[system]

    def _writer(self, service: Service) -> Writer:
        asked = getattr(self.settings, f"{service.name}_rows_per_request")
        most = asked or MOST_ROWS
        client = self._client(service, Sizes(asked or START_ROWS[service.name], most))
        if service.name == "sales":
            return SalesWriter(client, most)
        looks = self.settings.finops_read_before_update
        writer = FinopsWriter(client, most, read_before_update=looks)
        self._packages = PackageWriters(client, writer, self.settings, self.stop, self._clock)
        return writer

    def _client(self, service: Service, sizes: Sizes) -> ServiceClient:
        throttle = Throttle(
            self.settings.workers,
            self._clock,
            self.stop,
            title=NAMES[service.name],
            max_wait=self.settings.max_wait,
        )
        client = connect(service, throttle, self._clock, timeout=self.settings.timeout, sizes=sizes)
        self._throttles[service.name] = throttle
        self._stack.callback(client.close)
        return client
