"""A small world for the loaders' tests: a manifest, a warehouse and services in memory.

Its entities are made up, so that no test can lean on the real ones.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import duckdb
import httpx

from loaders import Service
from loaders.clock import Clock
from loaders.models import Change, Column, WriteTarget

START = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
CHANGES_DDL = """create table changes.{name} (
    change_id varchar, flow varchar, operation varchar, source_key varchar, record_key varchar,
    record_id varchar, key_values varchar, etag varchar, changed_columns varchar, before varchar,
    after varchar, parents varchar, is_drift boolean)"""


class FakeClock(Clock):
    """Time moves only when somebody waits for it."""

    def __init__(self) -> None:
        self._lock, self._passed, self._ids = threading.Lock(), 0.0, 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        with self._lock:
            return self._passed

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        self.advance(seconds)
        condition.wait(0.001)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._passed += seconds

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}-{self._ids}"


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def target(system: str = "sales", **changes: Any) -> WriteTarget:
    """A target of each system: `widgets` in Sales, `Gadgets` in F&O."""
    names = {
        "name": Column("name", "varchar"),
        "price": Column("price", "decimal(19,4)"),
        "count": Column("count", "integer"),
        "active": Column("active", "boolean"),
        "since": Column("since", "timestamp with time zone"),
        "day": Column("day", "date"),
    }
    sales = {
        "widgetid": Column("widgetid", "varchar"),
        "ownerid": Column("ownerid", "varchar", lookup="owners"),
    }
    finops = {
        "dataAreaId": Column("dataAreaId", "varchar"),
        "Number": Column("Number", "varchar"),
    }
    values: dict[str, Any] = {
        "model": f"changes_{system}__things",
        "relation": f'"changes"."changes_{system}__things"',
        "flow": "things",
        "system": system,
        "entity_set": "widgets" if system == "sales" else "Gadgets",
        "key": ("widgetid",) if system == "sales" else ("dataAreaId", "Number"),
        "operations": frozenset({"create", "update", "deactivate", "delete"}),
        "columns": {**names, **(sales if system == "sales" else finops)},
    }
    return WriteTarget(**{**values, **changes})


def change(
    number: int = 1, operation: str = "create", system: str = "sales", **more: Any
) -> Change:
    """A change of `target(system)`; `after` and `key_values` may be given as dicts."""
    key = (
        {"widgetid": guid(number)}
        if system == "sales"
        else {"dataAreaId": "usmf", "Number": f"N-{number}"}
    )
    values: dict[str, Any] = {
        "write_id": f"w-{number}",
        "change_id": f"c-{number}",
        "model": f"changes_{system}__things",
        "flow": "things",
        "operation": operation,
        "source_key": str(number),
        "record_key": f"N-{number}",
        "record_id": guid(number) if system == "sales" else None,
        "key_values": key,
        "etag": None if operation == "create" else 'W/"1"',
        "changed_columns": '["name"]',
        "before": None,
        "after": {"name": f"Thing {number}"},
        "parents": "[]",
    }
    values.update(more)
    for name in ("key_values", "after", "before"):
        if isinstance(values[name], dict):
            values[name] = json.dumps(values[name])
    return Change(**values)


# the dbt project


def manifest(**changes: Any) -> dict[str, Any]:
    """Three flows in a row: owners (Sales), things (Sales, refers to owners), gadgets (F&O)."""
    nodes: dict[str, Any] = {}
    for name, system, entity_set, key, needs in (
        ("owners", "sales", "owners", ["ownerid"], ["source.p.raw_finops.gadgets"]),
        ("things", "sales", "widgets", ["widgetid"], ["model.p.target_sales__owners"]),
        ("gadgets", "finops", "Gadgets", ["dataAreaId", "Number"], ["source.p.raw_sales.widgets"]),
    ):
        sibling, model = f"target_{system}__{name}", f"changes_{system}__{name}"
        columns = {column: _column(column, "varchar") for column in [*key, "name"]}
        if name == "things":
            columns["ownerid"] = _column("ownerid", "varchar", lookup="owners")
        nodes[f"model.p.{sibling}"] = _model(sibling, "target", needs, columns=columns)
        staged = [f"model.p.{sibling}", f"source.p.raw_{system}.{entity_set.lower()}"]
        meta = {
            "flow": name,
            "target": sibling,
            "writes": {
                "system": system,
                "entity_set": entity_set,
                "key": key,
                "operations": ["create", "update"],
            },
        }
        nodes[f"model.p.{model}"] = _model(model, "changes", staged, meta=meta)
    sources = {
        f"source.p.raw_{system}.{table}": {"schema": f"raw_{system}", "identifier": table}
        for system, table in (("sales", "owners"), ("sales", "widgets"), ("finops", "gadgets"))
    }
    macro = {"package_name": "p", "macro_sql": "{% macro m() %}{% endmacro %}"}
    whole = {
        "metadata": {"project_name": "p"},
        "nodes": nodes,
        "sources": sources,
        "macros": {"macro.p.m": macro},
    }
    return {**whole, **changes}


def _model(name: str, schema: str, needs: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.p.{name}",
        "name": name,
        "alias": name,
        "schema": schema,
        "resource_type": "model",
        "checksum": {"checksum": name},
        "depends_on": {"nodes": list(needs)},
        "columns": more.get("columns", {}),
        "config": {"meta": more.get("meta", {})},
    }


def _column(name: str, data_type: str, **meta: Any) -> dict[str, Any]:
    return {"name": name, "data_type": data_type, "config": {"meta": meta}}


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
                    marks = ", ".join("?" * 13)
                    db.executemany(
                        f"insert into changes.{name} values ({marks})", [_row(r) for r in rows]
                    )
                counts.append(_counts(flow, system, rows))
            db.execute(
                "create or replace table quality.flow_counts (flow varchar, target varchar, "
                "source_rows integer, filtered integer, identical integer, "
                '"create" integer, "update" integer, deactivate integer, rejected integer, '
                "blocked integer, conflict integer, drift integer)"
            )
            db.executemany(
                "insert into quality.flow_counts values (?, ?, ?, 2, 3, ?, ?, ?, 1, 0, 0, 0)",
                counts,
            )
            if not self._has_reads(db):
                self._create_raw(db)

    def extract(self, load_id: str, read_at: datetime = START, **alive: int) -> None:
        """Pretend a read of every raw table, with so many rows alive (10 unless said)."""
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
        change.after, change.parents, False,
    )  # fmt: skip


def _counts(flow: str, system: str, rows: Sequence[Change]) -> tuple[Any, ...]:
    names = {"owners": "owners", "things": "widgets", "gadgets": "Gadgets"}
    by = [sum(row.operation == op for row in rows) for op in ("create", "update")]
    by.append(len(rows) - sum(by))
    return (flow, f"{system}.{names[flow]}", 6 + len(rows), *by)


# services in memory

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class FakeService:
    """Rows by URL key, speaking `$batch`, CreateMultiple and the conditional rules of Dataverse.

    Change sets are all or nothing; `names_parts`: answers carry the Content-ID of their part.
    `before` and `after` are called around the work of every request that is no token request;
    either may raise or return a response of its own instead. `moves` names the records whose
    version moves as one is deleted.
    """

    system: str = "sales"
    bulk: bool = True
    names_parts: bool = True
    moves: Callable[[str], Iterable[str]] = lambda key: ()
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    refuse: Callable[[dict[str, Any]], str | None] = lambda body: None
    before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    tokens: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def service(self) -> Service:
        name: Any = self.system
        url = f"https://{self.system}.example"
        return Service(
            name, url, f"{url}/token", "client", "hush", transport=httpx.MockTransport(self)
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            self.tokens += 1
            token = {"access_token": f"t{self.tokens}", "expires_in": 3600}
            return httpx.Response(200, json=token)
        self.requests.append(request)
        early = self.before(request)
        if early is not None:
            return early
        with self.lock:
            response = self._work(request)
        return self.after(request) or response

    @property
    def paths(self) -> list[str]:
        """Last part of every request's path, tokens aside."""
        return [request.url.path.rsplit("/", 1)[-1] for request in self.requests]

    def _work(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sdkmessagefilters"):
            return httpx.Response(200, json={"value": [{"sdkmessagefilterid": "x"}] * self.bulk})
        if request.url.path.endswith("CreateMultiple"):
            return self._create_multiple(request)
        return self._batch(request)

    def _create_multiple(self, request: httpx.Request) -> httpx.Response:
        bodies = json.loads(request.content)["Targets"]
        said = next((said for body in bodies if (said := self.refuse(body))), None)
        keys = [f"({body['widgetid' if 'widgetid' in body else 'ownerid']})" for body in bodies]
        if said:
            return httpx.Response(400, json={"error": {"code": "0x80040203", "message": said}})
        if any(key in self.rows for key in keys):
            body = {"error": {"code": "0x80040237", "message": "matching key values exist"}}
            return httpx.Response(412, json=body)
        for key, body in zip(keys, bodies, strict=True):
            self.put(key, body)
        return httpx.Response(200, json={"Ids": [key[1:-1] for key in keys]})

    def put(self, key: str, values: dict[str, Any]) -> None:
        self.versions[key] = self.versions.get(key, 0) + 1
        self.rows[key] = {**self.rows.get(key, {}), **values}

    def _batch(self, request: httpx.Request) -> httpx.Response:
        document = BytesParser().parsebytes(
            b"Content-Type: "
            + request.headers["Content-Type"].encode()
            + b"\r\n\r\n"
            + request.content
        )
        lines = [f"--b\r\n{self._part(part)}\r\n" for part in document.get_payload()]
        content = "".join(lines) + "--b--\r\n"
        return httpx.Response(
            200, content=content.encode(), headers={"Content-Type": "multipart/mixed; boundary=b"}
        )

    def _part(self, part: Message) -> str:
        return self._change_set(part) if part.is_multipart() else self._single(part)[1]

    def _single(self, part: Message) -> tuple[int, str]:
        status, headers, body = self._inner(part.get_payload(decode=True))
        text = json.dumps(body) if body is not None else ""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return status, (
            "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
            f"{self._content_id(part)}\r\nHTTP/1.1 {status} Said\r\n{head}\r\n{text}\r\n"
        )

    def _content_id(self, part: Message) -> str:
        return f"Content-ID: {part['Content-ID']}\r\n" if self.names_parts else ""

    def _change_set(self, parts: Message) -> str:
        """All or nothing; one answer when it fails."""
        rows, versions = dict(self.rows), dict(self.versions)
        said = []
        for part in parts.get_payload():
            status, text = self._single(part)
            if status >= 400:
                self.rows, self.versions = rows, versions
                return text
            said.append(f"--s\r\n{text}\r\n")
        return f"Content-Type: multipart/mixed; boundary=s\r\n\r\n{''.join(said)}--s--\r\n"

    def _inner(self, raw: bytes) -> tuple[int, dict[str, str], Any]:
        head, _, content = raw.lstrip().partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in rest)
        body = json.loads(content) if content.strip() else {}
        key = url[url.find("(") : url.rfind(")") + 1]
        if self.system == "finops" and method == "POST":
            key = f"(dataAreaId='{body['dataAreaId']}',Number='{body['Number']}')"
        return self._apply(method, key, headers, body)

    def _apply(
        self, method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        if method == "GET":
            return self._get(key)
        refusal = self._refusal(method, key, headers, body)
        if refusal:
            return refusal
        if method == "DELETE":
            del self.rows[key]
            for other in self.moves(key):
                self.put(other, {})
        else:
            self.put(key, body)
        return 201 if method == "POST" else 204, {}, None

    def _get(self, key: str) -> tuple[int, dict[str, str], Any]:
        if key not in self.rows:
            return 404, {}, self._error("gone")
        return 200, {}, {"@odata.etag": f'W/"{self.versions[key]}"', **self.rows[key]}

    def _refusal(
        self, method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any] | None:
        there = key in self.rows
        if (said := self.refuse(body)) is not None:
            return 400, {"REQ_ID": "r-1"}, self._error(said)
        if method == "POST":
            error = self._error("Cannot create a record. The record already exists.")
            return (400, {}, error) if there else None
        if headers.get("If-None-Match") == "*":
            error = self._error("matching key values already exists", "0x80040237")
            return (412, {}, error) if there else None
        if not there:
            return self._missing()
        if headers.get("If-Match") not in ("*", None, f'W/"{self.versions[key]}"'):
            return 412, {}, self._error("RowVersion does not match", "0x80060882")
        return None

    def _missing(self) -> tuple[int, dict[str, str], Any]:
        if self.system == "finops":
            return 400, {}, self._error("No resources were found when selecting for update.")
        return 404, {}, self._error("widget does not exist", "0x80040217")

    def _error(self, message: str, code: str = "0x80040203") -> dict[str, Any]:
        if self.system == "finops":
            inner = {"message": message, "type": "A.B.AxODataWriteException"}
            return {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}
        return {"error": {"code": code, "message": message}}
