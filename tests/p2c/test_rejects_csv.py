"""`p2c rejects --csv`: a file that a spreadsheet opens, on a small warehouse made by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pytest

from p2c.lookup.rejects_file import COLUMNS
from tests.p2c.cli_world import Call, Result, World

ID, GONE = "11111111-2222-5333-8444-555555555555", "99999999-2222-5333-8444-555555555555"
TABLES = f"""
create schema quality; create schema ledger; create schema raw_sales;
create table quality.rejected_records as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf/{ID}', 'usmf/A-1', 'no_value_map', 'country', '=1+1',
   'The country =1+1 is not in the seed value_map_countries: add a row for it.'),
  ('accounts', 'finops.CustomersV2', 'usmf/{GONE}', null, 'no_number', 'number', null,
   'The account has no number: give it one in Sales.'),
  ('products', 'sales.products', 'P-1', '-P-1', 'no_value_map', 'unit', 'xx', 'Map: it: add one.')
) t(flow, target, source_key, record_key, code, column_name, value, message);
create table quality.record_names as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf/{ID}', 'usmf/A-1', '{ID}', '@Çelik; "Söhne"', null, false),
  ('accounts', 'finops.CustomersV2', 'usmf/{GONE}', null, '{GONE}', 'Gone', null, false),
  ('products', 'sales.products', 'P-1', 'P-1', '{GONE}', null, 'Held', true)
) t(flow, target, source_key, record_key, sales_id, name, held_name, is_there);
create table quality.record_standings as select * from (values
  ('accounts', 'finops.CustomersV2', 'usmf/{ID}', timestamptz '2026-01-02 23:30:00-02')
) t(flow, target, source_key, since);
create table ledger.runs as select * from (values
  ('r1', 'run', timestamptz '2026-01-02 10:00:00Z'), ('r2', 'run', timestamptz '2026-01-03 10:00:00Z'),
  ('r3', 'run', timestamptz '2026-01-04 10:00:00Z'), ('p1', 'plan', timestamptz '2026-01-04 11:00:00Z')
) t(run_id, command, finished_at);
create table ledger.plans as select 'p' as plan_id, '["accounts"]' as flows, 'changes' as kind,
  timestamptz '2026-01-03 09:00:00Z' as created_at, timestamptz '2026-01-03 09:01:00Z' as apply_started_at;
create table ledger.writes as select 'w' as write_id, 'p' as plan_id, 'accounts' as flow,
  'finops' as system, 'CustomersV2' as entity_set, 'usmf/A-9' as record_key, 'usmf/x' as source_key,
  'quarantined' as status, 'BadRequest' as error_code, 'The field: too long.' as error_message,
  '[]' as parents, timestamptz '2026-01-03 09:00:00Z' as planned_at;
create table raw_sales.accounts as select * from (values
  ('{ID}', null::timestamptz), ('{GONE}', timestamptz '2026-01-01 00:00:00Z')
) t(accountid, deleted_at);
"""  # noqa: E501


@pytest.fixture
def staged(project: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCES__SALES__URL", "https://contoso.crm4.dynamics.com/")
    with duckdb.connect(str(project / "warehouse.duckdb")) as db:
        db.execute(TABLES)
    return project


def rows(data: bytes, separator: str = ",") -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return list(reader)


def written(p2c: Call, file: Path, *words: str) -> list[dict[str, str]]:
    result: Result = p2c("rejects", "--csv", str(file), *words)
    assert (result.code, result.err) == (0, "")
    return rows(file.read_bytes())


def test_a_line_says_what_a_person_asks(staged: Path, p2c: Call, tmp_path: Path) -> None:
    found = {row["record"]: row for row in written(p2c, tmp_path / "r.csv")}
    one = found["usmf/A-1"]
    assert one["name"] == '\'@Çelik; "Söhne"'  # no formula
    assert one["value"] == "'=1+1"
    assert one["reason"].startswith("The country =1+1 is not in")
    assert one["what_to_do"] == "Add a row for it. Then `p2c run`."
    assert one["first_seen_utc"] == "2026-01-03 01:30:00"
    assert one["runs"] == "2"  # r2 and r3; a plan is no run
    assert one["link"] == (
        "https://contoso.crm4.dynamics.com/main.aspx?etn=account&pagetype=entityrecord"
        f"&id=%7B{ID}%7D"
    )


def test_what_is_not_known_is_empty(staged: Path, p2c: Call, tmp_path: Path) -> None:
    found = {row["record"]: row for row in written(p2c, tmp_path / "r.csv")}
    gone = found[f"usmf/{GONE}"]
    assert (gone["link"], gone["first_seen_utc"], gone["runs"]) == ("", "", "")  # deleted in Sales
    product = found["'-P-1"]
    assert (product["link"], product["name"]) == ("", "Held")


def test_what_a_service_refused_says_how_it_is_tried_again(
    staged: Path, p2c: Call, tmp_path: Path
) -> None:
    found = {row["record"]: row for row in written(p2c, tmp_path / "r.csv")}
    refused = found["usmf/A-9"]
    assert (refused["by"], refused["code"]) == ("service", "BadRequest")
    assert refused["what_to_do"] == "Correct it, then `p2c retry --quarantined`."
    assert (refused["first_seen_utc"], refused["runs"]) == ("2026-01-03 09:00:00", "1")


def test_one_flow_another_separator_and_a_file_in_place_of_the_last(
    staged: Path, p2c: Call, tmp_path: Path
) -> None:
    file = tmp_path / "r.csv"
    file.write_text("the last one")
    assert p2c("rejects", "--csv", str(file), "--separator", "semicolon").code == 0
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfflow;target;")
    assert data.count(b"\r\n") == data.count(b"\n") == 5
    assert {row["flow"] for row in rows(data, ";")} == {"accounts", "products"}
    assert {row["flow"] for row in written(p2c, file, "--flow", "accounts")} == {"accounts"}
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.glob(".r.csv*")] == []


def test_without_a_file_it_goes_to_stdout_and_nothing_else_does(staged: Path, p2c: Call) -> None:
    result = p2c("rejects", "--csv")
    assert len(rows(result.out.encode())) == 4
    assert result.err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["r.csv"], "a file is written with --csv"),
        (["--csv", "--json"], "give one of them"),
        (["--csv", "nowhere/r.csv"], "There is no folder"),
        (["--csv", "seeds/r.csv"], "in the folder of the seeds"),
    ],
)
def test_where_it_cannot_go(
    staged: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(staged)
    result = p2c("rejects", *words)
    assert result.code in (1, 2)
    assert message in result.err + result.out
    assert not list(staged.rglob("r.csv"))


def test_no_address_no_link(
    staged: Path, p2c: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SALES__URL", "")
    assert {row["link"] for row in written(p2c, tmp_path / "r.csv")} == {""}


def test_nothing_is_rejected(staged: Path, p2c: Call, tmp_path: Path) -> None:
    with duckdb.connect(str(staged / "warehouse.duckdb")) as db:
        db.execute("delete from quality.rejected_records; delete from ledger.writes")
    assert written(p2c, tmp_path / "r.csv") == []
