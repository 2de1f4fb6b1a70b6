"""One bad row among ten thousand costs one row; service protection limits cost waiting only."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import stamina
from p2c_sandbox.process import Running

from loaders import ApplyReport, ApplySettings, Ledger, Service, apply_plan, make_plan, read_targets
from loaders.models import Plan
from tests.faults.records import make_world
from tests.loaders.loader_rows import FakeClock
from tests.loaders.loader_service import FakeService
from tests.loaders.loader_world import World

ROWS = 10_000
FULL = "P2C_FAULT_CASES" in os.environ
CREATES = {
    "sales": """insert into changes.changes_sales__things
        select 'c' || i, 'things', 'create', i, '{p}' || i, id, '{{"accountid":"' || id || '"}}',
            null, '[]', null, json_object('name', case when i = 617 and {bad} then repeat('x', 200)
                else 'Row ' || i end, 'accountnumber', '{p}' || i), '[]', false,
            false, null
        from (select i, uuid()::varchar as id from range({rows}) as t(i))""",
    "finops": """insert into changes.changes_finops__gadgets
        select 'c' || i, 'gadgets', 'create', i, 'usmf/{p}' || i, null,
            json_object('dataAreaId', 'usmf', 'CustomerAccount', '{p}' || i), null, '[]', null,
            json_object('OrganizationName', 'Row ' || i, 'SalesCurrencyCode', 'USD',
                'CustomerGroupId', case when i = 617 and {bad} then 'nope' else '10' end),
            '[]', false, false, null
        from range({rows}) as t(i)""",
}
MESSAGE = {"sales": "exceeded the maximum allowed length", "finops": "nope"}


@pytest.fixture(scope="module")
def running(sandboxes) -> Running:
    return sandboxes.start("base")


def write(running: Running, folder: Path, system: str, prefix: str, bad: bool) -> ApplyReport:
    """Create ten thousand records, one of them bad or none."""
    folder.mkdir()
    world = make_world(folder)
    world.sql(CREATES[system].format(p=prefix, rows=ROWS, bad=str(bad).lower()))
    secret = (running.client_id, running.client_secret)
    services = {
        "sales": Service("sales", running.sales.url, running.sales.token_url, *secret),
        "finops": Service("finops", running.finops.url, running.finops.token_url, *secret),
    }
    graph = read_targets(world.manifest_path)
    with Ledger.open(world.state_dir) as ledger:
        plan = make_plan(world.warehouse, graph, ledger)
        report = apply_plan(world.warehouse, graph, ledger, plan.plan_id, services)
        failed = ledger.connection.execute(
            "select record_key, status, error_message from writes where status <> 'acknowledged'"
        ).fetchall()
    wrong = [(row["record_key"].removeprefix("usmf/"), row["status"]) for row in failed]
    assert wrong == ([(f"{prefix}617", "rejected")] if bad else [])
    assert all(MESSAGE[system] in row["error_message"] for row in failed)
    return report


@pytest.mark.parametrize("system", ["sales", "finops"])
def test_one_bad_row_in_ten_thousand(running: Running, tmp_path: Path, system: str) -> None:
    clean = write(running, tmp_path / "clean", system, "V1-", bad=False)
    spoilt = write(running, tmp_path / "spoilt", system, "V2-", bad=True)
    assert (clean.written, spoilt.written) == (ROWS, ROWS - 1)
    assert spoilt.requests < 1.2 * clean.requests, (clean.requests, spoilt.requests)


class Limited:
    """6,000 requests in 300 seconds and 52 at once for one user (protocols A10), or fewer."""

    def __init__(self, fake: FakeService, clock: FakeClock, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.clock, self.arrived, self.lock = clock, deque[float](), threading.Lock()
        self.inside = self.most_inside = self.refused = self.asked = 0
        fake.before, fake.after = self.enter, self.leave

    def enter(self, request: httpx.Request) -> httpx.Response | None:
        self.clock.advance(0.02)
        with self.lock:
            now = self.clock.monotonic()
            self.asked += 1
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
            while self.arrived and self.arrived[0] <= now - self.window:
                self.arrived.popleft()
            self.arrived.append(now)
            if len(self.arrived) <= self.limit:
                return None
            self.refused += 1
            self.inside -= 1
            wait = max(1, round(self.arrived[0] + self.window - now))
            return httpx.Response(429, headers={"Retry-After": str(wait)})

    def leave(self, request: httpx.Request) -> None:
        with self.lock:
            self.inside -= 1


@pytest.fixture
def apply(tmp_path: Path) -> Callable[..., ApplyReport]:
    """Apply creates of a thing each, one row a request."""
    clock, world = FakeClock(), World(tmp_path)

    def run(fake: FakeService, rows: int, workers: int) -> ApplyReport:
        world.build()
        world.sql(
            "insert into changes.changes_sales__things select 'c' || i, 'things', 'create', i, i, "
            "uuid()::varchar, json_object('widgetid', uuid()::varchar), null, '[]', null, "
            f"json_object('name', 'Row ' || i), '[]', false, false, null from range({rows}) as t(i)"
        )
        graph = read_targets(world.manifest_path)
        settings = ApplySettings(workers=workers, sales_rows_per_request=1, attempts=6)
        with (
            Ledger.open(world.state_dir, clock) as ledger,
            stamina.set_testing(True, attempts=6, cap=True),
        ):
            plan: Plan = make_plan(world.warehouse, graph, ledger)
            return apply_plan(
                world.warehouse, graph, ledger, plan.plan_id, {"sales": fake.service()},
                settings=settings,
            )  # fmt: skip

    run.clock = clock  # type: ignore[attr-defined]
    return run


@pytest.mark.parametrize(
    ("workers", "limit", "window"),
    [(4, 1_000, 50.0), *([(50, 6_000, 300.0)] if FULL else [])],
)
def test_throttled_requests_stay_below_one_in_a_hundred(
    apply, workers: int, limit: int, window: float
) -> None:
    fake, rows = FakeService("sales", bulk=False), limit * 5 // 2
    limits = Limited(fake, apply.clock, limit, window)
    report = apply(fake, rows, workers)
    assert (report.status, report.written) == ("ok", rows)
    assert limits.refused > 0
    assert limits.refused < 0.01 * limits.asked, (limits.refused, limits.asked)
    assert limits.most_inside < 52


def test_a_service_that_only_throttles_ends_the_run(apply) -> None:
    fake = FakeService("sales", bulk=False)
    fake.before = lambda request: httpx.Response(429, headers={"Retry-After": "5"})
    report = apply(fake, 100, 4)
    assert (report.status, report.written) == ("aborted", 0)
    assert report.requests <= 4 * 6 * 2
