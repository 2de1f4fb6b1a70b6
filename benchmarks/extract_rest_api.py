"""One table into DuckDB by dlt's `rest_api` source, as its documentation has it.

`python -m benchmarks.extract_rest_api SYSTEM TABLE FOLDER`, with the addresses in the environment.
The columns are declared with their types, merged by key; everything else is dlt's default.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()

import dlt  # noqa: E402 - its import is measured
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402

from benchmarks.extract_bare import ROOT, SIZE, _declared, _field  # noqa: E402

KINDS = {"text": "text", "lookup": "text", "int": "bigint", "bool": "bool", "date": "date"}


def main() -> None:
    """Read, and say how many rows there were and how long the imports took."""
    start = time.perf_counter() - STARTED
    system, table, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "rest_api.duckdb")),
        dataset_name=f"raw_{system}",
    )
    pipeline.run(rest_api_source(_description(system, table)))
    assert pipeline.last_trace is not None
    assert pipeline.last_trace.last_normalize_info is not None
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(json.dumps({"rows": counts[table], "start": round(start, 2)}))  # noqa: T201


def _description(system: str, table: str) -> Any:  # noqa: ANN401 - JSON
    entity_set, declared = _declared(system, table)
    fields = {_field(name, kind): kind for name, kind in declared["columns"].items()}
    query = {"$select": ",".join(fields)}
    if system == "finops":
        query |= {"cross-company": "true", "$orderby": ",".join(declared["key"])}
    endpoint = {
        "path": entity_set,
        "params": query,
        "data_selector": "value",
        "paginator": {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
    }
    return {
        "client": {
            "base_url": f"{os.environ[f'SOURCES__{system.upper()}__URL']}/{ROOT[system]}/",
            "auth": _auth(system),
            "headers": {"Prefer": f"odata.maxpagesize={SIZE[system]}"},
        },
        "resources": [
            {
                "name": table,
                "endpoint": endpoint,
                "primary_key": list(declared["key"]),
                "write_disposition": "merge",
                "columns": {name: _hint(kind) for name, kind in fields.items()},
            }
        ],
    }


def _auth(system: str) -> OAuth2ClientCredentials:
    prefix = f"SOURCES__{system.upper()}__"
    return OAuth2ClientCredentials(
        access_token_url=os.environ[f"{prefix}TOKEN_URL"],
        client_id=os.environ[f"{prefix}CLIENT_ID"],
        client_secret=os.environ[f"{prefix}CLIENT_SECRET"],
        access_token_request_data={"scope": f"{os.environ[f'{prefix}URL']}/.default"},
    )


def _hint(kind: str) -> dict[str, Any]:
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
        return {"data_type": "decimal", "precision": int(precision), "scale": int(scale)}
    return {"data_type": KINDS.get(kind, kind)}


if __name__ == "__main__":
    main()
