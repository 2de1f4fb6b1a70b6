"""dlt resources: one for each declared table, which also reports what it did.

A resource yields to three tables: its own, `reads` (one row for each table and extract) and
`deletions` (keys a delta named as deleted). All travel in one load package, together with the
delta link in dlt's state, so a token never gets ahead of its data.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import dlt
import pyarrow as pa
from dlt.extract import DltResource

from .arrow import with_load_id
from .client import ODataClient
from .errors import NotAtSource, UnknownColumn
from .landing import Landing, RawSchema
from .reading import FULL, TableRead, Tally
from .report import TableReport
from .rows import Rows
from .tables import TIMESTAMP, Table

SKIPPED = "skipped"
WHOLE_TABLE = "*"
READS = "reads"
DELETIONS = "deletions"
# The rows there are deleted and the new ones inserted, in one transaction: DuckDB's update of many
# wide rows does not fit into bounded memory. Each key is sent once (`Rows.keep_last`).
MERGE: Any = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}

OnMissing = Literal["stop", "continue"]
ReadTable = Callable[[ODataClient, Table, str | None, Tally], TableRead]

_READS_SCHEMA = pa.schema(
    [
        pa.field("table_name", pa.string()),
        pa.field("load_id", pa.string()),
        pa.field("mode", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("deletions", pa.int64()),
        pa.field("service_count", pa.int64()),
        pa.field("missing_columns", pa.string()),
        pa.field("started_at", TIMESTAMP),
        pa.field("finished_at", TIMESTAMP),
        pa.field("landed", pa.int64()),
        pa.field("data_load_id", pa.string()),
    ]
)
_DELETIONS_SCHEMA = pa.schema(
    [
        pa.field("table_name", pa.string()),
        pa.field("record_id", pa.string()),
        pa.field("deleted_at", TIMESTAMP),
    ]
)


@dataclass(frozen=True)
class ExtractOptions:
    """What holds for all tables of one extract.

    loaded: load ids that arrived in the warehouse (None: take dlt's state at its word); full:
    use no delta link; raw: what rows that were read are compared with (None: all are landed);
    folder: for rows of large tables while they are read; report and progress are called from
    several threads.
    """

    on_missing_column: OnMissing = "stop"
    full: bool = False
    loaded: frozenset[str] | None = None
    raw: RawSchema | None = None
    folder: Path | None = None
    report: Callable[[TableReport], None] = lambda _: None
    progress: Callable[[Table, int], None] = lambda _, __: None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def table_resource(
    table: Table, client: ODataClient, read: ReadTable, options: ExtractOptions
) -> DltResource:
    """The dlt resource of one table, merged by key."""

    @dlt.resource(
        name=table.name,
        table_name=table.name,
        primary_key=list(table.key),
        write_disposition=MERGE,
        parallelized=True,
    )
    def rows() -> Iterator[Any]:
        load_id = str(dlt.current.load_package_state()["load_id"])
        state = dlt.current.resource_state()
        known = options.loaded is None or state.get("load_id") in options.loaded
        there = known and state.get("columns") == list(table.fields)
        started, seconds = options.clock(), time.monotonic()
        link = state.get("delta_link") if there and not options.full else None
        found, missing = _read(table, client, read, link, options)
        finished = options.clock()
        landing = _landing(found, options.raw, finished)
        if landing.landed or not there:
            for piece in landing.tables(found.rows):
                yield with_load_id(piece, load_id)
        if found.deletions:
            yield _to(DELETIONS, _deletions(table, found, finished), load_id)
        done = _Done(table, found, missing, landing.landed + len(found.deletions), landing.gone)
        yield _to(READS, done.row(load_id, started, finished, options.raw), load_id)
        if found.mode != SKIPPED:
            state.update(load_id=load_id, delta_link=found.delta_link, columns=list(table.fields))
        options.report(done.report(time.monotonic() - seconds))

    return rows


def _read(
    table: Table, client: ODataClient, read: ReadTable, link: str | None, options: ExtractOptions
) -> tuple[TableRead, tuple[str, ...]]:
    """What was read, and the columns for which the table was left as it is."""
    try:
        return read(client, table, link, lambda count: options.progress(table, count)), ()
    except NotAtSource as error:
        whole = _complete(error, table, client)
        if options.on_missing_column == "stop":
            raise whole from None
        nothing = TableRead(Rows(table), SKIPPED, warnings=(str(whole),))
        return nothing, whole.columns or (WHOLE_TABLE,)


def _complete(error: NotAtSource, table: Table, client: ODataClient) -> NotAtSource:
    """The error for all missing columns; the service names the first only."""
    if not isinstance(error, UnknownColumn):
        return error
    missing = client.missing_columns(table) or error.columns
    return UnknownColumn(table.system, table.name, missing)


def _to(name: str, rows: pa.Table, load_id: str) -> object:
    hints = dlt.mark.make_hints(table_name=name, write_disposition="append", primary_key="")
    return dlt.mark.with_hints(with_load_id(rows, load_id), hints, create_table_variant=True)


def _deletions(table: Table, read: TableRead, at: datetime) -> pa.Table:
    rows = [
        {"table_name": table.name, "record_id": key, "deleted_at": at} for key in read.deletions
    ]
    return pa.Table.from_pylist(rows, _DELETIONS_SCHEMA)


@dataclass(frozen=True)
class _Done:
    """One table of one extract: what was read, what of it is landed, and what is gone."""

    table: Table
    read: TableRead
    missing: tuple[str, ...]
    landed: int
    gone: int

    @property
    def rows(self) -> int:
        return self.read.rows.num_rows - self.read.gone

    @property
    def deletions(self) -> int:
        return len(self.read.deletions) + self.read.gone + self.gone

    def row(
        self, load_id: str, started: datetime, ended: datetime, raw: RawSchema | None
    ) -> pa.Table:
        """The row in `reads`. Without a comparison nobody knows yet what is landed."""
        last = load_id if self.landed or not raw else raw.landed.get(self.table.name)
        row = {
            "table_name": self.table.name,
            "load_id": load_id,
            "mode": self.read.mode,
            "rows": self.rows,
            "deletions": self.deletions,
            "service_count": self.read.service_count,
            "missing_columns": ",".join(self.missing) or None,
            "started_at": started,
            "finished_at": ended,
            "landed": self.landed if raw else None,
            "data_load_id": last or load_id,
        }
        return pa.Table.from_pylist([row], _READS_SCHEMA)

    def report(self, seconds: float) -> TableReport:
        """The same for whoever asked for the extract."""
        return TableReport(
            system=self.table.system,
            table=self.table.name,
            mode=self.read.mode,
            rows=self.rows,
            deletions=self.deletions,
            marked=self.read.gone,
            service_count=self.read.service_count,
            seconds=seconds,
            warnings=self.read.warnings,
            missing_columns=self.missing,
            landed=self.landed,
        )


def _landing(read: TableRead, raw: RawSchema | None, at: datetime) -> Landing:
    """Everything but a full read that can be compared is landed as it came."""
    if raw is None or read.mode != FULL:
        return Landing(read.rows.num_rows)
    return raw.compare(read.rows, at)
