"""A process that forks one child for each run, so that a run can be killed and costs no imports.

    python -m tests.faults.runner < jobs > answers

Each line in is a job, each line out what became of it: `{"died": true}` after kill -9, otherwise
what the run says. The parent of the children stays single-threaded and opens no database.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import stamina

from loaders import (
    ApplySettings,
    Ledger,
    LoaderError,
    Service,
    apply_plan,
    make_plan,
    make_retry,
    publish,
    read_targets,
    recover_in_flight,
)
from loaders.clock import Clock
from tests.faults.records import PlainApi, held, judge, load
from tests.loaders.loader_world import World

SPEED = 40
SMALL = ApplySettings(workers=3, sales_rows_per_request=6, finops_rows_per_request=6, timeout=0.4)
PACKAGES = replace(
    SMALL,
    finops_write_by="package",
    finops_rows_per_package=9,
    finops_package_seconds=40,
    finops_package_start=20,
)


class QuickClock(Clock):
    """Waits that a service asks for pass 40 times as quickly."""

    def monotonic(self) -> float:
        return super().monotonic() * SPEED

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(seconds / SPEED)


class Deadly(httpx.HTTPTransport):
    """The network; the process dies around its n-th request, or of those with a path."""

    def __init__(self, kill: dict[str, Any]) -> None:
        super().__init__(verify=False)
        self.kill, self.left = kill, threading.Semaphore(max(0, kill.get("n", 1) - 1))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        here = self.kill["at"] == "request" and self.kill.get("path", "") in request.url.path
        fatal = here and not self.left.acquire(blocking=False)
        if fatal and self.kill["when"] == "before":
            die()
        response = super().handle_request(request)
        if fatal:
            response.read()
            die()
        return response


def die() -> None:
    """kill -9 to this very process."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def ledger_of(job: dict[str, Any], world: World) -> Iterator[Ledger]:
    """The ledger; the process dies before its n-th statement if the job says so."""
    with Ledger.open(world.state_dir, QuickClock()) as ledger:
        if job["kill"]["at"] == "statement":
            left = iter(range(job["kill"]["n"] - 1))
            ledger.connection.set_trace_callback(
                lambda _: None if next(left, None) is not None else die()
            )
        yield ledger


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Recover, extract, build, plan, apply, publish; as `p2c run` does."""
    world = existing_world(Path(job["folder"]))
    graph = read_targets(world.manifest_path)
    transport = Deadly(job["kill"])
    settings = PACKAGES if job["packages"] else SMALL
    services = {n: Service(n, *v, transport=transport) for n, v in job["services"].items()}
    apis = {
        name: PlainApi.connect(_Endpoints(*values[:2]), path, *values[2:])
        for (name, values), path in zip(job["services"].items(), job["paths"], strict=True)
    }
    with stamina.set_testing(True, attempts=4, cap=True), ledger_of(job, world) as ledger:
        recover_in_flight(graph, ledger, services, settings=settings)
        if job["command"] == "retry":
            plan = make_retry(world.warehouse, graph, ledger, quarantined=True)
        else:
            read_at = datetime.now(UTC)
            world.build(**judge(load(world.folder), held(apis, job["prefix"])))
            world.extract(ledger.clock.new_id("load"), read_at)
            plan = make_plan(world.warehouse, graph, ledger)
        report = apply_plan(
            world.warehouse, graph, ledger, plan.plan_id, services, settings=settings
        )
        publish(ledger, world.warehouse)
    counts = report.counts.values()
    return {
        "status": report.status,
        "changes": plan.changes,
        "written": report.written,
        "stale": sum(count.stale for count in counts),
        "failed": sum(count.failed - count.quarantined for count in counts),
        "blocked": sum(count.blocked for count in counts),
        "quarantined": sum(count.quarantined for count in counts),
        "error": str(report.error or ""),
    }


class _Endpoints:
    """What `Api.connect` needs of a sandbox's service."""

    def __init__(self, url: str, token_url: str) -> None:
        self.url, self.token_url = url, token_url


def existing_world(folder: Path) -> World:
    """The world of a case as an earlier run left it."""
    world = World.__new__(World)
    world.folder = folder
    world.manifest_path = folder / "manifest.json"
    world.warehouse, world.state_dir = folder / "test.duckdb", folder / ".state"
    return world


def child(job: dict[str, Any], out: int) -> None:
    """Run a job and say how it went, whatever happens."""
    try:
        answer = run(job)
    except LoaderError as error:
        answer = {"status": "refused", "error": f"{type(error).__name__}: {error}", "changes": -1}
    except Exception:  # noqa: BLE001 - a crash is what the suite looks for
        answer = {"status": "crashed", "error": traceback.format_exc(), "changes": -1}
    os.write(out, json.dumps(answer).encode())


def serve() -> None:
    """One forked child for each line."""
    pa.array(["pyarrow imports pandas at its first array, which takes seconds"])
    for line in sys.stdin:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            try:
                child(json.loads(line), write)
            finally:
                sys.stderr.flush()
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as answers:
            answer = answers.read()
        _, status = os.waitpid(pid, 0)
        died = os.WIFSIGNALED(status)
        print(answer if answer and not died else json.dumps({"died": died}), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
