"""Measures reading: `python -m benchmarks.extract [ROWS...]`.

Each size is a table of Sales and one of F&O with that many rows, in a sandbox beside the reader.
Compared are the pages alone (httpx, thrown away), our extract (everything is new; nothing has
changed), and dlt's own `rest_api` source for the same columns. Each is a process of its own, and
says how long its imports took: `start` below; the rest of its seconds depends on the rows.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from p2c_sandbox import process
from rich.console import Console
from rich.table import Table

from benchmarks import measure
from benchmarks.measure import Sample
from benchmarks.settings import settings

NAME = "python -m benchmarks.extract"
HEADINGS = ("", "rows", "seconds", "of it start", "CPU s", "peak MB", "per row, of bare")
TABLES = {"sales": "accounts", "finops": "sellable_released_products"}
BARE, FIRST, AGAIN, REST = "pages alone", "extract, all new", "extract, no change", "dlt rest_api"
PROGRAMS = {BARE: "bare", FIRST: "ours", AGAIN: "ours", REST: "rest_api"}


@dataclass(frozen=True)
class Case:
    """One way to read one table of one size."""

    system: str
    rows: int
    way: str

    @property
    def name(self) -> str:
        return f"{TABLES[self.system]}, {self.rows:,}, {self.way}"


def main() -> int:
    """Measure every size, print a table, keep JSON; with --docs write the page too."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[20_000])
    parser.add_argument("--times", type=int, default=3, help="runs of each, by turns")
    parser.add_argument("--without-rest-api", action="store_true", help="it takes most of the time")
    parser.add_argument("--systems", nargs="*", choices=TABLES, default=list(TABLES))
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    ways = [way for way in PROGRAMS if way != REST or not options.without_rest_api]
    found: dict[Case, Sample] = {}
    for rows in options.rows:
        with _sandbox(rows) as (folder, environment):
            for system in options.systems:
                cases = [Case(system, rows, way) for way in ways]
                found |= _measured(cases, folder, environment, options.times)
    lines = [_cells(case, sample, found) for case, sample in found.items()]
    Console().print(_table(lines))
    measure.keep("extract", {case.name: sample for case, sample in found.items()}, lines=lines)
    if options.docs:
        measure.write_table(NAME, HEADINGS, lines)
    return 0


def _measured(
    cases: list[Case], folder: Path, environment: Mapping[str, str], times: int
) -> dict[Case, Sample]:
    runs: dict[str, Callable[[], Sample]] = {
        case.name: partial(_run, case, folder, environment) for case in cases
    }
    samples = measure.interleaved(runs, times)
    return {case: samples[case.name] for case in cases}


def _run(case: Case, folder: Path, environment: Mapping[str, str]) -> Sample:
    """One process; it starts without a warehouse unless it is to find that nothing changed."""
    place = folder / case.system
    if case.way != AGAIN:
        shutil.rmtree(place, ignore_errors=True)
    words = ["-m", f"benchmarks.extract_{PROGRAMS[case.way]}", case.system, TABLES[case.system]]
    sample = measure.command([sys.executable, *words, str(place)], environment=environment)
    rows = json.loads(sample.output.splitlines()[-1])["rows"]
    if rows < case.rows:
        raise SystemExit(f"{case.name}: only {rows:,} rows were read.")
    return sample


@contextmanager
def _sandbox(rows: int) -> Iterator[tuple[Path, dict[str, str]]]:
    """A sandbox with that many accounts and products, a folder, and how to reach it."""
    folder = Path(tempfile.mkdtemp(prefix="p2c-bench-"))
    try:
        with process.start(
            folder / "sandbox", demo="demo", accounts=rows, products=rows, parent=os.getpid()
        ) as running:
            yield folder, os.environ | settings(running)
    finally:
        shutil.rmtree(folder)


def _cells(case: Case, sample: Sample, found: Mapping[Case, Sample]) -> list[str]:
    answer = json.loads(sample.output.splitlines()[-1])
    bare = found[Case(case.system, case.rows, BARE)]
    least = bare.seconds - json.loads(bare.output.splitlines()[-1])["start"]
    return [
        f"{TABLES[case.system]}: {case.way}",
        f"{answer['rows']:,}",
        f"{sample.seconds:.1f}",
        f"{answer['start']:.1f}",
        f"{sample.cpu_seconds:.1f}",
        f"{sample.peak_mb:,.0f}",
        f"{(sample.seconds - answer['start']) / least:.2f}",
    ]


def _table(lines: list[list[str]]) -> Table:
    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line)
    return table


if __name__ == "__main__":
    sys.exit(main())
