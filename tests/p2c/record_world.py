"""A small warehouse with one target in all its layers, its tables as the graph declares them."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from loaders.ledger import schema
from p2c.config.context import Context
from p2c.screen.explain_text import explain_text
from pipelines.common.tables import snake_case
from tests.parsed import parsed

Row = Mapping[str, Any]
FLOW, TARGET, NAME = "accounts", "finops.CustomersV2", "finops__customers"
ID = "6acf8b5c-fece-5a87-939b-4acc34df9740"
SOURCE_KEY, RECORD_KEY = f"usmf/{ID}", "usmf/ACC-1"
SCHEMAS = ("raw_sales", "keys", "match", "staging", "target", "compare", "quality", "ledger")
COMPARE = """
create table compare.compare_finops__customers (flow varchar, target varchar, source_key varchar,
    record_key varchar, fate varchar, is_drift boolean, detail varchar, changed_columns varchar,
    parents varchar);
create table quality.record_fates (flow varchar, target varchar, source_key varchar,
    record_key varchar, fate varchar, is_drift boolean, detail varchar, built_at timestamptz);
create table quality.rejected_records (flow varchar, target varchar, source_key varchar,
    record_key varchar, code varchar, column_name varchar, value varchar, message varchar);
create table quality.unmatched_records (flows varchar, target varchar, record_key varchar,
    record_name varchar);
create table quality.record_names (flow varchar, target varchar, source_key varchar,
    record_key varchar, sales_id varchar, name varchar, held_name varchar, is_there boolean);
create table quality.drift (flow varchar, target varchar, source_key varchar,
    record_key varchar, column_name varchar, kind varchar, policy varchar, action varchar,
    since timestamptz);
create table keys.keys_customers (account_id varchar, data_area_id varchar,
    customer_account varchar, matched_by varchar);
create table match.match_customers (sales_id varchar, data_area_id varchar, finops_table varchar,
    finops_key varchar, status varchar, review_reason varchar, rule varchar, score integer,
    sales_name varchar, finops_name varchar, evidence varchar);
create table raw_sales.accounts (accountid varchar, accountnumber varchar, name varchar,
    telephone1 varchar, deleted_at timestamptz);
"""


def shown(found: dict[str, Any], width: int = 80) -> str:
    """As a terminal of that width has it, its wrapped lines joined again."""
    file = StringIO()
    console = Console(file=file, width=width, color_system=None)
    console.print(*explain_text(found), sep="", crop=False)
    lines = file.getvalue().splitlines()
    assert [line for line in lines if len(line) > width and " " in line.strip()] == []
    return " ".join(" ".join(lines).split())


@dataclass(frozen=True)
class Records:
    """Puts records into the warehouse of a context."""

    context: Context

    @classmethod
    def created(cls, context: Context) -> Records:
        """Tables without rows, and the manifest beside them."""
        context.path("target_dir").mkdir(parents=True, exist_ok=True)
        for path in (context.path("target_dir") / "manifest.json", context.warehouse):
            shutil.copyfile(_template() / path.name, path)
        return cls(context)

    def run(self, *statements: str) -> None:
        with duckdb.connect(str(self.context.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    def insert(self, table: str, **values: object) -> None:
        """One row; columns not given are null."""
        self._insert((table, values))

    def _insert(self, *rows: tuple[str, Row]) -> None:
        """Several, while the file is open once."""
        with duckdb.connect(str(self.context.warehouse)) as connection:
            for table, values in rows:
                names = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join("?" for _ in values)
                sql = f"insert into {table} ({names}) values ({marks})"
                connection.execute(sql, list(values.values()))

    def put(
        self,
        fate: str,
        *,
        source: Row | None = None,
        target: Row | None = None,
        agreed: Row | None = None,
        changed: Sequence[str] = (),
        detail: str | None = None,
        parents: Sequence[str] = (),
        source_key: str = SOURCE_KEY,
        record_key: str | None = RECORD_KEY,
        name: str = "Adventure Works",
    ) -> None:
        """A record of accounts with its fate, and what each of its three images holds."""
        called: dict[str, Any] = {
            "flow": FLOW, "target": TARGET, "source_key": source_key, "record_key": record_key
        }  # fmt: skip
        judged = called | {"fate": fate, "is_drift": False, "detail": detail}
        names = called | {
            "sales_id": source_key.partition("/")[2],
            "name": name,
            "held_name": (target or {}).get("OrganizationName"),
            "is_there": target is not None,
        }
        images = {"changed_columns": json.dumps(list(changed)), "parents": json.dumps([*parents])}
        self._insert(
            ("quality.record_fates", judged | {"built_at": "2026-01-31 10:00:00+00"}),
            ("quality.record_names", names),
            (f"compare.compare_{NAME}", judged | images),
            *_images(source_key, record_key, {"OrganizationName": name} | dict(source or {}),
                     target, agreed),
        )  # fmt: skip

    def differ(self, kind: str, policy: str | None, column: str = "OrganizationName") -> None:
        """A row of quality.drift about the same record."""
        self.insert(
            "quality.drift", flow=FLOW, target=TARGET, source_key=SOURCE_KEY,
            record_key=RECORD_KEY, column_name=column, kind=kind, policy=policy, action="keep",
            since="2026-01-30 11:00:00+00",
        )  # fmt: skip

    def write(self, status: str, *, at: str = "2026-01-31 12:00:00+00", **values: object) -> None:
        """A row of the ledger about the same record."""
        system, entity_set = TARGET.split(".")
        row: dict[str, object] = {
            "write_id": f"w-{at}", "plan_id": "plan-1", "run_id": "run-1", "flow": FLOW,
            "system": system, "entity_set": entity_set, "operation": "create",
            "source_key": SOURCE_KEY, "record_key": RECORD_KEY, "status": status, "attempts": 1,
            "planned_at": at, "finished_at": None if status in ("planned", "sent") else at,
        }  # fmt: skip
        self.insert("ledger.writes", **row | values)


def _images(
    source_key: str,
    record_key: str | None,
    desired: Row,
    target: Row | None,
    agreed: Row | None,
) -> Iterator[tuple[str, Row]]:
    """What the target should hold, what it holds, and what both agreed on, as far as there."""
    company, _, number = (record_key or "usmf/").partition("/")
    key = {"dataAreaId": company, "CustomerAccount": number or None}
    keys = {"p2c_source_key": source_key, "p2c_record_key": record_key}
    yield f"target.target_{NAME}", {**key, **desired, **keys}
    if target is not None:
        held = {snake_case(name): value for name, value in {**key, **target}.items()}
        yield f"staging.stg_{NAME}", held
    if agreed is not None:
        memory = {"record_key": record_key, "agreed_at": "2026-01-30 10:00:00+00"}
        yield f"ledger.agreed_{NAME}", {**memory, **agreed}


@cache
def _template() -> Path:
    """A folder with an empty warehouse and the manifest, made once in a process."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    manifest = parsed().manifest
    models = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    slim = {"metadata": manifest["metadata"], "nodes": models, "sources": manifest["sources"]}
    (folder / "manifest.json").write_text(json.dumps(slim))
    columns = models[f"model.prospect_to_cash.target_{NAME}"]["columns"].values()
    types = {column["name"]: column["data_type"] for column in columns}
    theirs = {name: kind for name, kind in types.items() if name[:4] != "p2c_"}
    statements = [
        *(f"create schema {name}" for name in SCHEMAS),
        COMPARE,
        _table(f"target.target_{NAME}", types),
        _table(f"staging.stg_{NAME}", _staged(theirs)),
        _table(f"ledger.agreed_{NAME}", _remembered(theirs)),
        *(sql for table in schema.TABLES for sql in schema.duckdb_statements(table)),
    ]
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(";".join(statements))
    return folder


def _table(name: str, columns: Mapping[str, str]) -> str:
    declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    return f"create table {name} ({declared})"


def _staged(columns: Mapping[str, str]) -> dict[str, str]:
    names = {snake_case(name): kind for name, kind in columns.items()}
    return names | {"etag": "varchar", "deleted_at": "timestamptz"}


def _remembered(columns: Mapping[str, str]) -> dict[str, str]:
    own = {"record_key": "varchar", "agreed_at": "timestamptz"}
    return own | {"p2c_unknown": "varchar", "p2c_not_persisted": "varchar"} | dict(columns)
