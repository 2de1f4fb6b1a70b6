"""Measures the whole loop against the sandbox: `python -m benchmarks.run [ACCOUNTS]`.

Each step is a `p2c` command in a process of its own, so its peak memory is its own (with dbt's, for
build). The sandbox runs beside it on the same machine and takes its share of the processors.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from p2c_sandbox import process
from rich.console import Console
from rich.table import Table

from benchmarks import measure
from benchmarks.measure import Sample
from benchmarks.settings import settings

NAME = "python -m benchmarks.run"
PRODUCTS_SHARE = 10  # one product for every ten accounts


@dataclass(frozen=True)
class Step:
    """One measured command, and the rows that it moved."""

    accounts: int
    step: str
    sample: Sample
    rows: int = 0

    @property
    def rate(self) -> int | None:
        """Rows per second of wall time, start of the process included."""
        return round(self.rows / self.sample.seconds) if self.rows else None


class Bench:
    """One size, in a folder of its own."""

    def __init__(self, accounts: int, folder: Path) -> None:
        self.accounts, self.folder = accounts, folder
        self.environment = dict(os.environ)

    def run(self) -> list[Step]:
        """All steps, on a sandbox filled with demo data."""
        started = process.start(
            self.folder / "sandbox",
            demo="demo",
            accounts=self.accounts,
            products=max(400, self.accounts // PRODUCTS_SHARE),
            parent=os.getpid(),
        )
        with started as running:
            self.environment |= settings(running, self.folder)
            return list(self._steps())

    def _steps(self) -> Iterable[Step]:
        extracted, step = self._measure("extract, all rows", "extract")
        yield _with_rows(step, extracted["rows"])
        yield self._measure("build", "build")[1]
        planned, step = self._measure("plan", "plan", "--no-refresh", "--limit", "1")
        changes = sum(flow["create"] + flow["update"] for flow in planned["flows"])
        yield _with_rows(step, changes)
        written, step = self._measure("write", "apply", planned["plan_id"], *ALLOW)
        yield _with_rows(step, written["writes"])
        again, step = self._measure("second run, nothing to do", "run", *ALLOW)
        if again["writes"]:
            raise SystemExit(f"The second run wrote {again['writes']} records; it should write 0.")
        yield step

    def _measure(self, name: str, *words: str) -> tuple[dict[str, Any], Step]:
        """Run one command with --json; its answer and what it took."""
        command = [sys.executable, "-m", "p2c", *words, "--json"]
        sample = measure.command(command, environment=self.environment)
        CONSOLE.print(f"{self.accounts:,} accounts, {name}: {sample.seconds:.1f} s")
        return _answer(sample.output, words), Step(self.accounts, name, sample)


CONSOLE = Console(stderr=True)
ALLOW = ("--allow", "too_many_changes")


def main() -> None:
    """Measure every size asked for, print a table, keep JSON, and the page with --docs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("accounts", nargs="*", type=int, default=[10_000])
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    steps = [step for accounts in options.accounts for step in measure_loop(accounts)]
    Console().print(_table(steps))
    measure.keep("run", {f"{step.accounts} {step.step}": step.sample for step in steps})
    if options.docs:
        measure.write_table(NAME, HEADINGS, [_cells(step) for step in steps])


def measure_loop(accounts: int) -> list[Step]:
    """One size in a temporary folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="p2c-bench-"))
    try:
        return Bench(accounts, folder).run()
    finally:
        shutil.rmtree(folder)


def _answer(text: str, words: Sequence[str]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError:
        raise SystemExit(f"p2c {' '.join(words)} --json said: {text[:200]!r}") from None
    return answer


def _with_rows(step: Step, rows: int) -> Step:
    return replace(step, rows=rows)


def _cells(step: Step) -> list[str]:
    rate = f"{step.rate:,}" if step.rate else ""
    rows = f"{step.rows:,}" if step.rows else ""
    sample = step.sample
    times = [f"{sample.seconds:.1f}", f"{sample.cpu_seconds:.1f}"]
    return [step.step, f"{step.accounts:,}", *times, rows, rate, f"{sample.peak_mb:,.0f}"]


HEADINGS = ("step", "accounts", "seconds", "CPU s", "rows", "rows/s", "peak MB")


def _table(steps: Iterable[Step]) -> Table:
    table = Table(*HEADINGS)
    for step in steps:
        table.add_row(*_cells(step))
    return table


if __name__ == "__main__":
    main()
