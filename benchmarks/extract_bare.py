"""The pages of one table by httpx, thrown away: what no extract can be faster than.

`python -m benchmarks.extract_bare SYSTEM TABLE FOLDER`, with the addresses in the environment.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time

STARTED = time.perf_counter()

import httpx  # noqa: E402 - its import is measured
import yaml  # noqa: E402

ROOT = {"sales": "api/data/v9.2", "finops": "data"}
SIZE = {"sales": 5_000, "finops": 10_000}
NEXT = re.compile(rb'"@odata.nextLink":"([^"]+)"')


def main() -> None:
    """Read, and say how many rows there were and how long the imports took."""
    system, table = sys.argv[1:3]
    entity_set, declared = _declared(system, table)
    start = time.perf_counter() - STARTED
    query = {"$select": ",".join(_field(*item) for item in declared["columns"].items())}
    if system == "finops":
        query |= {"cross-company": "true", "$orderby": ",".join(declared["key"])}
    url = os.environ[f"SOURCES__{system.upper()}__URL"]
    with httpx.Client(trust_env=False, timeout=300, headers=_head(system, url)) as client:
        address: httpx.URL | str | None
        address = httpx.URL(f"{url}/{ROOT[system]}/{entity_set}", params=query)
        rows = 0
        while address:
            page = client.get(address).raise_for_status().content
            rows += page.count(b'"@odata.etag"')
            following = NEXT.search(page, max(0, len(page) - 20_000))
            address = following[1].decode() if following else None
    print(json.dumps({"rows": rows, "start": round(start, 2)}))  # noqa: T201


def _declared(system: str, table: str) -> tuple[str, dict[str, dict[str, str]]]:
    with open(f"pipelines/{system}/tables.yml", encoding="utf-8") as file:  # noqa: PTH123
        tables = yaml.load(file, yaml.CSafeLoader)
    snake = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
    return next(
        (name, body)
        for name, body in tables.items()
        if body.get("table", snake.sub("_", name).lower()) == table
    )


def _field(name: str, kind: str) -> str:
    return f"_{name}_value" if kind == "lookup" else name


def _head(system: str, url: str) -> dict[str, str]:
    prefix = f"SOURCES__{system.upper()}__"
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ[f"{prefix}CLIENT_ID"],
        "client_secret": os.environ[f"{prefix}CLIENT_SECRET"],
        "scope": f"{url}/.default",
    }
    answer = httpx.post(os.environ[f"{prefix}TOKEN_URL"], data=form, trust_env=False)
    token = answer.raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}", "Prefer": f"odata.maxpagesize={SIZE[system]}"}


if __name__ == "__main__":
    main()
