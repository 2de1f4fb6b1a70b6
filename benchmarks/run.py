"""Measures extract, build, plan and write against the sandbox: `make bench`.

Each step is a `p2c` command in a process of its own, so its peak memory is its own (with dbt's, for
build). The sandbox runs beside it on the same machine and takes its share of the processors.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from p2c_sandbox import process
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- table: make bench -->", "<!-- end of table -->"
PRODUCTS_SHARE = 10  # one product for every ten accounts
KILOBYTE = 1 if platform.system() == "Darwin" else 1024  # unit of ru_maxrss


@dataclass(frozen=True)
class Step:
    """One measured command: wall and processor seconds, rows moved, peak memory in MB."""

    accounts: int
    step: str
    seconds: float
    cpu_seconds: float
    rows: int
    peak_mb: float

    @property
    def rate(self) -> int | None:
        """Rows per second of wall time, start of the process included."""
        return round(self.rows / self.seconds) if self.rows else None


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
            self.environment |= _settings(running, self.folder)
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
        with (self.folder / "answer.json").open("w") as answer:
            began = time.perf_counter()
            command = [sys.executable, "-m", "p2c", *words, "--json"]
            child = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=answer)
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - began
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise SystemExit(f"p2c {' '.join(words)} ended with {child.returncode}.")
            peak = usage.ru_maxrss * KILOBYTE / 1e6
            cpu = usage.ru_utime + usage.ru_stime
            step = Step(self.accounts, name, round(seconds, 2), round(cpu, 2), 0, round(peak))
            CONSOLE.print(f"{self.accounts:,} accounts, {name}: {step.seconds} s")
            return _answer((self.folder / "answer.json").read_text(), words), step


CONSOLE = Console(stderr=True)
ALLOW = ("--allow", "too_many_changes")


def main() -> None:
    """Measure every size asked for, print a table, keep JSON, and the page with --docs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("accounts", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    steps = [step for accounts in options.accounts for step in measure(accounts)]
    Console().print(_table(steps))
    _keep(steps)
    if options.docs:
        _write_page(steps)


def measure(accounts: int) -> list[Step]:
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


def _settings(running: process.Running, folder: Path) -> dict[str, str]:
    described = {
        "P2C_PROJECT_DIR": str(ROOT),
        "P2C__WAREHOUSE": str(folder / "warehouse.duckdb"),
        "P2C__STATE_DIR": str(folder / "state"),
        "P2C__TARGET_DIR": str(folder / "target"),
    }
    for name, service in (("SALES", running.sales), ("FINOPS", running.finops)):
        described |= {
            f"SOURCES__{name}__URL": service.url,
            f"SOURCES__{name}__TOKEN_URL": service.token_url,
            f"SOURCES__{name}__CLIENT_ID": running.client_id,
            f"SOURCES__{name}__CLIENT_SECRET": running.client_secret,
        }
    return described


def _with_rows(step: Step, rows: int) -> Step:
    return replace(step, rows=rows)


def _cells(step: Step) -> list[str]:
    rate = f"{step.rate:,}" if step.rate else ""
    rows = f"{step.rows:,}" if step.rows else ""
    times = [f"{step.seconds:.1f}", f"{step.cpu_seconds:.1f}"]
    return [f"{step.accounts:,}", step.step, *times, rows, rate, f"{step.peak_mb:,}"]


HEADINGS = ("accounts", "step", "seconds", "CPU s", "rows", "rows/s", "peak MB")


def _table(steps: Iterable[Step]) -> Table:
    table = Table(*HEADINGS)
    for step in steps:
        table.add_row(*_cells(step))
    return table


def _facts() -> dict[str, Any]:
    """What the figures depend on."""
    packages = ("dlt", "dbt-core", "dbt-duckdb", "duckdb")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in packages},
    }


def _keep(steps: Iterable[Step]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(step), "rows_per_second": step.rate} for step in steps]
    text = json.dumps({**_facts(), "steps": rows}, indent=2)
    (RESULTS / "latest.json").write_text(f"{text}\n", encoding="utf-8")


def _write_page(steps: Iterable[Step]) -> None:
    facts = _facts()
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    lines = [
        f"{facts['measured_at'][:10]}, {facts['processors']} processors, {facts['machine']}, "
        f"Python {facts['python']}, {versions}:",
        "",
        f"| {' | '.join(HEADINGS)} |",
        "|---:|---|---:|---:|---:|---:|---:|",
        *(f"| {' | '.join(_cells(step))} |" for step in steps),
    ]
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(START)[0], page.split(END)[1]
    PAGE.write_text("\n".join([f"{before}{START}", "", *lines, "", f"{END}{after}"]), "utf-8")


if __name__ == "__main__":
    main()
