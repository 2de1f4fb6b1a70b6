"""Measures the comparison of two tables against a bare join of them: `python -m benchmarks.diff`.

Ours is all that dbt sends for a compare model and its changes model: the hooks that keep what was
agreed and linked, the fates, the images, the writes to do. The bare join is what nobody can do
without: the same two tables, the same columns, compared null-safe, the rows that differ kept. Both
run in processes of their own, by turns, on one warehouse; between two turns some rows change alike
in both systems.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.diff_set import project, tables
from benchmarks.measure import Sample, command, interleaved, keep, write_table

CONSOLE = Console()
OURS, BARE = "comparison", "bare join"
BAR, BAR_MB = 2.5, 8000
HEADINGS = ("rows", "case", "seconds", "CPU s", "peak MB", "times the bare join")


@dataclass
class Diff:
    """One size in a folder of its own; `slowest` are statements of the comparison, with seconds."""

    rows: int
    folder: Path
    memory: str
    turns: Iterator[int] = field(default_factory=count)

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def prepare(self) -> None:
        """Tables of both cases, filled, and built once: what follows is a day like any other."""
        with duckdb.connect(self.warehouse) as connection:
            tables.create(connection)
        project.write(self.folder)
        self._write("ours.json", project.statements(self.folder, self.warehouse))
        self._write("bare.json", [tables.bare_join()])
        with duckdb.connect(self.warehouse) as connection:
            connection.execute(f"set memory_limit = '{self.memory}'")
            tables.fill(connection, self.rows)
        self.ours()

    def ours(self) -> Sample:
        with duckdb.connect(self.warehouse) as connection:
            tables.move(connection, next(self.turns))
        return self._play("ours.json")

    def bare(self) -> Sample:
        return self._play("bare.json")

    def slowest(self, sample: Sample) -> list[tuple[float, str]]:
        """Statements with the seconds of each, the slowest first."""
        sent = json.loads((self.folder / "ours.json").read_text())
        return sorted(zip(json.loads(sample.output), sent, strict=True), reverse=True)

    def _play(self, statements: str) -> Sample:
        words = [str(self.warehouse), str(self.folder / statements), self.memory]
        return command([sys.executable, "-m", "benchmarks.diff_set.play", *words])

    def _write(self, name: str, statements: list[str]) -> None:
        (self.folder / name).write_text(json.dumps(statements))


def main() -> None:
    """Every size asked for; a table, JSON, and the page with --docs. Ends with 1 above the bar."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[200_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--memory", default="4GB", help="what DuckDB may take in both cases")
    parser.add_argument("--statements", action="store_true", help="seconds of each statement")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    found = {
        rows: measure(rows, options.times, options.memory, options.statements)
        for rows in options.rows
    }
    cells = [row for rows, cases in found.items() for row in _cells(rows, cases)]
    table = Table(*HEADINGS)
    for row in cells:
        table.add_row(*row)
    CONSOLE.print(table)
    keep(
        "diff", {f"{case} {rows}": s for rows, cases in found.items() for case, s in cases.items()}
    )
    if options.docs:
        write_table("python -m benchmarks.diff", HEADINGS, cells)


def measure(rows: int, times: int, memory: str, with_statements: bool = False) -> dict[str, Sample]:
    """One size; the medians of both cases."""
    with tempfile.TemporaryDirectory(prefix="p2c-diff-") as folder:
        diff = Diff(rows, Path(folder), memory)
        diff.prepare()
        found = interleaved({OURS: diff.ours, BARE: diff.bare}, times)
        for seconds, statement in diff.slowest(found[OURS])[: 12 if with_statements else 0]:
            CONSOLE.print(f"{seconds:8.3f} s  {' '.join(statement.split())[:100]}", markup=False)
        return found


def _cells(rows: int, cases: dict[str, Sample]) -> Iterator[tuple[str, ...]]:
    for case, sample in cases.items():
        ratio = sample.seconds / cases[BARE].seconds
        yield (
            f"{rows:,}",
            case,
            f"{sample.seconds:.2f}",
            f"{sample.cpu_seconds:.2f}",
            f"{sample.peak_mb:,.0f}",
            f"{ratio:.2f}",
        )


if __name__ == "__main__":
    main()
