"""What writing costs, against a service that only acknowledges: ours, drt, Microsoft's client.

    python -m benchmarks.writes [ROWS] [--times N] [--paced ROWS] [--only PART] [--docs]

Three tables: rows a second in bulk messages and in `$batch`, by turns with drt-core and Microsoft's
Python client, each in an environment of its own; the share of the possible with 300 ms, 1 s and 5 s
for each request; and under service protection limits (protocols A10, in a shorter window).
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measure import Sample, command, interleaved, keep, write_table
from benchmarks.writing.rows import bodies_in

HERE = Path(__file__).parent
WORK = HERE / ".work"
FOREIGN = WORK / "writes-env"
MOST = 1_000  # rows of one request: what Sales takes in a batch and advises for bulk messages
HINT = 8  # requests at once that the service of the second table names
LATENCIES = (0.3, 1.0, 5.0)
WINDOW = 10.0  # seconds, for the 300 of a tenant
LIMITS: Mapping[str, Sequence[str]] = {
    "6 requests in 10 s": ("--requests", "6"),
    "20 s of execution in 10 s": ("--busy", "20"),
    "5 requests at once": ("--concurrent", "5"),
}
LATENCY_OF_LIMITS = 0.5


@contextmanager
def service(*words: str) -> Iterator[str]:
    """The address of a service that acknowledges, in a process of its own."""
    server = [sys.executable, "-m", "benchmarks.writing.server", *words]
    with subprocess.Popen(server, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield f"http://127.0.0.1:{int(child.stdout.readline())}"
        finally:
            child.terminate()


def measured(words: Sequence[str], *server: str) -> Sample:
    """One client against a fresh service; seconds and processor seconds of its writing alone."""
    with service(*server) as url:
        sample = command([url if word == "URL" else word for word in words])
        met = httpx.get(f"{url}/met", trust_env=False).json()
    found = json.loads(sample.output.splitlines()[-1]) | {"met": met}
    return replace(
        sample, seconds=found["seconds"], cpu_seconds=found["cpu"], output=json.dumps(found)
    )


def ours(rows: int, operation: str, *server: str) -> Sample:
    """This project's apply of a saved plan."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        words = [sys.executable, "-m", "benchmarks.writing.ours", "URL", str(rows), folder]
        return measured([*words, operation], *server)


def foreign(script: str, file: Path, *words: str) -> Callable[[], Sample]:
    """A case of another tool, with 1,000 rows a request."""
    path = str(HERE / "writing" / script)
    python = str(FOREIGN / "bin" / "python")
    return lambda: measured([python, path, "URL", str(file), str(MOST), *words])


def installed() -> None:
    """The environment of the other tools, made once."""
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    mark = FOREIGN / "requirements.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(FOREIGN, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", FOREIGN], check=True)
    pip = str(FOREIGN / "bin" / "pip")
    listed = str(HERE / "requirements.txt")
    subprocess.run([pip, "install", "--quiet", "-r", listed], check=True)
    mark.write_text(wanted, encoding="utf-8")


def speed(rows: int, times: int) -> tuple[dict[str, Sample], list[list[str]]]:
    """Rows a second of each client, by turns."""
    installed()
    file = WORK / "bodies.duckdb"
    bodies_in(file, rows)
    cases: dict[str, Callable[[], Sample]] = {
        "bulk messages: p2c": lambda: ours(rows, "create"),
        "bulk messages: drt": foreign("drt_case.py", file, "multiple"),
        "bulk messages: Microsoft's client, upsert": foreign("microsoft_case.py", file),
        "`$batch`: p2c, creates": lambda: ours(rows, "create", "--no-bulk"),
        "`$batch`: p2c, updates": lambda: ours(rows, "update"),
        "`$batch`: drt": foreign("drt_case.py", file, "batch"),
    }
    samples = interleaved(cases, times)
    return samples, [_speed_row(case, one, samples) for case, one in samples.items()]


def _speed_row(case: str, one: Sample, samples: Mapping[str, Sample]) -> list[str]:
    form = case.partition(":")[0]
    found = json.loads(one.output)
    rows = found["rows"]
    rate, drt = rows / one.seconds, rows / samples[f"{form}: drt"].seconds
    calls = rows / max(1, found["met"]["requests"])
    return [
        case, f"{rate:,.0f}", f"{rate / drt:.2f}", f"{1e6 * one.cpu_seconds / rows:.0f}",
        f"{calls:,.0f}", f"{one.peak_mb:,.0f}",
    ]  # fmt: skip


def latencies(rows: int) -> tuple[dict[str, Sample], list[list[str]]]:
    """Against the fastest: every request full, the advised number at once, never a pause."""
    samples, lines = {}, []
    for latency in LATENCIES:
        words = ("--latency", str(latency), "--hint", str(HINT))
        one = samples[f"{latency:g} s a request"] = ours(rows, "create", *words)
        possible = math.ceil(rows / MOST / HINT) * latency
        lines.append(_paced_row(f"{latency:g} s a request, {HINT} at once", one, possible))
    return samples, lines


def limits(rows: int) -> tuple[dict[str, Sample], list[list[str]]]:
    """Against the fastest under each limit."""
    samples, lines = {}, []
    for name, words in LIMITS.items():
        server = ("--latency", str(LATENCY_OF_LIMITS), "--window", str(WINDOW), *words)
        one = samples[name] = ours(rows, "create", *server)
        lines.append(_paced_row(name, one, fastest(math.ceil(rows / MOST), *words)))
    return samples, lines


def fastest(requests: int, limit: str, figure: str) -> float:
    """Seconds that no client can be under: `requests` of half a second each.

    So many requests, or requests of so many seconds in all, go in a window; the last window's work
    needs no waiting. With so many at once, that many run side by side all the time.
    """
    if limit == "--concurrent":
        return math.ceil(requests / int(figure)) * LATENCY_OF_LIMITS
    in_window = int(figure) if limit == "--requests" else round(float(figure) / LATENCY_OF_LIMITS)
    return (math.ceil(requests / in_window) - 1) * WINDOW + LATENCY_OF_LIMITS


def _paced_row(case: str, one: Sample, possible: float) -> list[str]:
    met: dict[str, Any] = json.loads(one.output)["met"]
    return [
        case, f"{one.seconds:.1f}", f"{possible:.1f}", f"{100 * possible / one.seconds:.0f} %",
        f"{met['requests']:,}", f"{met['throttled']:,}", f"{met['most_at_once']}",
    ]  # fmt: skip


SPEED = ("client", "rows/s", "of drt's", "CPU µs a row", "rows a request", "peak MB")
PACED = ("service", "seconds", "the fastest", "share", "requests", "429s", "most at once")
PARTS = ("speed", "latency", "limits")


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, keep, and with --docs write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("rows", nargs="?", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=3, help="turns of the first table")
    parser.add_argument("--paced", type=int, help="rows of the other tables (as many)")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md")
    options = parser.parse_args(words)
    WORK.mkdir(exist_ok=True)
    paced = options.paced or options.rows
    parts: dict[str, Callable[[], tuple[dict[str, Sample], list[list[str]]]]] = {
        "speed": lambda: speed(options.rows, options.times),
        "latency": lambda: latencies(paced),
        "limits": lambda: limits(paced),
    }
    for part in [options.only] if options.only else PARTS:
        samples, lines = parts[part]()
        headings = SPEED if part == "speed" else PACED
        for line in [headings, *lines]:
            cells = [f"{cell:>14}" if place else f"{cell:42}" for place, cell in enumerate(line)]
            sys.stdout.write("  ".join(cells) + "\n")
        keep(f"writes-{part}", samples, rows=options.rows if part == "speed" else paced)
        if options.docs:
            write_table(f"python -m benchmarks.writes ({part})", headings, lines)


if __name__ == "__main__":
    main()
