"""`p2c reconcile` on a small warehouse made by hand: counts, reasons, limits, earlier runs."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from loaders import Ledger, RunReport
from p2c.config.context import load
from p2c.lookup import reconciliation
from p2c.run.current import Run
from p2c.screen import reconcile_text
from p2c.screen.output import Output

from .cli_world import Call, World

TABLES = """
create schema quality; create schema ledger;
create table quality.reconciliation as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'agree', 'equal', 400, 400, 400, null),
  ('accounts', 'finops.CustomersV2', 'usmf', 'differ', 'kept', 10, 10, 10, timestamptz '2026-01-03 08:00:00Z'),
  ('accounts', 'finops.CustomersV2', 'demf', 'differ', 'kept', 2, 2, 2, timestamptz '2026-01-02 07:30:00Z'),
  ('accounts', 'finops.CustomersV2', 'usmf', 'only_source', 'rejected', 9, 9, 0, timestamptz '2026-01-03 08:00:00Z'),
  ('accounts', 'finops.CustomersV2', 'demf', 'only_source', 'to_review', 4, 4, 0, timestamptz '2026-01-03 08:00:00Z'),
  ('contacts_to_customers, accounts', 'finops.CustomersV2', 'usmf', 'only_target', 'unmatched', 3, 0, 3, timestamptz '2026-01-01 06:00:00Z'),
  ('products', 'sales.products', null, 'agree', 'equal', 12, 12, 12, null),
  ('products', 'sales.products', null, 'out_of_scope', 'filtered', 5, 5, 1, null)
) t(flow, target, data_area_id, status, reason, records, source_records, target_records, oldest_since);
create table quality.reconciliation_columns as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'SiteId', 401, 9), ('accounts', 'finops.CustomersV2', 'usmf', 'Name', 410, 0)
) t(flow, target, data_area_id, column_name, agree, differ);
create table quality.reconciliation_breaches as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf', 'differ', 10, 419, '1%', 'accounts, usmf: 10 of 419 records differ.')
) t(flow, target, data_area_id, status, records, of_all, at_most, message);
create table ledger.marks (name varchar primary key, value varchar, noted_at timestamptz);
insert into ledger.marks values ('built', 'v', '2026-01-05 09:15:00Z');
create table ledger.reconciliation as select * from (values
  ('run-1', timestamptz '2026-01-04 09:00:00Z', 'accounts', 'agree', 300),
  ('run-1', timestamptz '2026-01-04 09:00:00Z', 'accounts', 'differ', 20),
  ('run-1', timestamptz '2026-01-04 09:00:00Z', 'products', 'agree', 11),
  ('run-2', timestamptz '2026-01-05 09:00:00Z', 'accounts', 'agree', 390)
) t(run_id, noted_at, flow, status, records);
"""  # fmt: skip  # noqa: E501


@pytest.fixture
def built(project: Path) -> Path:
    with duckdb.connect(str(project / "warehouse.duckdb")) as connection:
        connection.execute(TABLES)
    return project


@pytest.fixture
def staged(built: Path, world: World) -> Path:
    return built


def text(found: dict[str, object], width: int) -> list[str]:
    file = StringIO()
    Console(width=width, color_system=None, file=file).print(*reconcile_text.reconcile_text(found))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_counts_stand_by_flow_and_company_in_80_columns(staged: Path) -> None:
    lines = text(reconciliation.read(load(staged), [], 2), 80)
    assert [line for line in lines if len(line) > 80] == []
    [row] = [line.split() for line in lines if line.split()[:2] == ["CustomersV2", "demf"]]
    assert row == ["CustomersV2", "demf", "·", "2", "4", "·"]
    summary = "412 agree, 12 differ, 13 only at the source, 3 only in the target. As of 2026-01-05"
    assert summary in " ".join(lines)


def test_each_reason_has_since_when_and_the_next_step(staged: Path) -> None:
    output = " ".join(" ".join(text(reconciliation.read(load(staged), [], 0), 500)).split())
    kept = "accounts: 12 differ, kept as the target has them (demf 2, usmf 10)"
    assert f"{kept}, since 2026-01-02 07:30: look at quality.drift" in output
    assert "rejected (usmf 9), since 2026-01-03 08:00: p2c rejects --select accounts" in output
    assert "4 only at the source, waiting for your decision on a candidate (demf 4)" in output
    assert "p2c keys list" in output
    assert "p2c unmatched --select accounts" in output
    assert "accounts (CustomersV2, usmf): SiteId 9 of 410" in output


def test_what_only_the_target_has_belongs_to_every_flow_that_writes_it(
    staged: Path, p2c: Call
) -> None:
    found = p2c("reconcile", "--select", "accounts", "--json", "--history", "5")
    assert found.code == 0
    assert {row["reason"] for row in found.data["records"]} == {
        "equal", "kept", "rejected", "to_review", "unmatched",
    }  # fmt: skip
    assert [(run["run_id"], run["agree"], run["differ"]) for run in found.data["history"]] == [
        ("run-2", 390, 0),
        ("run-1", 300, 20),
    ]
    assert found.data["built_at"] == "2026-01-05T09:15:00+00:00"


def test_a_broken_limit_is_an_error_only_when_asked_for(staged: Path, p2c: Call) -> None:
    assert p2c("reconcile").code == 0
    checked = p2c("reconcile", "--check")
    assert checked.code == 1
    assert "Limit broken: accounts, usmf: 10 of 419 records differ." in checked.err
    assert p2c("reconcile", "--check", "--json").code == 1
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute("delete from quality.reconciliation_breaches")
    assert p2c("reconcile", "--check").code == 0


def test_history_before_the_first_run_is_empty(staged: Path, p2c: Call) -> None:
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute("drop table ledger.reconciliation")
    assert p2c("reconcile", "--history", "3", "--json").data["history"] == []


def test_before_the_first_build_it_says_what_to_run(project: Path, world: World, p2c: Call) -> None:
    found = p2c("reconcile")
    assert found.code == 1
    assert "run `p2c run` first" in found.err


@pytest.mark.parametrize(
    ("kind", "status", "runs"), [("changes", None, 1), ("changes", "planned", 0), ("undo", None, 0)]
)
def test_a_run_keeps_how_records_stood_and_a_plan_does_not(
    built: Path, kind: str, status: str | None, runs: int
) -> None:
    context = load(built)
    with Ledger.open(context.path("state_dir")) as ledger:
        run = Run(context, Output(), ledger, ledger.start_run("run"))
        run.finish(RunReport(run.run_id, "ok", 1.0, 0, (), kind=kind), status)
        kept = ledger.connection.execute(
            "select count(distinct run_id), sum(records) from reconciliation"
        ).fetchone()
    assert tuple(kept) == (runs, 445 if runs else None)


def test_json_is_what_the_page_lists(staged: Path, p2c: Call) -> None:
    found = json.loads(p2c("reconcile", "--json", "--history", "1").out)
    assert set(found) == {"built_at", "records", "columns", "breaches", "history"}
