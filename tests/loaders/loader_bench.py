"""One service in memory and the deliveries to it, for tests of what becomes of a row."""

import threading

from loaders.applying.delivery import Delivered, Delivery
from loaders.models import ApplySettings, Change
from loaders.services.writers import Writers
from tests.loaders.loader_rows import FakeClock, guid, target
from tests.loaders.loader_service import FakeService


class Bench:
    """One service in memory and the deliveries to it."""

    def __init__(
        self,
        clock: FakeClock,
        system: str = "sales",
        rows_per_request: int = 1000,
        read_before_update: bool = True,
    ) -> None:
        self.fake = FakeService(system)
        self.stop = threading.Event()
        sizes = {f"{system}_rows_per_request": rows_per_request}
        self.writers = Writers(
            {system: self.fake.service()},
            ApplySettings(**sizes, finops_read_before_update=read_before_update),
            self.stop,
            clock,
        )
        self.target = target(system)

    def deliver(self, *rows: Change) -> Delivered:
        return self._delivery().deliver(rows)

    def recover(self, *rows: Change) -> Delivered:
        return self._delivery().recover(rows)

    def statuses(self, *rows: Change) -> list[str]:
        by_id = {outcome.write_id: outcome.status for outcome in self.deliver(*rows).outcomes}
        return [by_id[row.write_id] for row in rows]

    def _delivery(self) -> Delivery:
        writer = self.writers.of(self.target.system)
        return Delivery(writer, self.target, 6, self.stop)


def key(number: int, system: str = "sales") -> str:
    return f"({guid(number)})" if system == "sales" else f"(dataAreaId='usmf',Number='N-{number}')"


def put(bench: Bench, number: int, **values: object) -> None:
    bench.fake.put(key(number, bench.target.system), values)
