"""A small world for the loaders' tests: a manifest, a warehouse and a state folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from loaders.models import Change
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_rows import START

CHANGES_DDL = """create table changes.{name} (
    change_id varchar, flow varchar, operation varchar, source_key varchar, record_key varchar,
    record_id varchar, key_values varchar, etag varchar, changed_columns varchar, before varchar,
    after varchar, parents varchar, is_drift boolean,
    is_first_contact boolean, agreement varchar)"""


@dataclass
class World:
    """Paths of a manifest, a warehouse and a state folder, and what fills them."""

    folder: Path
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.manifest_path = self.folder / "manifest.json"
        self.warehouse = self.folder / "test.duckdb"
        self.state_dir = self.folder / ".state"
        self.manifest_path.write_text(json.dumps(manifest()))
        self.build()

    def build(self, **changes: Iterable[Change]) -> None:
        """Fill `changes.*` and `quality.flow_counts` as dbt would, by flow name."""
        with duckdb.connect(str(self.warehouse)) as db:
            db.execute("create schema if not exists changes")
            db.execute("create schema if not exists quality")
            counts = []
            for flow, system in (("owners", "sales"), ("things", "sales"), ("gadgets", "finops")):
                name = f"changes_{system}__{flow}"
                db.execute(f"drop table if exists changes.{name}")
                db.execute(CHANGES_DDL.format(name=name))
                rows = list(changes.get(flow, ()))
                if rows:
                    marks = ", ".join("?" * 15)
                    db.executemany(
                        f"insert into changes.{name} values ({marks})", [_row(r) for r in rows]
                    )
                counts.append(_counts(flow, system, rows))
            db.execute(
                "create or replace table quality.flow_counts (flow varchar, target varchar, "
                "source_rows integer, filtered integer, identical integer, "
                '"create" integer, "update" integer, deactivate integer, rejected integer, '
                "blocked integer, conflict integer, drift integer, first_contact integer)"
            )
            db.executemany(
                "insert into quality.flow_counts values (?, ?, ?, 2, 3, ?, ?, ?, 1, 0, 0, 0, 0)",
                counts,
            )
            if not self._has_reads(db):
                self._create_raw(db)

    def extract(self, load_id: str, read_at: datetime = START, **alive: int) -> None:
        """Pretend a read of every raw table, with so many rows alive (10 by default)."""
        with duckdb.connect(str(self.warehouse)) as db:
            for schema, table in _RAW:
                rows = alive.get(table, 10)
                db.execute(
                    f"create or replace table {schema}.{table} as select i as id, "
                    f"null::timestamptz as deleted_at from range({rows}) t(i)"
                )
                db.execute(
                    f"insert into {schema}.reads values (?, ?, 'full', ?, 0, ?, ?)",
                    [table, load_id, rows, read_at, read_at],
                )

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse)) as db:
            return db.execute(statement).fetchall()

    def _has_reads(self, db: duckdb.DuckDBPyConnection) -> bool:
        found = db.execute("select 1 from information_schema.tables where table_name = 'reads'")
        return found.fetchone() is not None

    def _create_raw(self, db: duckdb.DuckDBPyConnection) -> None:
        for schema in ("raw_sales", "raw_finops"):
            db.execute(f"create schema {schema}")
            db.execute(
                f"create table {schema}.reads (table_name varchar, load_id varchar, mode varchar, "
                "rows bigint, deletions bigint, started_at timestamptz, finished_at timestamptz)"
            )
        db.close()
        self.extract("load-1", START - timedelta(hours=1))


_RAW = (("raw_sales", "owners"), ("raw_sales", "widgets"), ("raw_finops", "gadgets"))


def _row(change: Change) -> tuple[Any, ...]:
    return (
        change.change_id, change.flow, change.operation, change.source_key, change.record_key,
        change.record_id, change.key_values, change.etag, change.changed_columns, change.before,
        change.after, change.parents, False, change.is_first_contact, change.agreement,
    )  # fmt: skip


def _counts(flow: str, system: str, rows: Sequence[Change]) -> tuple[Any, ...]:
    names = {"owners": "owners", "things": "widgets", "gadgets": "Gadgets"}
    by = [sum(row.operation == op for row in rows) for op in ("create", "update")]
    by.append(len(rows) - sum(by))
    return (flow, f"{system}.{names[flow]}", 6 + len(rows), *by)
