"""Microsoft's Python client upserts the table `bodies` of a DuckDB file; runs in its environment.

    python microsoft_case.py URL FILE ROWS_PER_REQUEST

What `client.records.upsert` does with a list, request by request: it takes no address without TLS,
so its inner client is used, which gets it cheaper, not dearer. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb
import requests
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.core._auth import _AuthManager
from PowerPlatform.Dataverse.data._odata import _ODataClient


class Credential:
    """A token that does not end."""

    def get_token(self, *_: str, **__: object) -> AccessToken:
        """Always the same."""
        return AccessToken("t", int(time.time()) + 3600)


def main(url: str, file: str, size: int) -> None:
    """Upsert under the clock: read the rows, hand them over, wait for the answer."""
    rows = 0
    with requests.Session() as session, duckdb.connect(file, read_only=True) as db:
        client = _ODataClient(_AuthManager(Credential()), url, session=session)
        began, spent = time.perf_counter(), time.process_time()
        cursor = db.execute("select * replace (creditlimit::double as creditlimit) from bodies")
        names = [column[0] for column in cursor.description]
        while page := cursor.fetchmany(size):
            records = [dict(zip(names, row, strict=True)) for row in page]
            keys = [{"accountid": record.pop("accountid")} for record in records]
            client._upsert_multiple("accounts", "account", keys, records)
            rows += len(page)
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "rows": rows}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
