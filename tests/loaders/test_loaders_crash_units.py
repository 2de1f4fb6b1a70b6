"""A process that dies while documents are written leaves no half document in F&O."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
from p2c_sandbox.process import Running
from p2c_sandbox.sales.desk import session

from loaders import Ledger, Service, apply_plan, make_plan, read_targets
from loaders.models import Change
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_rows import change
from tests.loaders.loader_world import World
from tests.loaders.test_loaders_crash import APPLY, connections

DOCUMENTS, LINES = 10, 2
KEY = ["dataAreaId", "SalesOrderNumber"]
CUSTOMER = {
    "dataAreaId": "usmf", "CustomerAccount": "C-1", "OrganizationName": "Whole", "SiteId": "1",
    "CustomerGroupId": "10", "SalesCurrencyCode": "USD", "WarehouseId": "13",
}  # fmt: skip
PRODUCT = {
    "dataAreaId": "usmf", "ProductNumber": "P-1", "ProductName": "Stocked", "CurrencyCode": "USD",
    "SalesPrice": 10, "SalesUnitSymbol": "ea", "InventoryUnitSymbol": "ea", "ProductType": "Item",
    "IsStockedProduct": "Yes",
}  # fmt: skip


def finops(running: Running) -> AbstractContextManager[httpx.Client]:
    at = running.finops
    return session(at.url, at.token_url, (running.client_id, running.client_secret))


@pytest.fixture(scope="module")
def running(sandboxes) -> Running:
    found = sandboxes.start("base")
    with finops(found) as http:
        for entity_set, body in (("CustomersV2", CUSTOMER), ("SellableReleasedProducts", PRODUCT)):
            http.post(f"/data/{entity_set}", json=body).raise_for_status()
    return found


def orders(world: World) -> None:
    """The manifest of the small world: owners are sales orders of F&O, things their lines."""
    content = manifest()
    for model, entity_set, key, more in (
        ("owners", "CDSSalesOrderHeaders", KEY, {}),
        (
            "things",
            "CDSSalesOrderLines",
            [*KEY, "LineCreationSequenceNumber"],
            {"part_of": "CDSSalesOrderHeaders", "whole": True},
        ),
    ):
        meta = content["nodes"][f"model.p.changes_sales__{model}"]["config"]["meta"]
        meta["flow"] = "owners"
        meta["writes"].update(system="finops", entity_set=entity_set, key=key, **more)
        columns = content["nodes"][f"model.p.target_sales__{model}"]["columns"]
        columns |= {name: {"name": name, "data_type": "varchar"} for name in key}
        columns.get("LineCreationSequenceNumber", {})["data_type"] = "integer"
    world.manifest_path.write_text(json.dumps(content))


def document(number: str) -> Iterator[Change]:
    """A header and its lines; the header first."""
    key = {"dataAreaId": "usmf", "SalesOrderNumber": number}
    base = {"system": "finops", "flow": "owners"}
    after = {"OrderingCustomerAccountNumber": "C-1"}
    yield change(1, **base, key_values=key, after=after, record_key=f"usmf/{number}")
    for line in range(1, LINES + 1):
        yield change(
            1, **base, key_values={**key, "LineCreationSequenceNumber": line},
            after={"ProductNumber": "P-1", "OrderedSalesQuantity": line},
            record_key=f"usmf/{number}/{line}",
            parents=f'["finops.CDSSalesOrderHeaders/usmf/{number}"]',
        )  # fmt: skip


def in_finops(running: Running, prefix: str) -> dict[str, int]:
    """Lines of each order whose number begins so, asked past the ledger."""
    with finops(running) as http:
        headers = http.get("/data/CDSSalesOrderHeaders").raise_for_status().json()["value"]
        lines = http.get("/data/CDSSalesOrderLines").raise_for_status().json()["value"]
    counted = Counter(line["SalesOrderNumber"] for line in lines)
    numbers = {header["SalesOrderNumber"] for header in headers} | set(counted)
    return {number: counted[number] for number in numbers if number.startswith(prefix)}


@pytest.mark.parametrize(("kill_at", "when"), [(1, "before"), (1, "after"), (3, "after")])
def test_a_run_killed_among_documents_leaves_whole_ones(
    world: World, running: Running, kill_at: int, when: str
) -> None:
    prefix = f"K{kill_at}{when[0]}"
    documents = [list(document(f"{prefix}-{number:02}")) for number in range(DOCUMENTS)]
    orders(world)
    world.build(
        owners=[rows[0] for rows in documents], things=[r for rows in documents for r in rows[1:]]
    )
    job = {
        "services": connections(running), "state_dir": str(world.state_dir),
        "manifest": str(world.manifest_path), "warehouse": str(world.warehouse),
        "kill_at": kill_at, "when": when,
    }  # fmt: skip
    graph = read_targets(world.manifest_path)
    with Ledger.open(world.state_dir) as ledger:
        job["plan_id"] = make_plan(world.warehouse, graph, ledger).plan_id
    died = subprocess.run([sys.executable, "-c", APPLY, json.dumps(job)], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert set(in_finops(running, prefix).values()) <= {LINES}
    services = {name: Service(name, *values) for name, values in connections(running).items()}
    with Ledger.open(world.state_dir) as ledger:
        assert ledger.unanswered()
        report = apply_plan(world.warehouse, graph, ledger, job["plan_id"], services)
    assert (report.status, report.written) == ("ok", DOCUMENTS * (1 + LINES))
    expected = {f"{prefix}-{number:02}": LINES for number in range(DOCUMENTS)}
    assert in_finops(running, prefix) == expected
