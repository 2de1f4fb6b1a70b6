"""A small warehouse with everything that `p2c report` shows, made by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from loaders.ledger import schema

from .record_world import COMPARE, FLOW, RECORD_KEY, SCHEMAS, SOURCE_KEY, TARGET

# What a person may have typed: it must stay text wherever it is shown.
HOSTILE = """</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;"""
BUILT = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
PLAN, EMPTY = "plan-20260131-100500-aaaaaa", "plan-20260131-110500-bbbbbb"
# Status and error of the plan's records by their number; the others are acknowledged.
NOT_WRITTEN = {
    7: ("rejected", "DuplicateRecord"),
    11: ("failed", "Timeout"),
    12: ("stale", None),
    40: ("blocked", None),
}
WRITES = 130
STAGES = {"extract": 120.5, "plan": 20.0, "write": 300.0}
# More digits than a float has.
CREDIT = "1234567890123456.7800"
TABLES = """
create schema raw_finops;
create table quality.reconciliation as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'agree', 'equal', 1400, 1400, 1400, null::timestamptz),
  ('accounts', 'finops.CustomersV2', 'usmf', 'differ', 'kept', 10, 10, 10, timestamptz '2026-01-03 08:00:00Z'),
  ('accounts', 'finops.CustomersV2', 'demf', 'differ', 'kept', 2, 2, 2, timestamptz '2026-01-02 07:30:00Z'),
  ('accounts', 'finops.CustomersV2', 'usmf', 'only_source', 'rejected', 9, 9, 0, timestamptz '2026-01-03 08:00:00Z'),
  ('accounts', 'finops.CustomersV2', 'demf', 'only_source', 'to_review', 4, 4, 0, timestamptz '2026-01-03 08:00:00Z'),
  ('contacts_to_customers, accounts', 'finops.CustomersV2', 'usmf', 'only_target', 'unmatched', 3, 0, 3, timestamptz '2026-01-01 06:00:00Z'),
  ('products', 'sales.products', null, 'agree', 'equal', 12, 12, 12, null),
  ('products', 'sales.products', null, 'out_of_scope', 'filtered', 5, 5, 1, null)
) t(flow, target, data_area_id, status, reason, records, source_records, target_records, oldest_since);
create table quality.reconciliation_columns as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'SiteId', 401, 9)
) t(flow, target, data_area_id, column_name, agree, differ);
create table quality.reconciliation_breaches as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'differ', 10, 419, '1%', 'accounts, usmf: 10 of 419 records differ.')
) t(flow, target, data_area_id, status, records, of_all, at_most, message);
create table quality.record_standings (flow varchar, target varchar, source_key varchar, since timestamptz);
create table if not exists ledger.marks (name varchar, value varchar, noted_at timestamptz);
create table raw_sales.reads as select * from (values
  ('accounts', 'changes', 3, 0, timestamptz '2026-01-31 09:58:00Z', timestamptz '2026-01-31 09:59:00Z'),
  ('accounts', 'full', 500, 0, timestamptz '2026-01-30 09:58:00Z', timestamptz '2026-01-30 09:59:00Z')
) t(table_name, mode, rows, deletions, started_at, finished_at);
create table raw_finops.reads as select * from (values
  ('customers', 'full', 560, 1, 2, timestamptz '2026-01-31 09:57:00Z', timestamptz '2026-01-31 09:57:30Z')
) t(table_name, mode, rows, deletions, landed, started_at, finished_at);
"""  # fmt: skip  # noqa: E501


FILLED: list[bytes] = []


class Warehouse:
    """Rows go in through one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def insert(self, table: str, **values: object) -> None:
        """One row; columns not given are null."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", [*values.values()]
        )


def fill(project: Path) -> None:
    """Put all of it into warehouse.duckdb of a project; the file is made once a process."""
    path = project / "warehouse.duckdb"
    if not FILLED:
        with duckdb.connect(str(path)) as connection:
            connection.execute("begin")
            _fill(Warehouse(connection))
            connection.execute("commit")
        FILLED.append(path.read_bytes())
    path.write_bytes(FILLED[0])


def _fill(warehouse: Warehouse) -> None:
    for name in SCHEMAS:
        warehouse.connection.execute(f"create schema {name}")
    for table in schema.TABLES:
        warehouse.connection.execute(";".join(schema.duckdb_statements(table)))
    warehouse.connection.execute(COMPARE + TABLES)
    warehouse.insert("ledger.marks", name="built", value="v", noted_at=BUILT)
    _runs(warehouse)
    _timeline(warehouse)
    _plans(warehouse)
    _rejected(warehouse)


def at(minutes: float) -> datetime:
    """So many minutes after the build."""
    return BUILT + timedelta(minutes=minutes)


def writes() -> Iterator[dict[str, Any]]:
    """The plan's records: updates first, then creates, some of them not written."""
    for number in range(WRITES):
        is_update = number < 30
        company = ("usmf", "demf")[number % 2]
        status, error = NOT_WRITTEN.get(number, ("acknowledged", None))
        name = HOSTILE if number == 3 else f"Customer {number}"
        yield {
            "write_id": f"{PLAN}-{number:06}", "plan_id": PLAN, "run_id": "run-2",
            "flow": FLOW if number % 3 else "contacts_to_customers", "system": "finops",
            "entity_set": "CustomersV2", "operation": "update" if is_update else "create",
            "record_key": f"{company}/ACC-{number}" if number else RECORD_KEY,
            "source_key": f"{company}/id-{number}" if number else SOURCE_KEY,
            "key_values": json.dumps({"dataAreaId": company.upper()}),
            "before": json.dumps({"OrganizationName": "Old name"}) if is_update else None,
            "after": f'{{"OrganizationName": {json.dumps(name)}, "CreditLimit": {CREDIT}}}',
            "status": status, "attempts": 0 if status == "blocked" else 1,
            "http_status": 204 if status == "acknowledged" else 400, "error_code": error,
            "error_message": f"The service says no to {number}." if error else None,
            "planned_at": at(5), "sent_at": None if status == "blocked" else at(6),
            "finished_at": at(7),
        }  # fmt: skip


def counted(*names: str) -> Counter[tuple[Any, ...]]:
    """How many of the plan's records have each combination of values."""
    return Counter(tuple(row[name] for name in names) for row in writes())


@contextmanager
def held_by_another(warehouse: Path) -> Iterator[None]:
    """Another process has the warehouse open for writing, as a run has."""
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    command = [sys.executable, "-c", code, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        yield
        other.stdin.write(b"\n")


def _runs(warehouse: Warehouse) -> None:
    flow = {"flow": FLOW, "target": TARGET, "source_rows": 560, "written": 126, "failed": 2}
    counts = {"flows": [flow | {"rejected": 3}], "plan_id": PLAN, "kind": "changes"}
    report = json.dumps(counts | {"stages": STAGES})
    for number, (minutes, status, writes, text) in enumerate(
        [
            (-1440, "failed", 0, json.dumps({"error": "Sales does not answer."})),
            (-2, "partial", 126, report),
            (60, "ok", 0, None),
        ],
        1,
    ):
        warehouse.insert(
            "ledger.runs", run_id=f"run-{number}", command="run", status=status,
            started_at=at(minutes), finished_at=at(minutes + 10), seconds=600.0, writes=writes,
            report=text,
        )  # fmt: skip


def _timeline(warehouse: Warehouse) -> None:
    for run, agree in (("run-1", 300), ("run-2", 1390)):
        for status, count in (("agree", agree), ("differ", 20)):
            warehouse.insert(
                "ledger.reconciliation", entry_id=f"{run}-{status}", run_id=run, flow=FLOW,
                noted_at=at(-1440 if run == "run-1" else 0), target=TARGET, data_area_id="usmf",
                status=status, reason="equal", records=count,
            )  # fmt: skip


def _plans(warehouse: Warehouse) -> None:
    for plan, minutes, changes in ((PLAN, 5, WRITES), (EMPTY, 65, 0)):
        warehouse.insert(
            "ledger.plans", plan_id=plan, run_id="run-2", kind="changes", status="applied",
            created_at=at(minutes), apply_started_at=at(minutes), finished_at=at(minutes + 2),
            flows=json.dumps([FLOW] if changes else ["products"]), changes=changes,
        )  # fmt: skip
    for row in writes():
        warehouse.insert("ledger.writes", **row)
    warehouse.insert("raw_sales.accounts", accountid=SOURCE_KEY.partition("/")[2], name=HOSTILE)


def _rejected(warehouse: Warehouse) -> None:
    """Two records without a country, one of them with two reasons; a line of three that wait."""
    for number, codes in ((1, ["no_value_map"]), (2, ["no_value_map", "no_currency"])):
        key = f"usmf/rejected-{number}"
        for code in codes:
            missing = "the country" if code == "no_value_map" else "a currency"
            warehouse.insert(
                "quality.rejected_records", flow=FLOW, target=TARGET, source_key=key,
                record_key=f"usmf/R-{number}", code=code,
                column_name="address1_country", value=HOSTILE if number == 1 else "Atlantis",
                message=f"Add {missing} to a seed.",
            )  # fmt: skip
        warehouse.insert(
            "quality.record_standings", flow=FLOW, target=TARGET, source_key=key, since=at(-600)
        )
    chain = [(None, "R-1", "rejected"), ("R-1", "SO-1", "blocked"), ("SO-1", "L-1", "blocked"),
             ("SO-1", "L-2", "blocked"), (None, "no-number", "blocked")]  # fmt: skip
    for parent, key, fate in chain:
        parents = [f"{TARGET}/usmf/{parent}"] if parent else []
        warehouse.insert(
            "compare.compare_finops__customers", flow=FLOW, target=TARGET, source_key=f"usmf/{key}",
            record_key=None if key == "no-number" else f"usmf/{key}", fate=fate,
            detail=f"waits for {parent}" if parent else None,
            parents=json.dumps(parents),
        )  # fmt: skip
