"""The ledger's tables, declared once for SQLite (where they live) and DuckDB (to be read in SQL).

JSON stays text. `touched` and `n` are SQLite's own: the first numbers the transaction that last
changed a row, the second is the order in which rows came to be. `links` alone grow in
DuckDB, where dbt finds what agrees, and are kept here so that they outlive the warehouse. `writes`
is a table in DuckDB alone: its rows are those of the plans' files with what SQLite knows of those
that were sent or decided (outcome_tables.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

TEXT, INTEGER, TIME, REAL = "text", "integer", "time", "real"
SQLITE_TYPES = {TEXT: "TEXT", INTEGER: "INTEGER", TIME: "TEXT", REAL: "REAL"}
DUCKDB_TYPES = {TEXT: "varchar", INTEGER: "integer", TIME: "timestamptz", REAL: "double"}

RUNS: Mapping[str, str] = {
    "run_id": TEXT,
    "command": TEXT,
    "status": TEXT,
    "started_at": TIME,
    "finished_at": TIME,
    "seconds": REAL,
    "writes": INTEGER,
    "report": TEXT,
}
PLANS: Mapping[str, str] = {
    "plan_id": TEXT,
    "kind": TEXT,
    "run_id": TEXT,
    "status": TEXT,
    "created_at": TIME,
    "apply_started_at": TIME,
    "finished_at": TIME,
    "mapping_version": TEXT,
    "snapshots": TEXT,
    "fingerprints": TEXT,
    "flows": TEXT,
    "row_limit": INTEGER,
    "changes": INTEGER,
    "parts": TEXT,
    "pruned_at": TIME,
}
WRITES: Mapping[str, str] = {
    "write_id": TEXT,
    "run_id": TEXT,
    "plan_id": TEXT,
    "change_id": TEXT,
    "model": TEXT,
    "flow": TEXT,
    "system": TEXT,
    "entity_set": TEXT,
    "operation": TEXT,
    "unit": TEXT,
    "record_key": TEXT,
    "record_id": TEXT,
    "source_key": TEXT,
    "key_values": TEXT,
    "etag": TEXT,
    "before": TEXT,
    "after": TEXT,
    "changed_columns": TEXT,
    "parents": TEXT,
    "agreement": TEXT,
    "idempotency_key": TEXT,
    "status": TEXT,
    "attempts": INTEGER,
    "http_status": INTEGER,
    "error_code": TEXT,
    "error_message": TEXT,
    "not_persisted": TEXT,
    "request_id": TEXT,
    "planned_at": TIME,
    "sent_at": TIME,
    "finished_at": TIME,
}
LINKS: Mapping[str, str] = {
    "link_id": TEXT,
    "flow": TEXT,
    "system": TEXT,
    "entity_set": TEXT,
    "source_key": TEXT,
    "record_key": TEXT,
    "record_id": TEXT,
    "key_values": TEXT,
    "agreement": TEXT,
    "first_seen": TIME,
    "changed_at": TIME,
    "ended_at": TIME,
}
RECONCILIATION: Mapping[str, str] = {
    "entry_id": TEXT,
    "run_id": TEXT,
    "noted_at": TIME,
    "flow": TEXT,
    "target": TEXT,
    "data_area_id": TEXT,
    "status": TEXT,
    "reason": TEXT,
    "records": INTEGER,
    "source_records": INTEGER,
    "target_records": INTEGER,
    "oldest_since": TIME,
}
RECONCILIATION_COLUMNS: Mapping[str, str] = {
    "entry_id": TEXT,
    "run_id": TEXT,
    "noted_at": TIME,
    "flow": TEXT,
    "target": TEXT,
    "data_area_id": TEXT,
    "column_name": TEXT,
    "agree": INTEGER,
    "differ": INTEGER,
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "runs": RUNS,
    "plans": PLANS,
    "writes": WRITES,
    "links": LINKS,
    "reconciliation": RECONCILIATION,
    "reconciliation_columns": RECONCILIATION_COLUMNS,
}
KEYS: Mapping[str, str] = {
    "runs": "run_id",
    "plans": "plan_id",
    "writes": "write_id",
    "links": "link_id",
    "reconciliation": "entry_id",
    "reconciliation_columns": "entry_id",
}
# What lives in SQLite as it is declared here.
OWN_TABLES = tuple(table for table in TABLES if table != "writes")
# In which order rows came to be, where the numbers of the file they were in are lost.
AGES: Mapping[str, str] = {
    "runs": "started_at, run_id",
    "plans": "created_at, plan_id",
    "writes": "planned_at, write_id",
    "links": "changed_at, link_id",
    "reconciliation": "noted_at, entry_id",
    "reconciliation_columns": "noted_at, entry_id",
}

INDEXES = (
    "create index if not exists reconciliation_touched on reconciliation (touched)",
    "create index if not exists reconciliation_columns_touched on reconciliation_columns (touched)",
)


def names(table: str) -> str:
    """The columns of a table as a quoted list: `before` and `after` are words of SQL."""
    return ", ".join(f'"{column}"' for column in TABLES[table])


def sqlite_statements() -> list[str]:
    """What creates the ledger, each safe to run again."""
    statements = ["create table if not exists meta (key text primary key, value text) strict"]
    for table in OWN_TABLES:
        columns = TABLES[table]
        declared = ", ".join(f'"{name}" {SQLITE_TYPES[kind]}' for name, kind in columns.items())
        statements.append(
            f"create table if not exists {table} (n integer primary key, touched integer not null, "
            f"{declared}, unique ({KEYS[table]})) strict"
        )
    return statements


def missing_columns(table: str, present: Collection[str]) -> list[str]:
    """What gives a ledger of an earlier version the columns that it lacks."""
    return [
        f'alter table {table} add column "{name}" {SQLITE_TYPES[kind]}'
        for name, kind in TABLES[table].items()
        if name not in present
    ]


def duckdb_statements(table: str) -> list[str]:
    """What makes `ledger.<table>` hold every column, whoever created it first."""
    columns = TABLES[table]
    declared = ", ".join(f'"{name}" {DUCKDB_TYPES[kind]}' for name, kind in columns.items())
    return [f"create table if not exists ledger.{table} ({declared})"] + [
        f'alter table ledger.{table} add column if not exists "{name}" {DUCKDB_TYPES[kind]}'
        for name, kind in columns.items()
    ]
