"""One table into a warehouse by the project's own extract, read in full.

`python -m benchmarks.extract_ours SYSTEM TABLE FOLDER`, with the addresses in the environment.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()

from pipelines.common.dlt_config import connection_from_config  # noqa: E402 - measured
from pipelines.run import FinopsConnection, SalesConnection, extract  # noqa: E402


def main() -> None:
    """Read, and say how many rows there were and how long the imports took."""
    start = time.perf_counter() - STARTED
    system, table, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    kind = {"sales": SalesConnection, "finops": FinopsConnection}[system]
    report = extract(
        [connection_from_config(kind)],
        folder / "warehouse.duckdb",
        folder / "state",
        tables={table},
        full=True,
    )
    print(json.dumps({"rows": report.rows, "start": round(start, 2)}))  # noqa: T201


if __name__ == "__main__":
    main()
