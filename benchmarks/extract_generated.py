"""A table of any size from pages made here, through everything but the network: its peak memory.

`python -m benchmarks.extract_generated ROWS FOLDER [VERSION]`, which lands the rows; once more with
the same folder, when none of them has changed; and with another version, when all have.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

STARTED = time.perf_counter()

import dlt  # noqa: E402 - its import is measured
from dlt.extract import DltSource  # noqa: E402

from pipelines.common import loading  # noqa: E402 - measured
from pipelines.common import warehouse as raw  # noqa: E402
from pipelines.common.client import ODataClient  # noqa: E402
from pipelines.common.landing import RawSchema  # noqa: E402
from pipelines.common.pages import Page, PageReader  # noqa: E402
from pipelines.common.reading import TableRead, Tally, collect  # noqa: E402
from pipelines.common.resources import ExtractOptions, table_resource  # noqa: E402
from pipelines.common.tables import Column, Table  # noqa: E402
from pipelines.run import SalesConnection  # noqa: E402
from pipelines.sales import declared_tables  # noqa: E402

PAGE = 5_000
MARK = "PAGENUMB"  # of eight digits, in the key of each row
CONNECTION = SalesConnection("https://generated.example", "https://generated.example", "a", "b")


def main() -> None:
    """Read, land and load; say how many rows there were and how long the imports took."""
    start = time.perf_counter() - STARTED
    rows, folder = int(sys.argv[1]), Path(sys.argv[2])
    version = sys.argv[3] if len(sys.argv) > 3 else "1"
    warehouse, table = folder / "warehouse.duckdb", declared_tables(CONNECTION)["accounts"]
    pipeline = loading.open_pipeline("sales", warehouse, folder / "state")
    landed: list[int] = []
    with loading.empty_folder(folder / "reading"):
        options = ExtractOptions(
            loaded=raw.loaded_packages(warehouse, "raw_sales"),
            raw=RawSchema(warehouse, "raw_sales", raw.last_landed(warehouse, "raw_sales")),
            folder=folder / "reading",
            report=lambda report: landed.append(report.landed),
        )
        client = ODataClient(CONNECTION, folder=options.folder)
        loading.read(pipeline, _source(table, client, options, rows, version))
    loading.load(pipeline)
    answer = {"rows": rows, "landed": landed[0], "start": round(start, 2)}
    print(json.dumps(answer))  # noqa: T201


def _source(
    table: Table, client: ODataClient, options: ExtractOptions, rows: int, version: str
) -> DltSource:
    def read(client: ODataClient, table: Table, _: str | None, tally: Tally) -> TableRead:
        return collect(table, _pages(table, rows, version), tally, client.folder)

    return dlt.source(lambda: table_resource(table, client, read, options), name="sales")()


def _pages(table: Table, rows: int, version: str) -> Iterator[Page]:
    reader, template = PageReader(table), _template(table, version)
    for number in range(rows // PAGE):
        yield reader.read(template.replace(MARK.encode(), f"{number:08}".encode()))


def _template(table: Table, version: str) -> bytes:
    found = [
        {
            "@odata.etag": f'W/"{version}-{row}"',
            **{c.field: _value(c, table, row) for c in table.columns},
        }
        for row in range(PAGE)
    ]
    return json.dumps({"@odata.context": "x", "value": found}, separators=(",", ":")).encode()


def _value(column: Column, table: Table, row: int) -> object:
    """A key, and values of the usual lengths; a third of the texts is empty."""
    if column.name in table.key:
        return f"{MARK}-0000-4000-8000-{row:012}"
    usual = {
        "lookup": f"{row:08x}-1111-4000-8000-000000000000",
        "int": row % 1000,
        "bool": bool(row % 2),
        "timestamp": "2026-01-31T10:15:00Z",
        "date": "2026-01-31",
        "text": None if row % 3 == 0 else f"{MARK} {column.name} of row {row}",
    }
    return usual.get(column.declared, row / 4)


if __name__ == "__main__":
    main()
