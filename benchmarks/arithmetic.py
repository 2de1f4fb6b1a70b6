"""Arithmetic for more records than were measured: `python -m benchmarks.arithmetic [RECORDS...]`.

From the last `python -m benchmarks.run` of two sizes or more: what each step takes anyway, and what
each record adds, drawn on as a straight line through the smallest and the largest size. It measures
nothing.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import RESULTS, write_table

NAME = "python -m benchmarks.arithmetic"
SIZES = (10_000_000, 100_000_000)
# Most of what writing takes on one machine is the sandbox's work; a tenant has its own pace.
OWN_WORK = frozenset({"write"})


@dataclass(frozen=True)
class Line:
    """Seconds of a step: `base` whatever there is, `each` for every record."""

    base: float
    each: float

    @classmethod
    def through(cls, first: tuple[int, float], last: tuple[int, float]) -> Line:
        """The line through two measurements, each (records, seconds)."""
        each = (last[1] - first[1]) / (last[0] - first[0])
        return cls(first[1] - each * first[0], each)

    def at(self, records: int) -> float:
        """Seconds for so many records."""
        return self.base + self.each * records


def main() -> None:
    """Print a row for each step, and write them into the page with --docs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="*", type=int, default=SIZES)
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    cases = json.loads((RESULTS / "run.json").read_text(encoding="utf-8"))["cases"]
    rows = [_cells(step, line, options.records) for step, line in lines(cases)]
    headings = ["step", "seconds anyway", "µs an account", *map("{:,}".format, options.records)]
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    if options.docs:
        write_table(NAME, headings, rows)


def lines(cases: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Line]]:
    """Step → its line; SystemExit where only one size was measured."""
    points: dict[str, list[tuple[int, float]]] = {}
    for case, sample in cases.items():
        accounts, _, step = case.partition(" ")
        seconds = sample["cpu_seconds" if step in OWN_WORK else "seconds"]
        points.setdefault(step, []).append((int(accounts), seconds))
    for step, measured in points.items():
        if len(measured) < 2:
            raise SystemExit("Two sizes are needed: python -m benchmarks.run 10000 100000")
        name = f"{step}, own processor time" if step in OWN_WORK else step
        yield name, Line.through(min(measured), max(measured))


def _cells(step: str, line: Line, sizes: Sequence[int]) -> list[str]:
    hours = (f"{line.at(records) / 3600:,.1f} h" for records in sizes)
    return [step, f"{line.base:.1f}", f"{line.each * 1e6:,.0f}", *hours]


if __name__ == "__main__":
    main()
