"""Northwind's customers and products in a sandbox of its own, what a run made of them; its orders.

$NORTHWIND_ORDERS says how many orders go through the loop: a number, drawn by chance of a fixed
seed, or `all`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from p2c_sandbox import process

from tests.conftest import Data
from tests.loop.world import Answer, Row, Snapshot, World

from .convert import convert
from .orders import Order, chosen, write_orders
from .trade import (
    activate_orders,
    activate_products,
    deliver_and_invoice,
    make_sellable,
    tax_domestic,
)

FOLDER = Path(__file__).parent / "data"
SAMPLE = "12"
# Of one command, when all orders go through it.
PATIENCE_SECONDS = 1200


@dataclass(frozen=True)
class Northwind:
    """Both services after a run over Northwind's customers and products."""

    world: World
    loaded: Answer
    first: Answer
    rejects: Answer
    seen: Snapshot
    persons: list[Row]
    lists: dict[str, str]
    units: dict[str, str]


@dataclass(frozen=True)
class Documents:
    """Orders or invoices of both services: headers, and lines by number of their document."""

    sales: dict[str, Row]
    sales_lines: dict[str, list[Row]]
    finops: dict[str, Row]
    finops_lines: dict[str, list[Row]]


@dataclass(frozen=True)
class Traded:
    """The same services after Northwind's orders were sold, shipped and invoiced.

    `sent` is what F&O held after the run that brought the orders there; the other documents were
    read after the run that brought them back.
    """

    orders: list[Order]
    loaded: Answer
    out: Answer
    back: Answer
    last: Answer
    sent: Documents
    held: Documents
    invoices: Documents
    products: dict[str, str]
    seconds: dict[str, float]


@pytest.fixture(scope="session")
def northwind(sandbox_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Northwind]:
    folder = tmp_path_factory.mktemp("northwind")
    convert(FOLDER, folder / "csv")
    process.copy_data(sandbox_data.of("base"), folder / "sandbox")
    (folder / "loop").mkdir()
    with process.start(
        folder / "sandbox", parent=os.getpid(), idle_timeout=PATIENCE_SECONDS
    ) as running:
        world = World(running, folder / "loop", patience=PATIENCE_SECONDS)
        loaded = world.p2c("sandbox", "load", str(folder / "csv"), "--json")
        assert loaded.exit == 0, loaded.err[:2000]
        first = world.p2c("run", "--json")
        assert first.exit == 0, first.err
        seen = world.look()
        yield Northwind(
            world, loaded, first, world.p2c("rejects", "--json"), seen,
            world.finops.rows("CDSContactPersons", "cross-company=true"),
            {row["pricelevelid"]: row["name"] for row in seen.pricelevels},
            {row["uomid"]: row["name"] for row in seen.uoms},
        )  # fmt: skip


@pytest.fixture(scope="session")
def traded(northwind: Northwind, tmp_path_factory: pytest.TempPathFactory) -> Traded:
    """Orders go out, are worked on in F&O, and come back with their invoices: three runs."""
    clock = _Clock()
    world, folder = northwind.world, tmp_path_factory.mktemp("orders")
    orders = chosen(FOLDER, os.environ.get("NORTHWIND_ORDERS", SAMPLE))
    write_orders(orders, folder)
    make_sellable(world)
    activate_products(world)
    tax_domestic(world, orders)
    loaded = world.p2c("sandbox", "load", str(folder), "--json")
    assert loaded.exit == 0, loaded.err[:2000]
    activate_orders(world)
    clock.lap("entered in Sales")
    out = _run(world, clock, "orders out")
    sent = _orders(world)
    deliver_and_invoice(world.sandbox, orders)
    clock.lap("worked on in F&O")
    back = _run(world, clock, "orders back, invoices")
    held, invoices = _orders(world), _invoices(world)
    clock.lap("read")
    last = _run(world, clock, "last run")
    products = {row["productid"]: row["productnumber"] for row in northwind.seen.products}
    return Traded(
        orders, loaded, out, back, last, sent, held, invoices, products, clock.laps
    )  # fmt: skip


class _Clock:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.before = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name], self.before = round(now - self.before, 1), now


def _run(world: World, clock: _Clock, name: str) -> Answer:
    answer = world.p2c("run", "--json")
    clock.lap(name)
    assert answer.exit == 0, answer.err
    return answer


def _orders(world: World) -> Documents:
    headers = {row["salesorderid"]: row for row in world.sales.rows("salesorders")}
    return Documents(
        {row["ordernumber"]: row for row in headers.values()},
        _by(world.sales.rows("salesorderdetails"), "_salesorderid_value", headers, "ordernumber"),
        {row["SalesOrderNumber"]: row for row in world.finops.rows("CDSSalesOrderHeaders")},
        _by(world.finops.rows("CDSSalesOrderLines"), "SalesOrderNumber"),
    )


def _invoices(world: World) -> Documents:
    headers = {row["invoiceid"]: row for row in world.sales.rows("invoices")}
    prefix = "ExternallyMaintainedCustomerSalesInvoice"
    return Documents(
        {row["invoicenumber"]: row for row in headers.values()},
        _by(world.sales.rows("invoicedetails"), "_invoiceid_value", headers, "invoicenumber"),
        {row["InvoiceNumber"]: row for row in world.finops.rows(f"{prefix}Headers")},
        _by(world.finops.rows(f"{prefix}Lines"), "InvoiceNumber"),
    )


def _by(
    lines: list[Row], column: str, headers: dict[str, Row] | None = None, number: str = ""
) -> dict[str, list[Row]]:
    """Lines by the number of their document; `headers` knows it where a line has the id only."""
    found: dict[str, list[Row]] = {}
    for line in lines:
        name = headers[line[column]][number] if headers else line[column]
        found.setdefault(name, []).append(line)
    return found
