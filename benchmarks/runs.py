"""Measures runs that find little: `python -m benchmarks.runs [RECORDS...]`.

Each size is a sandbox with that many accounts in Sales whose customers are in F&O already: what a
first build would create goes straight into F&O's database, so that it need not be written first.
Compared are the bare reading of what a run must read, which of F&O by OData is the whole table of
customers (pages thrown away), a run that finds nothing, and one after 100 accounts were renamed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import httpx
from p2c_sandbox import process
from p2c_sandbox.finops.service import finops_model
from p2c_sandbox.finops.values import empty_row
from p2c_sandbox.odata.store import Store
from p2c_sandbox.services import FINOPS_DATA
from rich.console import Console
from rich.table import Table

from benchmarks import measure
from benchmarks.measure import Sample
from benchmarks.settings import settings

NAME = "python -m benchmarks.runs"
HEADINGS = ("", "records a side", "seconds", "CPU s", "peak MB", "of bare")
BARE, NOTHING, FEW = "bare reading", "run, no change", "run, 100 changes"
CHANGES = 100
ALLOW = ("--allow", "too_many_changes", "--allow", "too_many_first_contacts")
MOST_RUNS = 4
CHUNK = 5_000
CONSOLE = Console(stderr=True)
CUSTOMERS = "select \"after\" from changes.changes_finops__customers where operation = 'create'"
# Accounts whose customers agree: what is rejected or waits would not be written.
NAMES = (
    "select distinct split_part(source_key, '/', 2) from compare.compare_finops__customers "
    "where fate = 'identical' order by 1 limit ?"
)


def main() -> None:
    """Measure every size, print a table, keep JSON; with --docs write the page too."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="*", type=int, default=[10_000])
    parser.add_argument("--times", type=int, default=3, help="runs of each, by turns")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    found = {size: measure_size(size, options.times) for size in options.records}
    lines = [_cells(size, name, samples) for size, samples in found.items() for name in samples]
    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    kept = {(size, name): samples[name] for size, samples in found.items() for name in samples}
    measure.keep("runs", {f"{size} {name}": sample for (size, name), sample in kept.items()})
    if options.docs:
        measure.write_table(NAME, HEADINGS, lines)


def measure_size(records: int, times: int) -> dict[str, Sample]:
    """One size in a temporary folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="p2c-bench-"))
    try:
        systems = Systems(records, folder)
        systems.fill()
        with systems.running():
            systems.until_quiet()
            return _interleaved(systems, times)
    finally:
        shutil.rmtree(folder)


def _interleaved(systems: Systems, times: int) -> dict[str, Sample]:
    """By turns; the run after one that wrote, which finds its own writes, is not measured."""
    samples: dict[str, list[Sample]] = {BARE: [], NOTHING: [], FEW: []}
    for _ in range(times):
        samples[BARE].append(systems.bare())
        samples[NOTHING].append(systems.p2c("run", *ALLOW))
        systems.rename()
        samples[FEW].append(few := systems.p2c("run", *ALLOW))
        if json.loads(few.output)["writes"] < CHANGES:
            raise SystemExit(f"Fewer than {CHANGES} records were written: {few.output[:300]}")
        systems.until_quiet()
    return {name: measure.median(taken) for name, taken in samples.items()}


@dataclass
class Systems:
    """Both services with `records` accounts, and the warehouse of one project, under a folder."""

    records: int
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def running(self) -> process.Running:
        """The sandbox, at the addresses it had before: others would be another environment."""
        running = process.start(
            self.folder / "sandbox",
            demo="demo",
            accounts=self.records,
            parent=os.getpid(),
            sales_port=self.ports.get("sales", 0),
            finops_port=self.ports.get("finops", 0),
        )
        services = {"sales": running.sales, "finops": running.finops}
        self.ports = {name: httpx.URL(s.url).port or 0 for name, s in services.items()}
        self.environment = os.environ | settings(running, self.folder)
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile all
        return running

    def fill(self) -> None:
        """Customers of F&O as the first build would create them, into its database."""
        with self.running():
            self.p2c("extract")
            self.p2c("build")
        model = finops_model()
        blank = empty_row(model.table("CustomersV3"), model)
        store = Store(model, self.folder / "sandbox" / FINOPS_DATA)
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as warehouse:
            cursor = warehouse.execute(CUSTOMERS)
            while page := cursor.fetchmany(CHUNK):
                rows = [json.loads(after, parse_float=Decimal) for (after,) in page]
                with store.transaction():
                    store.insert("CustomersV3", [{**blank, **_known(row, blank)} for row in rows])
        store.close()

    def until_quiet(self) -> None:
        """Run until a run finds that nothing changed. SystemExit when none does."""
        for _ in range(MOST_RUNS):
            if json.loads(self.p2c("run", *ALLOW).output)["unchanged_since"]:
                return
        raise SystemExit(f"Something changed in each of {MOST_RUNS} runs.")

    def rename(self) -> None:
        """Another name for 100 accounts, as people of Sales would give them."""
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as warehouse:
            ids = [row[0] for row in warehouse.execute(NAMES, [CHANGES]).fetchall()]
        url = f"{self.environment['SOURCES__SALES__URL']}/api/data/v9.2/"
        with httpx.Client(base_url=url, headers=_token(self.environment), trust_env=False) as sales:
            for account in ids:
                name = {"name": f"Renamed {next(self.numbers)}"}
                sales.patch(f"accounts({account})", json=name).raise_for_status()

    def bare(self) -> Sample:
        """The customers of F&O, read and thrown away."""
        words = ["-m", "benchmarks.extract_bare", "finops", "customers", str(self.folder)]
        return measure.command([sys.executable, *words], environment=self.environment)

    def p2c(self, *words: str) -> Sample:
        """One command with --json, in a process of its own."""
        command = [sys.executable, "-m", "p2c", *words, "--json"]
        sample = measure.command(command, environment=self.environment)
        CONSOLE.print(f"{self.records:,} records, {words[0]}: {sample.seconds:.1f} s")
        return sample


def _known(row: Mapping[str, Any], columns: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in columns and value is not None}


def _token(environment: Mapping[str, str]) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": environment["SOURCES__SALES__CLIENT_ID"],
        "client_secret": environment["SOURCES__SALES__CLIENT_SECRET"],
        "scope": f"{environment['SOURCES__SALES__URL']}/.default",
    }
    answer = httpx.post(environment["SOURCES__SALES__TOKEN_URL"], data=form, trust_env=False)
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}


def _cells(records: int, name: str, samples: Mapping[str, Sample]) -> Sequence[str]:
    sample = samples[name]
    return (
        name,
        f"{records:,}",
        f"{sample.seconds:.1f}",
        f"{sample.cpu_seconds:.1f}",
        f"{sample.peak_mb:,.0f}",
        f"{sample.seconds / samples[BARE].seconds:.1f}",
    )


if __name__ == "__main__":
    main()
