"""drt-core writes the table `bodies` of a DuckDB file to a service; runs in drt's environment.

    python drt_case.py URL FILE ROWS_PER_REQUEST [multiple|batch]

Its `rest_api` destination in batches, with nothing that slows it: no pause between requests, no
state kept. It takes any 2xx for success. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from drt.config.models import SyncConfig
from drt.config.profiles import DuckDBProfile
from drt.destinations.rest_api import RestApiDestination
from drt.engine.sync import run_sync
from drt.sources.duckdb import DuckDBSource

# One rendering for all rows of a request, by json.dumps as drt does it.
MULTIPLE = '{"Targets": {{ rows | tojson_safe }}}'
BATCH = (
    "{% for row in rows %}--b\r\nContent-Type: application/http\r\n"
    "Content-Transfer-Encoding: binary\r\nContent-ID: {{ loop.index }}\r\n\r\n"
    "PATCH /api/data/v9.2/accounts({{ row.accountid }}) HTTP/1.1\r\nIf-None-Match: *\r\n"
    "Content-Type: application/json; type=entry\r\n\r\n{{ row | tojson_safe }}\r\n"
    "{% endfor %}--b--\r\n"
)
PATHS = {
    "multiple": "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
    "batch": "$batch",
}
TYPES = {"multiple": "application/json", "batch": "multipart/mixed; boundary=b"}


def sync_of(url: str, size: int, form: str) -> SyncConfig:
    """The YAML of a sync, as an object."""
    destination: dict[str, Any] = {
        "type": "rest_api",
        "url": f"{url}/api/data/v9.2/{PATHS[form]}",
        "body_mode": "batch",
        "batch_template": MULTIPLE if form == "multiple" else BATCH,
        "headers": {"Content-Type": TYPES[form], "Authorization": "Bearer t"},
    }
    options = {"batch_size": size, "rate_limit": {"requests_per_second": 1_000_000}}
    return SyncConfig(
        name="accounts", model="select * from bodies", destination=destination, sync=options
    )


def main(url: str, file: str, size: int, form: str = "multiple") -> None:
    """Run the sync under the clock."""
    sync = sync_of(url, size, form)
    profile = DuckDBProfile(type="duckdb", database=file)
    began, spent = time.perf_counter(), time.process_time()
    result = run_sync(sync, DuckDBSource(), RestApiDestination(), profile, Path(file).parent)
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    if result.failed:
        raise SystemExit(f"{result.failed} rows failed: {result.row_errors[:1]}")
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "rows": result.success}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
