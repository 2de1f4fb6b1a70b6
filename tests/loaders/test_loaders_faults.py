"""Under any mix of faults every record is written exactly once, or still waits to be."""

import threading

import httpx
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.applying.delivery import Delivery
from loaders.models import ApplySettings, Change
from loaders.services.writers import Writers
from tests.loaders.loader_rows import FakeClock, change, guid, target
from tests.loaders.loader_service import FakeService

FAULTS = ("none", "none", "refused", "silent", "dropped", "throttled", "gateway", "html")
SYSTEMS = st.sampled_from(["sales", "finops"])
ROUNDS = 40


class Faulty:
    """Answers requests by a list of faults; when it is used up the service is well."""

    def __init__(self, system: str, faults: list[str]) -> None:
        self.fake = FakeService(system)
        self.faults = list(faults)
        self.now = "none"
        self.fake.before, self.fake.after = self.before, self.after

    def before(self, request: httpx.Request) -> httpx.Response | None:
        self.now = self.faults.pop(0) if self.faults else "none"
        if self.now == "refused":
            raise httpx.ConnectError("refused")
        if self.now == "silent":
            raise httpx.ReadTimeout("silent")
        if self.now == "throttled":
            return httpx.Response(429, headers={"Retry-After": "3"})
        return None

    def after(self, request: httpx.Request) -> httpx.Response | None:
        if self.now == "dropped":
            raise httpx.RemoteProtocolError("dropped")
        if self.now == "gateway":
            return httpx.Response(504)
        return httpx.Response(502, html="<h1>Bad gateway</h1>") if self.now == "html" else None


def rows_of(system: str, count: int) -> list[Change]:
    rows = [change(number, "create", system) for number in range(1, count + 1)]
    for number in range(101, 101 + count):
        rows.append(change(number, "update", system, after={"name": "new"}))
    return rows


def keys_of(system: str, rows: list[Change]) -> list[str]:
    numbers = [int(row.write_id[2:]) for row in rows]
    if system == "sales":
        return [f"({guid(number)})" for number in numbers]
    return [f"(dataAreaId='usmf',Number='N-{number}')" for number in numbers]


@settings(max_examples=150, deadline=None)
@given(SYSTEMS, st.integers(1, 7), st.lists(st.sampled_from(FAULTS), max_size=25), st.booleans())
def test_every_record_is_written_exactly_once(
    system: str, count: int, faults: list[str], bulk: bool
) -> None:
    faulty = Faulty(system, faults)
    faulty.fake.bulk = bulk
    rows = rows_of(system, count)
    updated = keys_of(system, rows[count:])
    for key in updated:
        faulty.fake.put(key, {"name": "old"})
    sizes = ApplySettings(sales_rows_per_request=3, finops_rows_per_request=3, attempts=3)
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        Writers({system: faulty.fake.service()}, sizes, threading.Event(), FakeClock()) as writers,
    ):
        for part in (rows[:count], rows[count:]):
            finish(writers, system, part)
    assert sorted(faulty.fake.rows) == sorted(keys_of(system, rows))
    names = {key: row["name"] for key, row in faulty.fake.rows.items()}
    assert all(names[key] == "new" for key in updated)
    written = {key: n for key, n in faulty.fake.versions.items() if key not in updated}
    assert set(written.values()) == {1}
    assert {faulty.fake.versions[key] for key in updated} == {2}


def finish(writers: Writers, system: str, rows: list[Change]) -> None:
    """Deliver and recover, as one apply after another does, until no row is open."""
    where = target(system)
    open_rows, doubtful = {row.write_id: row for row in rows}, {}
    for _ in range(ROUNDS):
        delivery = Delivery(writers.of(where.system), where, 3, threading.Event())
        going = list((doubtful or open_rows).values())
        result = delivery.recover(going) if doubtful else delivery.deliver(going)
        by_id = {outcome.write_id: outcome for outcome in result.outcomes}
        assert by_id.keys() == {row.write_id for row in going}
        landed = {name for name, o in by_id.items() if o.status == "acknowledged"}
        assert {o.status for o in by_id.values()} <= {"acknowledged", "planned", "unresolved"}
        doubtful = {
            row.write_id: row for row in going if by_id[row.write_id].status == "unresolved"
        }
        open_rows = {name: row for name, row in open_rows.items() if name not in landed}
        if not open_rows:
            return
    raise AssertionError(f"{len(open_rows)} rows are still open after {ROUNDS} rounds")
