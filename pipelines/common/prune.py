"""Drops the book-keeping that each extract leaves in the raw layer beside the records.

The next extract needs the newest read of each table in each mode, the packages that living rows
came with (a row of a package that is not listed counts as never arrived), and dlt's newest state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from .duck import opened, tables_of
from .resources import DELETIONS, READS

LOADS, STATE = "_dlt_loads", "_dlt_pipeline_state"
SCHEMAS = "select distinct schema_name from duckdb_tables() where starts_with(schema_name, 'raw_')"
# The order matters: packages are kept for what is left of the others.
_OLD_READS = """
from {schema}.reads where started_at < $1 and (table_name, load_id) not in (
    select (table_name, max(load_id)) from {schema}.reads group by table_name, mode)
"""
_OLD_STATES = """
from {schema}._dlt_pipeline_state where created_at < $1 and _dlt_load_id not in (
    select max(s._dlt_load_id) from {schema}._dlt_pipeline_state as s
    join {schema}._dlt_loads as l on l.load_id = s._dlt_load_id and l.status = 0
    group by s.pipeline_name)
"""
# Marked in the rows themselves since, at the latest by the extract that loaded after them.
_OLD_DELETIONS = """
from {schema}.deletions where deleted_at < $1
    and _dlt_load_id < (select max(load_id) from {schema}._dlt_loads where status = 0)
"""
_OLD_LOADS = "from {schema}._dlt_loads where inserted_at < $1 and load_id not in ({used})"


@dataclass(frozen=True)
class PrunedReads:
    """Rows dropped, or that would be: of `reads`, `deletions`, dlt's states and its packages."""

    reads: int = 0
    deletions: int = 0
    states: int = 0
    packages: int = 0

    def __add__(self, other: PrunedReads) -> PrunedReads:
        return PrunedReads(
            self.reads + other.reads,
            self.deletions + other.deletions,
            self.states + other.states,
            self.packages + other.packages,
        )


def prune_reads(warehouse: Path, before: datetime, *, dry_run: bool = False) -> PrunedReads:
    """Drop what is older than a moment and no extract needs; `dry_run` only counts.

    All or nothing for each system. Raises WarehouseBusy, WarehouseUnusable.
    """
    if not warehouse.exists():
        return PrunedReads()
    with opened(warehouse) as connection:
        schemas = [str(row[0]) for row in connection.execute(SCHEMAS).fetchall()]
        parts = [_prune(connection, schema, before, dry_run) for schema in sorted(schemas)]
    return sum(parts, PrunedReads())


def _prune(
    connection: duckdb.DuckDBPyConnection, schema: str, before: datetime, dry_run: bool
) -> PrunedReads:
    there = tables_of(connection, schema)
    if not {READS, LOADS} <= there:  # dlt's own staging
        return PrunedReads()
    connection.begin()
    reads = _drop(connection, _OLD_READS.format(schema=schema), before)
    deletions = states = 0
    if DELETIONS in there:
        deletions = _drop(connection, _OLD_DELETIONS.format(schema=schema), before)
    if STATE in there:
        states = _drop(connection, _OLD_STATES.format(schema=schema), before)
    packages = _drop(
        connection, _OLD_LOADS.format(schema=schema, used=_used(connection, schema)), before
    )
    if dry_run:
        connection.rollback()
    else:
        connection.commit()
    return PrunedReads(reads, deletions, states, packages)


def _used(connection: duckdb.DuckDBPyConnection, schema: str) -> str:
    """SQL: the packages that any row of a system came with, or that a read names."""
    tables = connection.execute(
        "select table_name from information_schema.columns "
        "where table_schema = ? and column_name = '_dlt_load_id' order by 1",
        [schema],
    ).fetchall()
    came = [f'select _dlt_load_id from {schema}."{name}"' for (name,) in tables]
    return " union ".join([*came, f"select load_id from {schema}.reads"])


def _drop(connection: duckdb.DuckDBPyConnection, which: str, before: datetime) -> int:
    row = connection.execute(f"delete {which}", [before]).fetchone()
    return int(row[0]) if row else 0
