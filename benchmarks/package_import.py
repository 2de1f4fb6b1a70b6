"""Writing new records to F&O: packages against `$batch`, for the same rows.

    python -m benchmarks.package_import [ROWS...] [--times N]

Each sample is an apply of a saved plan in a process of its own, ledger on, an outcome for each row;
the sandbox works beside it on the same processors, and does the same work for a row in both cases.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from p2c_sandbox import process
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Sample, command, interleaved, keep, write_table
from loaders import ApplySettings, Ledger, Service, apply_plan, make_plan, read_targets
from loaders.models import System
from tests.faults.records import make_world

NAME = "python -m benchmarks.package_import"
HEADINGS = ("new records", "way", "seconds", "rows/s", "own CPU s", "requests", "rows a request")
CREATES = """
    insert into changes.changes_finops__gadgets
    select 'c' || i, 'gadgets', 'create', i, 'usmf/{prefix}' || i, null,
        json_object('dataAreaId', 'usmf', 'CustomerAccount', '{prefix}' || i), null, '[]', null,
        json_object('OrganizationName', 'Row ' || i, 'SalesCurrencyCode', 'USD',
            'CustomerGroupId', '10', 'CreditLimit', i), '[]', false, false, null
    from range({rows}) as t(i)
"""


def write_once(way: str, rows: int, prefix: str, connection: Sequence[str], folder: Path) -> None:
    """Plan, then apply under the clock; prints a line of JSON."""
    world = make_world(folder)
    world.sql(CREATES.format(prefix=prefix, rows=rows))
    graph = read_targets(world.manifest_path)
    url, token_url, client_id, secret = connection
    services: dict[System, Service] = {
        "finops": Service("finops", url, token_url, client_id, secret)
    }
    settings = ApplySettings(finops_write_by="package" if way == "package" else "odata")
    with Ledger.open(world.state_dir) as ledger:
        plan = make_plan(world.warehouse, graph, ledger)
        began, spent = time.perf_counter(), time.process_time()
        report = apply_plan(
            world.warehouse, graph, ledger, plan.plan_id, services, settings=settings
        )
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    if report.written != rows or report.error:
        raise SystemExit(f"{report.written:,} of {rows:,} rows were written: {report.error}")
    print(json.dumps({"seconds": seconds, "cpu": cpu, "requests": report.requests}))  # noqa: T201


def measured(way: str, rows: int, prefix: str, running: process.Running) -> Sample:
    """One apply in a process of its own; its seconds and processor seconds are the apply's."""
    at = running.finops
    connection = [at.url, at.token_url, running.client_id, running.client_secret]
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as folder:
        words = [way, str(rows), prefix, folder, *connection]
        sample = command([sys.executable, "-m", "benchmarks.package_import", "--one", *words])
    found = json.loads(sample.output.splitlines()[-1])
    return replace(
        sample, seconds=found["seconds"], cpu_seconds=found["cpu"], output=json.dumps(found)
    )


def compare(rows: int, times: int) -> dict[str, Sample]:
    """{way: median} of so many new customers, by turns, each time under other numbers."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as folder:
        started = process.start(Path(folder) / "sandbox", demo="base", parent=os.getpid())
        with started as running:

            def case(way: str) -> Callable[[], Sample]:
                return lambda: measured(way, rows, f"B{next(numbers)}-", running)

            return interleaved({way: case(way) for way in ("$batch", "package")}, times)


def cells(rows: int, way: str, sample: Sample) -> list[str]:
    """A line of the table."""
    requests = json.loads(sample.output)["requests"]
    return [
        f"{rows:,}", way, f"{sample.seconds:.1f}", f"{rows / sample.seconds:,.0f}",
        f"{sample.cpu_seconds:.1f}", f"{requests:,}", f"{rows / requests:,.0f}",
    ]  # fmt: skip


def main() -> None:
    """Measure every size, print a table, keep JSON, and the page with --docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[5_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    parser.add_argument("--one", nargs=8, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, rows, prefix, folder, *connection = options.one
        write_once(way, int(rows), prefix, connection, Path(folder))
        return
    found = {rows: compare(rows, options.times) for rows in options.rows}
    lines = [cells(rows, way, one) for rows, ways in found.items() for way, one in ways.items()]
    table = Table(*HEADINGS, title="Writing new records to F&O")
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    keep(
        "package_import",
        {f"{rows} {way}": one for rows, ways in found.items() for way, one in ways.items()},
    )
    if options.docs:
        write_table(NAME, HEADINGS, lines)


if __name__ == "__main__":
    main()
