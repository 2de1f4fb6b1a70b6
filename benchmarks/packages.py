"""Measures reading F&O by packages and by pages: `python -m benchmarks.packages [ROWS...]`.

One table with that many rows in a sandbox, read into a warehouse by the project's own extract, each
time in a process of its own: first into nothing, then again when nothing has changed, and when 100
rows have. `start` is what the process takes before it reads. The sandbox makes packages and pages
beside it on the same processors, and both faster than a tenant, where pages of 10,000 rows take
seconds and a job waits for the batch service.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

STARTED = time.perf_counter()

import httpx  # noqa: E402 - the imports of a measured process are measured
from p2c_sandbox import process  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks import measure  # noqa: E402
from benchmarks.measure import Sample  # noqa: E402
from pipelines.common.dlt_config import connection_from_config  # noqa: E402
from pipelines.run import FinopsConnection, extract  # noqa: E402

NAME = "python -m benchmarks.packages"
HEADINGS = ("", "rows read", "seconds", "of it start", "CPU s", "peak MB")
TABLE, ENTITY_SET = "sellable_released_products", "SellableReleasedProducts"
LABEL = "package: {label: Sellable released products"
CHANGED = 100
# name: how it is read, whether the warehouse is new, and how many rows change before it
CASES = {
    "pages, all new": ("odata", True, 0),
    "package, all new": ("package", True, 0),
    "pages, no change": ("odata", False, 0),
    "package, no change": ("package", False, 0),
    f"pages, {CHANGED} changes": ("odata", False, CHANGED),
    f"package, {CHANGED} changes": ("package", False, CHANGED),
}
DECLARED = Path("pipelines/finops/tables.yml")


def main() -> int:
    """Measure every size, print a table, keep JSON; with --docs write the page too."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[20_000])
    parser.add_argument("--times", type=int, default=3, help="runs of each, by turns")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    parser.add_argument("--one", help="folder: read once, as a process of its own")
    options = parser.parse_args()
    if options.one:
        return read_once(Path(options.one))
    found: dict[str, Sample] = {}
    for rows in options.rows:
        found |= measured(rows, options.times)
    lines = [cells(name, sample) for name, sample in found.items()]
    table = Table(*HEADINGS, title="Reading a table of F&O")
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    measure.keep("packages", found, lines=lines)
    if options.docs:
        measure.write_table(NAME, HEADINGS, lines)
    return 0


def read_once(folder: Path) -> int:
    """One extract; prints what it read."""
    start = time.perf_counter() - STARTED
    connection = connection_from_config(FinopsConnection)
    report = extract([connection], folder / "w.duckdb", folder / "state", tables={TABLE})
    print(json.dumps({"rows": report.rows, "start": start, "warnings": report.tables[0].warnings}))  # noqa: T201
    return 0


def measured(rows: int, times: int) -> dict[str, Sample]:
    """{case: median} of one size."""
    with sandbox(rows) as (folder, running):
        environment = os.environ | settings(running, project(folder))
        runs: dict[str, Callable[[], Sample]] = {
            f"{rows:,}: {name}": partial(run, name, folder, environment, running) for name in CASES
        }
        return measure.interleaved(runs, times)


def run(
    name: str, folder: Path, environment: Mapping[str, str], running: process.Running
) -> Sample:
    """One process; what is there already is what the case of the same way had read."""
    way, is_new, changes = CASES[name]
    place = folder / way
    if is_new:
        shutil.rmtree(place, ignore_errors=True)
    if changes:
        change(running, changes)
    sample = measure.command(
        [sys.executable, "-m", "benchmarks.packages", "--one", str(place)],
        environment={**environment, "SOURCES__FINOPS__READ_BY": way},
    )
    answer = json.loads(sample.output.splitlines()[-1])
    if answer["warnings"]:
        raise SystemExit(f"{name}: {answer['warnings']}")
    return sample


def change(running: process.Running, count: int) -> None:
    """Other prices, so that both ways have as much to land."""
    service = running.finops
    form = {
        "grant_type": "client_credentials", "scope": f"{service.url}/.default",
        "client_id": running.client_id, "client_secret": running.client_secret,
    }  # fmt: skip
    with httpx.Client(base_url=f"{service.url}/data/", trust_env=False, timeout=60) as http:
        token = http.post(service.token_url, data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        query = f"{ENTITY_SET}?$top={count}&$select=dataAreaId,ProductNumber,SalesPrice"
        for row in http.get(query).raise_for_status().json()["value"]:
            key = f"dataAreaId='{row['dataAreaId']}',ProductNumber='{row['ProductNumber']}'"
            body = {"SalesPrice": row["SalesPrice"] + 1}
            http.patch(f"{ENTITY_SET}({key})?cross-company=true", json=body).raise_for_status()


@contextmanager
def sandbox(rows: int) -> Iterator[tuple[Path, process.Running]]:
    """A sandbox with that many products, and a folder."""
    folder = Path(tempfile.mkdtemp(prefix="p2c-bench-"))
    try:
        with process.start(
            folder / "sandbox", demo="demo", accounts=0, products=rows, parent=os.getpid()
        ) as running:
            yield folder, running
    finally:
        shutil.rmtree(folder)


def project(folder: Path) -> Path:
    """A project in which change tracking is on for the table."""
    declared = (measure.ROOT / DECLARED).read_text(encoding="utf-8")
    if LABEL not in declared:
        raise SystemExit(f"{DECLARED} does not have {LABEL!r} any more.")
    path = folder / "project" / DECLARED
    path.parent.mkdir(parents=True)
    path.write_text(declared.replace(LABEL, f"{LABEL}, changes: true"), encoding="utf-8")
    return folder / "project"


def settings(running: process.Running, project_dir: Path) -> dict[str, str]:
    """How to reach the sandbox, for a process."""
    return {
        "P2C_PROJECT_DIR": str(project_dir),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "SOURCES__FINOPS__URL": running.finops.url,
        "SOURCES__FINOPS__TOKEN_URL": running.finops.token_url,
        "SOURCES__FINOPS__CLIENT_ID": running.client_id,
        "SOURCES__FINOPS__CLIENT_SECRET": running.client_secret,
    }


def cells(name: str, sample: Sample) -> list[str]:
    """A line of the table."""
    found = json.loads(sample.output.splitlines()[-1])
    return [
        name, f"{found['rows']:,}", f"{sample.seconds:.1f}", f"{found['start']:.1f}",
        f"{sample.cpu_seconds:.1f}", f"{sample.peak_mb:,.0f}",
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
