"""`p2c report`: what is on the page equals what is in the warehouse, counted another way."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from p2c.config.context import load
from p2c.report.data import Asked, collect
from p2c.report.page import page

from .cli_world import Call
from .keys_world import CANDIDATES, ROOT
from .record_world import FLOW, RECORD_KEY, TARGET
from .report_world import CREDIT, EMPTY, HOSTILE, NOT_WRITTEN, PLAN, WRITES, counted, fill


class Tables(HTMLParser):
    """The rows of each table of a page by its id, the page's text, and its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self.scripts = 0
        self._table, self._inside = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = dict(attrs)["id"] or ""
            self.rows[self._table] = []
        if tag == "tr" and self._table:
            self.rows[self._table].append([])
        if tag in ("th", "td") and self._table:
            self.rows[self._table][-1].append("")
        self.scripts += tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._table = "" if tag == "table" else self._table

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        rows = self.rows.get(self._table)
        if rows and rows[-1]:
            rows[-1][-1] += data.strip() + " "

    def body(self, table: str) -> list[list[str]]:
        return [[cell.strip() for cell in row] for row in self.rows[table][1:]]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture
def staged(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fill(project)
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    return project


def read(project: Path, limit: int = 1000) -> dict[str, Any]:
    return collect(load(project), Asked(limit))


def embedded(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def test_agreement_is_counted_by_entity_and_company(staged: Path) -> None:
    rows = Tables(page(read(staged))).body("agreement-now")
    with duckdb.connect(str(staged / "warehouse.duckdb"), read_only=True) as connection:
        sums = connection.execute(
            "select data_area_id, status, sum(records)::int from quality.reconciliation "
            "where status not in ('out_of_scope', 'gone') and flow = 'accounts' group by all"
        ).fetchall()
    numbers = {(company, status): count for company, status, count in sums}
    names = ("agree", "differ", "only_source", "only_target")
    for company in ("usmf", "demf"):
        (row,) = [row for row in rows if row[:2] == [f"accounts {TARGET}", company]]
        found = [int(cell.replace(",", "")) for cell in row[4:]]
        assert found == [numbers.get((company, name), 0) for name in names]
        assert float(row[3]) == int(found[0] / sum(found) * 1000) / 10


def test_the_totals_leave_out_what_is_out_of_scope(staged: Path) -> None:
    totals = read(staged)["agreement"]["totals"]
    assert totals["all"] == 1400 + 12 + 10 + 2 + 9 + 4 + 3
    assert totals["share"] == 98.0


def test_the_plan_with_changes_is_shown_and_a_newer_one_named(staged: Path) -> None:
    found = read(staged)["plan"]
    assert (found["plan"]["plan_id"], found["newer"], found["total"]) == (PLAN, EMPTY, WRITES)
    counts = {
        (row["flow"], row["operation"], row["status"]): row["records"] for row in found["counts"]
    }
    assert counts == counted("flow", "operation", "status")


def test_a_plan_whose_records_were_pruned_says_so(staged: Path) -> None:
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.writes")
    text = Tables(page(read(staged))).text
    assert f"Its {WRITES} records are not in the ledger any more: they were pruned." in text


def test_of_a_long_plan_the_telling_records_are_on_the_page(staged: Path) -> None:
    html = page(read(staged, limit=20))
    rows = embedded(html)["plan"]["rows"]
    assert len(rows) == 20
    assert {row["key"].rpartition("-")[2] for row in rows} >= {
        str(number) for number in NOT_WRITTEN
    }
    assert {row["operation"] for row in rows if row["status"] == "acknowledged"} == {"update"}
    assert "20 of 130 records" in Tables(html).text
    assert "110 are left out" in Tables(html).text


def test_a_long_plan_makes_no_large_file(staged: Path) -> None:
    """Of 100,000 records more, and of 5,000 more that are rejected."""
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute(
            "insert into ledger.writes by name "
            "select w.* replace (write_id || '-' || n as write_id, record_key || n as record_key) "
            "from ledger.writes as w, range(1020) as t(n) "
            "where operation = 'create' and status = 'acknowledged' order by n limit 100000"
        )
        connection.execute(
            "insert into quality.rejected_records by name "
            "select r.* replace (source_key || n as source_key) "
            "from quality.rejected_records as r, range(5000) as t(n) where code = 'no_currency'"
        )
    html = page(read(staged))
    text = Tables(html).text
    assert "1,000 of 100,130 records" in text
    assert "4,901 more are not on this page: p2c rejects --limit 0 shows them." in text
    assert len(html) < 2_000_000


def test_a_record_has_its_values_exactly_and_its_layers(staged: Path) -> None:
    data = embedded(page(read(staged)))
    (row,) = [row for row in data["plan"]["rows"] if row["key"] == RECORD_KEY]
    assert row["columns"]["OrganizationName"] == ["Old name", "Customer 0"]
    assert row["columns"]["CreditLimit"] == [None, CREDIT]
    assert row["company"] == "usmf"
    assert [data["layers"][at]["table"] for at in row["layers"]] == ["raw_sales.accounts"]


def test_causes_have_what_to_do_since_when_and_how_often(staged: Path) -> None:
    problems = read(staged)["problems"]
    groups = {(group["code"], group["by"]): group for group in problems["groups"]}
    unmapped = groups["no_value_map", "mapping"]
    assert (unmapped["records"], unmapped["message"]) == (2, "Add the country to a seed.")
    assert unmapped["since"].isoformat() == "2026-01-31T00:00:00+00:00"
    assert unmapped["runs"] == 2  # of three one had ended before
    refused = groups["DuplicateRecord", "service"]
    assert (refused["records"], refused["runs"]) == (1, 1)
    # Two by the mapping, though one of them has two reasons, and two by the service.
    assert problems["rejected"] == 4


def test_chains_lead_to_the_record_at_their_end(staged: Path) -> None:
    chain, alone = read(staged)["problems"]["chains"]
    assert chain["root"] == f"{TARGET}/usmf/R-1"
    assert chain["reasons"] == ["Add the country to a seed."]
    ways = {row["record"].rpartition("/")[2]: len(row["way"]) for row in chain["waiting"]}
    assert ways == {"SO-1": 0, "L-1": 1, "L-2": 1}
    assert (alone["root"], [row["record"] for row in alone["waiting"]]) == (
        None,
        [f"{TARGET}/usmf/no-number"],
    )


def test_what_waits_for_a_decision(staged: Path, keys_warehouse: Path, p2c: Call) -> None:
    """Both records side by side, with the words of `p2c keys` that decide."""
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{keys_warehouse}' as k (read_only)")
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'k' and schema_name in ('match', 'keys', 'staging')"
        ).fetchall()
        for (name,) in names:
            connection.execute(f"create or replace table {name} as from k.{name}")
    html = page(read(staged, limit=40))
    text = Tables(html).text
    waiting = sum(row[-1] in ("score", "tie") for row in CANDIDATES)
    assert f"{waiting} pairs to decide" in text
    assert f"{waiting - 4} more are not on this page: p2c keys list --limit 0 shows them." in text
    tables = Tables(html)
    pairs = [tables.body(table) for table in tables.rows if table.startswith("pair-")]
    assert ["name", "Fabrikam", "Fabrikam Inc"] in [row[:3] for rows in pairs for row in rows]
    (words,) = re.findall(r"<code>p2c (keys accept \S+ usmf/US-2)</code>", html)
    shutil.copytree(ROOT / "seeds", staged / "seeds")
    assert p2c(*words.split()).code == 0


def test_runs_and_sources(staged: Path) -> None:
    tables = Tables(page(read(staged)))
    rows = tables.body("run-list")
    assert [row[:6] for row in rows] == [
        ["2026-01-31 11:00", "run", "ok", "600.0", "0", "0"],
        ["2026-01-31 09:58", "run", "partly failed", "600.0", "126", "2"],
        ["2026-01-30 10:00", "run", "failed", "600.0", "0", "0"],
    ]
    shown = ["Seconds: extract 120.5, plan 20.0, write 300.0" in row[6] for row in rows]
    assert shown == [False, True, False]
    reads = {row[0]: row for row in tables.body("reads")}
    assert reads["finops.customers"][3:] == ["full", "560", "2", "1"]
    assert reads["sales.accounts"][3:] == ["changes", "3", "–", "0"]


def test_runs_without_stages_have_no_chart_of_them(staged: Path) -> None:
    """As a ledger of an earlier version has them: nothing is shown, and no zero."""
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute('update ledger.runs set report = \'{"error": "x"}\'')
    html = page(read(staged))
    assert 'id="stages-chart"' not in html
    assert "Seconds:" not in Tables(html).text


def test_what_people_typed_stays_text(staged: Path) -> None:
    html = page(read(staged))
    tables = Tables(html)
    assert tables.scripts == 3  # the data, the charts and the page's own
    assert HOSTILE in " ".join(tables.texts)
    assert "<img src=x" not in html
    assert any(
        HOSTILE in row["columns"]["OrganizationName"] for row in embedded(html)["plan"]["rows"]
    )


def test_limits_broken_and_a_build_in_part_are_said(staged: Path) -> None:
    assert (
        "Limit broken: accounts, usmf: 10 of 419 records differ." in Tables(page(read(staged))).text
    )
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.marks")
    assert "The last build did not come to its end" in Tables(page(read(staged))).text


def test_redacted_pages_hold_no_key_and_no_value(staged: Path, p2c: Call) -> None:
    assert p2c("report", "--redact", "--out", "first.html").code == 0
    assert p2c("report", "--redact", "--out", "second.html").code == 0
    first, second = ((staged / name).read_text() for name in ("first.html", "second.html"))
    for held in (
        "ACC-7",
        "Customer 5",
        "1234567890123456",
        "Atlantis",
        "R-1",
        "says no",
        RECORD_KEY,
    ):
        assert held not in first
    keys = [[row["key"] for row in embedded(html)["plan"]["rows"]] for html in (first, second)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == WRITES
    assert embedded(first)["plan"]["rows"][0]["flow"] in (FLOW, "contacts_to_customers")
    assert (staged / ".p2c/redact.key").stat().st_mode & 0o777 == 0o600
