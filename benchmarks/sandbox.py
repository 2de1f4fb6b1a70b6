"""Measures the sandbox itself, which must not be what a benchmark measures.

`python -m benchmarks.sandbox`: pages and bulk options over HTTP against a sandbox in a process of
its own, and the filling of an empty one. The client only counts bytes, so what is measured is the
service's time. Prints a table and JSON; ends with 1 when a figure is below its target.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from p2c_sandbox import process
from p2c_sandbox.demo.seeding import Size
from p2c_sandbox.process import Running, Service
from p2c_sandbox.services import Filling, fill
from rich.console import Console
from rich.table import Table

T = TypeVar("T")
TARGET = 20_000  # rows per second of pages and bulk options
SEED_TARGET = 1_000_000 / 180  # a million rows in three minutes
PAGE, FINOPS_PAGE, BULK = 5_000, 10_000, 1_000
COLUMNS = (
    "name,accountnumber,telephone1,fax,websiteurl,creditlimit,creditonhold,paymenttermscode,"
    "address1_line1,address1_city,address1_postalcode,address1_country,modifiedon,statecode"
)
FIELDS = (
    "dataAreaId,ProductNumber,ProductName,ProductType,SalesPrice,SalesUnitSymbol,"
    "InventoryUnitSymbol,UnitCost,CurrencyCode"
)


@dataclass(frozen=True)
class Figure:
    """One measurement; `target` in rows per second, 0 = for information. `cpu` is the service's
    processor time, which other work on the machine bends less than the seconds."""

    what: str
    rows: int
    seconds: float
    target: float = 0
    cpu: float | None = None

    @property
    def rate(self) -> int:
        return round(self.rows / self.seconds)

    @property
    def cpu_rate(self) -> int | None:
        return round(self.rows / self.cpu) if self.cpu else None

    @property
    def good(self) -> bool:
        return self.rate >= self.target


class Client:
    """One keep-alive connection to one service."""

    def __init__(self, running: Running, service: Service) -> None:
        self.pid = running.pid
        self.http = httpx.Client(trust_env=False, timeout=300)
        form = {
            "grant_type": "client_credentials",
            "client_id": running.client_id,
            "client_secret": running.client_secret,
            "scope": f"{service.url}/.default",
        }
        token = self.http.post(service.token_url, data=form).raise_for_status().json()
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def ask(self, method: str, url: str, body: bytes | None = None) -> bytes:
        head = {"Content-Type": "application/json"} if body else {}
        return self.http.request(method, url, content=body, headers=head).raise_for_status().content


def main() -> int:
    """Measure, print, and say by the exit code whether every target is met."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the HTTP figures")
    parser.add_argument("--seed-rows", type=int, default=1_000_000, help="rows to fill; 0 = none")
    options = parser.parse_args()
    with _folder() as folder:
        figures = [*_over_http(folder / "http", options.rows)]
        if options.seed_rows:
            figures.append(_filling(folder / "seed", options.seed_rows))
    Console().print(_table(figures))
    found = [
        {**asdict(one), "rows_per_second": one.rate, "rows_per_cpu_second": one.cpu_rate}
        for one in figures
    ]
    sys.stdout.write(json.dumps({"processors": os.cpu_count(), "figures": found}, indent=2) + "\n")
    return 0 if all(one.good for one in figures) else 1


def _over_http(folder: Path, rows: int) -> Iterator[Figure]:
    products = max(rows // 2, FINOPS_PAGE)
    me = os.getpid()
    with process.start(folder, demo="demo", accounts=1, products=products, parent=me) as running:
        yield from _of_sales(Client(running, running.sales), running.sales.url, rows)
        yield _of_finops(Client(running, running.finops), running.finops.url)


def _of_sales(client: Client, url: str, rows: int) -> Iterator[Figure]:
    root = f"{url}/api/data/v9.2/accounts"
    created, figure = _bulk(client, root, "CreateMultiple", [_account(n) for n in range(rows)])
    yield figure
    ids = [guid for answer in created for guid in json.loads(answer)["Ids"]]
    changes = [_account(n) | {"accountid": guid} for n, guid in enumerate(ids)]
    yield _bulk(client, root, "UpdateMultiple", changes)[1]
    yield _pages(client, f"{root}?$select={COLUMNS}", "pages of 5,000, 14 columns")
    yield _pages(client, root, "pages of 5,000, all columns", target=0)


def _of_finops(client: Client, url: str) -> Figure:
    address = f"{url}/data/SellableReleasedProducts?cross-company=true&$select={FIELDS}"
    return _pages(client, address, "F&O pages of 10,000, 9 fields")


def _bulk(
    client: Client, root: str, message: str, rows: list[dict[str, Any]]
) -> tuple[list[bytes], Figure]:
    bodies = [
        json.dumps({"Targets": rows[start : start + BULK]}).encode()
        for start in range(0, len(rows), BULK)
    ]
    address = f"{root}/Microsoft.Dynamics.CRM.{message}"
    before = _cpu(client.pid)
    answers, seconds = _timed(lambda: [client.ask("POST", address, body) for body in bodies])
    spent = _between(before, _cpu(client.pid))
    return answers, Figure(f"{message} of 1,000", len(rows), seconds, TARGET, spent)


def _pages(client: Client, address: str, what: str, target: float = TARGET) -> Figure:
    rows, seconds, following, before = 0, 0.0, address, _cpu(client.pid)
    while following:
        page, took = _timed(partial(client.ask, "GET", following))
        answer = json.loads(page)
        rows += len(answer["value"])
        seconds += took
        following = answer.get("@odata.nextLink")
    return Figure(what, rows, seconds, target, _between(before, _cpu(client.pid)))


def _filling(folder: Path, rows: int) -> Figure:
    """Products stand in two companies at times; what counts is what the databases hold."""
    folder.mkdir()
    size = Size(accounts=rows // 2, products=rows // 2)
    before = time.process_time()
    _, seconds = _timed(lambda: fill(folder, Filling("demo", size)))
    cpu = time.process_time() - before
    return Figure("demo data filled in", _rows_in(folder), seconds, SEED_TARGET, cpu)


def _rows_in(folder: Path) -> int:
    with process.start(folder, parent=os.getpid()) as running:
        sales = Client(running, running.sales), f"{running.sales.url}/api/data/v9.2/"
        counts = sales[0].ask("GET", f"{sales[1]}RetrieveTotalRecordCount(EntityNames=['account'])")
        accounts = int(json.loads(counts)["EntityRecordCountCollection"]["Values"][0])
        finops = Client(running, running.finops)
        path = "data/SellableReleasedProducts/$count?cross-company=true"
        return accounts + int(finops.ask("GET", f"{running.finops.url}/{path}"))


def _account(number: int) -> dict[str, Any]:
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.account",
        "name": f"Adventure Works {number}",
        "telephone1": f"+49 30 {number:07d}",
        "websiteurl": f"https://example.com/{number}",
        "creditlimit": 1000.25 + number,
        "creditonhold": bool(number % 2),
        "paymenttermscode": 1 + number % 4,
        "address1_line1": f"Hauptstrasse {number}",
        "address1_city": "Berlin",
        "address1_postalcode": "10115",
        "address1_country": "Germany",
    }


def _cpu(pid: int) -> float | None:
    """Processor seconds of a process so far; known on Linux only."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return None
    fields = status.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _between(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    answer = run()
    return answer, time.perf_counter() - began


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sandbox-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _table(figures: list[Figure]) -> Table:
    table = Table("what", "rows", "seconds", "rows/s", "rows/CPU s", "target")
    for one in figures:
        target = f"{one.target:,.0f}" if one.target else ""
        cpu = f"{one.cpu_rate:,}" if one.cpu_rate else ""
        took = f"{one.seconds:.2f}"
        table.add_row(one.what, f"{one.rows:,}", took, f"{one.rate:,}", cpu, target)
    return table


if __name__ == "__main__":
    sys.exit(main())
