"""A small built warehouse that a read copy can be made of, and other processes that read it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders import Ledger, publish
from p2c.config.context import Context, load
from p2c.run.read_copy import Copied, publish_copy

MODELS = {
    "staging.stg_things": [],
    "quality.counts": [],
    "quality.never_built": [],
    "match.pairs": ["unpublished"],
}
TABLES = """
create schema if not exists raw_sales; create schema if not exists staging;
create schema if not exists quality; create schema if not exists match;
create schema if not exists ledger;
create or replace table raw_sales.things as
    select i as id, 'thing ' || i as name from range({rows}) as t(i);
create or replace table raw_sales.reads as select 'things' as table_name, {rows} as rows;
create or replace view staging.stg_things as select id as thing_id, name from raw_sales.things;
create or replace table quality.counts as select count(*) as things from raw_sales.things;
create or replace table match.pairs as select 1 as pair;
create table if not exists ledger.marks
    (name varchar primary key, value varchar, noted_at timestamptz);
insert or replace into ledger.marks values ('built', 'mapping', '{built}');
"""
BUILT = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
# Opens the copy anew each time; a copy is whole when what its tables count is the same.
READER = """
import sys, duckdb
seen = set()
print("begun", flush=True)
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as copy:
        counted = copy.execute("select things from quality.counts").fetchone()
        there = copy.execute("select count(*) from staging.stg_things").fetchone()
        assert counted == there, (counted, there)
    if there not in seen:
        seen.add(there)
        print(there[0], flush=True)
"""


class Copies:
    """A project with such a warehouse, whose copy is `read.duckdb` beside it."""

    def __init__(self, project: Path) -> None:
        self.context: Context = load(project)
        self.path = project / "read.duckdb"
        nodes = {
            f"model.test.{name}": {
                "resource_type": "model",
                "schema": name.partition(".")[0],
                "name": name.partition(".")[2],
                "tags": tags,
            }
            for name, tags in MODELS.items()
        }
        manifest = project / "target/manifest.json"
        manifest.parent.mkdir()
        manifest.write_text(json.dumps({"nodes": nodes}))
        self.build(3)

    def build(self, rows: int, built: datetime = BUILT) -> None:
        """As a run leaves it that read so many things."""
        with duckdb.connect(str(self.context.warehouse)) as warehouse:
            warehouse.execute(TABLES.format(rows=rows, built=built.isoformat()))
        with Ledger.open(self.context.path("state_dir")) as ledger:
            publish(ledger, self.context.warehouse)

    def publish(self) -> Copied:
        return publish_copy(self.context, self.path)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as copy:
            return copy.execute(sql).fetchall()


@contextmanager
def process(program: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Another process, stopped at the end if it has not ended."""
    command = [sys.executable, "-c", program, *map(str, words)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as other:
        try:
            yield other
        finally:
            other.kill()


def line(other: subprocess.Popen[str]) -> str:
    """The next line it says; '' when it has ended."""
    assert other.stdout is not None
    return other.stdout.readline().strip()
