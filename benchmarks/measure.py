"""What all benchmarks share: measured processes, medians of interleaved runs, tables in a page.

A case is a command in a process of its own, so that its processor time and peak memory are its own.
Cases that are compared run by turns, and the medians are compared: the machine is as fast or slow
for one as for the other.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
KILOBYTE = 1 if platform.system() == "Darwin" else 1024  # unit of ru_maxrss
PACKAGES = ("dlt", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow")


@dataclass(frozen=True)
class Sample:
    """One measured process: wall and processor seconds (its children's included), peak memory of
    the largest of them in MB, and what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str = ""


def command(
    words: Sequence[str],
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> Sample:
    """Run a command to its end. SystemExit with its code when it fails; stderr passes through."""
    began = time.perf_counter()
    child = subprocess.Popen(
        words, cwd=cwd, env=dict(environment or os.environ), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}:\n{output[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Sample(seconds, cpu, usage.ru_maxrss * KILOBYTE / 1e6, output)


def interleaved(cases: Mapping[str, Callable[[], Sample]], times: int = 3) -> dict[str, Sample]:
    """Every case once, then every case again, and so on; the median of each figure of each case."""
    samples: dict[str, list[Sample]] = {name: [] for name in cases}
    for _ in range(times):
        for name, case in cases.items():
            samples[name].append(case())
    return {name: median(found) for name, found in samples.items()}


def median(samples: Sequence[Sample]) -> Sample:
    """Figure by figure, with the output of the last."""
    return Sample(
        statistics.median(one.seconds for one in samples),
        statistics.median(one.cpu_seconds for one in samples),
        statistics.median(one.peak_mb for one in samples),
        samples[-1].output,
    )


def facts() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def keep(name: str, samples: Mapping[str, Sample], **more: object) -> None:
    """The figures as `benchmarks/results/<name>.json`."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {case: asdict(sample) | {"output": None} for case, sample in samples.items()}
    text = json.dumps({**facts(), "cases": found, **more}, indent=2)
    (RESULTS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def write_table(
    name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], page: Path = PAGE
) -> None:
    """Replace what stands in the page between `<!-- table: NAME -->` and `<!-- end of table -->`.

    ValueError where the page has no such mark. The first column is text, the others are figures.
    """
    start, end = f"<!-- table: {name} -->", "<!-- end of table -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} has no table {name!r}: it needs {start} and {end}.")
    known = facts()
    versions = ", ".join(f"{package} {number}" for package, number in known["versions"].items())
    lines = [
        f"{known['measured_at'][:10]}, {known['processors']} processors, {known['machine']}, "
        f"Python {known['python']}, {versions}:",
        "",
        f"| {' | '.join(headings)} |",
        "|---" + "|---:" * (len(headings) - 1) + "|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    page.write_text("\n".join([f"{before}{start}", "", *lines, "", f"{end}{after}"]), "utf-8")
