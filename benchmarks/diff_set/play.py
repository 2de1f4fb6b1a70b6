"""Sends statements to a warehouse, in a process of its own: `python -m benchmarks.diff_set.play`.

Arguments: the warehouse, a JSON file of statements, and the memory that DuckDB may take. Prints the
seconds of each statement as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb


def main(warehouse: str, statements: str, memory: str) -> None:
    seconds = []
    config = {"TimeZone": "UTC", "threads": "2", "memory_limit": memory}
    with duckdb.connect(warehouse) as connection:
        for name, value in config.items():
            connection.execute(f"set {name} = '{value}'")
        for statement in json.loads(Path(statements).read_text()):
            began = time.perf_counter()
            connection.execute(statement)
            seconds.append(round(time.perf_counter() - began, 3))
    sys.stdout.write(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
