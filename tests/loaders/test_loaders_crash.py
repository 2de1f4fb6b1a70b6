"""A process that dies in the middle of an apply loses nothing and doubles nothing."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from p2c_sandbox.process import Running

from loaders import Ledger, Service, apply_plan, make_plan, publish, read_targets
from loaders.clock import Clock
from loaders.errors import AmbiguousAnswer, RetryLater
from loaders.models import ApplySettings
from loaders.services.http import connect
from loaders.services.throttle import Throttle
from loaders.services.writers import Writers
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_rows import change, guid, target
from tests.loaders.loader_world import World

ROWS = 60
APPLY = """
import itertools, json, os, signal, sys
from pathlib import Path
import httpx
from loaders import ApplySettings, Ledger, Service, apply_plan, read_targets

job = json.loads(sys.argv[1])

writes = itertools.count(1)

class Deadly(httpx.HTTPTransport):
    def handle_request(self, request):
        writing = "token" not in request.url.path and request.method == "POST"
        fatal = writing and next(writes) == job["kill_at"]
        if fatal and job["when"] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        response = super().handle_request(request)
        if fatal:
            response.read()
            os.kill(os.getpid(), signal.SIGKILL)
        return response

services = {name: Service(name, *values, transport=Deadly())
            for name, values in job["services"].items()}
with Ledger.open(Path(job["state_dir"])) as ledger:
    graph = read_targets(Path(job["manifest"]))
    settings = ApplySettings(workers=2, sales_rows_per_request=10, finops_rows_per_request=10)
    warehouse, plan_id = Path(job["warehouse"]), job["plan_id"]
    apply_plan(warehouse, graph, ledger, plan_id, services, settings=settings)
"""


def real_entities(world: World) -> None:
    """The manifest of the small world, written to tables that the sandbox has."""
    content = manifest()
    for model, entity_set, key in (
        ("changes_sales__things", "accounts", ["accountid"]),
        ("changes_finops__gadgets", "CustomersV2", ["dataAreaId", "CustomerAccount"]),
    ):
        writes = content["nodes"][f"model.p.{model}"]["config"]["meta"]["writes"]
        writes.update(entity_set=entity_set, key=key)
        columns = content["nodes"][f"model.p.{model.replace('changes', 'target')}"]["columns"]
        for name in key:
            columns[name] = {"name": name, "data_type": "varchar", "config": {"meta": {}}}
    world.manifest_path.write_text(json.dumps(content))


def rows(system: str, first: int) -> Iterator:
    for number in range(first, first + ROWS):
        name = f"Row {number}"
        if system == "sales":
            yield change(number, key_values={"accountid": guid(number)}, after={"name": name})
        else:
            key = {"dataAreaId": "usmf", "CustomerAccount": f"K-{number}"}
            after = {"OrganizationName": name, "CustomerGroupId": "10", "SalesCurrencyCode": "USD"}
            yield change(
                number, system="finops", flow="gadgets", key_values=key, after=after,
                record_key=f"usmf/K-{number}",
            )  # fmt: skip


@pytest.fixture(scope="module")
def running(sandboxes) -> Running:
    return sandboxes.start("base")


def connections(running: Running) -> dict[str, tuple[str, str, str, str]]:
    both = (("sales", running.sales), ("finops", running.finops))
    secret = (running.client_id, running.client_secret)
    return {name: (at.url, at.token_url, *secret) for name, at in both}


@pytest.mark.parametrize("system", ["sales", "finops"])
@pytest.mark.parametrize(("kill_at", "when"), [(1, "before"), (2, "after"), (4, "after")])
def test_killed_in_mid_apply_and_resumed(
    world: World, running: Running, system: str, kill_at: int, when: str
) -> None:
    first = 10_000 * kill_at + (5_000 if when == "before" else 0)
    real_entities(world)
    world.build(**{"things" if system == "sales" else "gadgets": list(rows(system, first))})
    graph = read_targets(world.manifest_path)
    job = {
        "services": connections(running),
        "state_dir": str(world.state_dir),
        "manifest": str(world.manifest_path),
        "warehouse": str(world.warehouse),
        "kill_at": kill_at,
        "when": when,
    }
    services = {name: Service(name, *values) for name, values in connections(running).items()}
    with Ledger.open(world.state_dir) as ledger:
        job["plan_id"] = make_plan(world.warehouse, graph, ledger).plan_id
    died = subprocess.run([sys.executable, "-c", APPLY, json.dumps(job)], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    with Ledger.open(world.state_dir) as ledger:
        assert ledger.unanswered()
        report = apply_plan(world.warehouse, graph, ledger, job["plan_id"], services)
        assert (report.status, report.written) == ("ok", ROWS)
        publish(ledger, world.warehouse)
    assert world.sql("select status, count(*) from ledger.writes group by 1") == [
        ("acknowledged", ROWS)
    ]
    assert present(running, system, first) == [True] * ROWS


def present(running: Running, system: str, first: int) -> list[bool]:
    """Whether the service holds each record, asked past the ledger."""
    where = target(
        "sales" if system == "sales" else "finops",
        entity_set="accounts" if system == "sales" else "CustomersV2",
        key=("accountid",) if system == "sales" else ("dataAreaId", "CustomerAccount"),
    )
    services = {name: Service(name, *v) for name, v in connections(running).items()}
    wanted = list(rows(system, first))
    with Writers(services, ApplySettings(), threading.Event(), Clock()) as writers:
        found = writers.of(where.system).read_back(where, wanted)
    return [found[row.write_id] is not None for row in wanted]


@contextmanager
def rude_server() -> Iterator[str]:
    """Reads a request to its end, then hangs up without a word, once; stops with the block."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(timeout=10)
        listener.close()


def plain_connection(url: str):
    service = Service("sales", url, f"{url}/token", "c", "s")
    connection = connect(service, Throttle(1, Clock(), threading.Event()), Clock(), timeout=5)
    connection._http.auth = httpx.Auth()
    return connection


def test_a_hang_up_after_the_request_is_ambiguous() -> None:
    with rude_server() as url:
        connection = plain_connection(url)
        with pytest.raises(AmbiguousAnswer, match="gave no answer"):
            connection.request("POST", f"{url}/x", content=b"{}")
        connection.close()


def test_a_closed_port_is_not_ambiguous() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    connection = plain_connection(url)
    with pytest.raises(RetryLater, match="cannot be reached"):
        connection.request("POST", f"{url}/x", content=b"{}")
    connection.close()
