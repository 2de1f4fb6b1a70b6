from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dlt
import pytest

from pipelines.common import loading
from pipelines.common.errors import (
    AccessDenied,
    AuthenticationFailed,
    CountMismatch,
    ExtractError,
    LoadFailed,
    MissingSetting,
    ServiceRefused,
    ServiceUnavailable,
    UnexpectedValue,
    UnknownColumn,
    UnknownTable,
    UnknownTableName,
    WarehouseBusy,
    WarehouseUnusable,
)
from pipelines.common.report import ExtractStep
from pipelines.run import FinopsConnection, SalesConnection, check

from .conftest import BOTH, Warehouse, account, fill
from .service import Fake

NOWHERE = "http://127.0.0.1:9"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _wrong_secret(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    return fake.sales, replace(fake.finops, client_secret="wrong")


def _missing_secret(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    return fake.sales, replace(fake.finops, client_secret="")


def _service_down(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    return fake.sales, replace(fake.finops, url=NOWHERE, token_url=f"{fake.sales.token_url}")


def _login_down(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    return replace(fake.sales, token_url=f"{NOWHERE}/token"), fake.finops


def _busy(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    fake.busy = 1000
    return fake.sales, fake.finops


def _miscounting(fake: Fake) -> tuple[SalesConnection, FinopsConnection]:
    fake.miscount = 1
    return fake.sales, fake.finops


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (_wrong_secret, AuthenticationFailed, "AADSTS7000215: Invalid client secret provided."),
        (_missing_secret, MissingSetting, "SOURCES__FINOPS__CLIENT_SECRET"),
        (_service_down, ServiceUnavailable, "F&O does not answer at http://127.0.0.1:9"),
        (_login_down, ServiceUnavailable, "Sales does not answer at http://127.0.0.1:9/token"),
        (_busy, ServiceUnavailable, "HTTP 503"),
        (_miscounting, CountMismatch, ", twice: nothing was loaded"),
    ],
)
def test_a_fault_leaves_the_warehouse_as_it_was(
    fake: Fake, filled: Warehouse, fault: object, error: type[ExtractError], words: str
) -> None:
    account(fake, 99, "New")
    before = _digest(filled.path)
    with pytest.raises(error) as raised:
        filled.extract(*fault(fake), tables=BOTH, full=True)  # type: ignore[operator]
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "wrong" not in str(raised.value)
    assert _digest(filled.path) == before


def test_a_fault_creates_no_warehouse(fake: Fake, warehouse: Warehouse) -> None:
    with pytest.raises(AuthenticationFailed):
        warehouse.extract(*_wrong_secret(fake), tables=BOTH)
    assert not warehouse.path.exists()


def test_after_a_fault_the_next_run_catches_up(fake: Fake, filled: Warehouse) -> None:
    account(fake, 99, "New")
    fake.put("CustomersV2", dataAreaId="usmf", CustomerAccount="2", CreditLimit="many")
    with pytest.raises(UnexpectedValue):
        filled.extract(fake.sales, fake.finops, tables=BOTH)
    fake.put("CustomersV2", dataAreaId="usmf", CustomerAccount="2", CreditLimit=5)
    report = filled.extract(fake.sales, fake.finops, tables=BOTH)
    assert report.notes == ("sales: what an earlier run had read was loaded first",)
    assert filled.query("select count(*) from raw_sales.accounts") == [(26,)]
    assert filled.query("select count(*) from raw_finops.customers") == [(2,)]


def test_check_changes_nothing_and_says_what_is_wrong(fake: Fake) -> None:
    check([fake.sales, fake.finops])
    assert fake.scopes == {f"{fake.url}/.default"}
    with pytest.raises(AuthenticationFailed):
        check(_wrong_secret(fake))


FINOPS_ERROR = """{"error": {"code": "", "message": "An error has occurred.", "innererror": {
    "message": "Outer.", "internalexception": {"message": "User is not authorized."}}}}"""


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (403, FINOPS_ERROR, AccessDenied, "read customers (HTTP 403: User is not authorized.)"),
        (400, FINOPS_ERROR, ServiceRefused, "refused to read customers (400): User is not"),
        (502, "<html>Bad gateway</html>", ServiceUnavailable, "(HTTP 502)"),
        (429, "", ServiceUnavailable, "(HTTP 429)"),
    ],
)
def test_a_refusal_is_told_in_the_service_s_own_words(
    fake: Fake, status: int, body: str, error: type[ExtractError], words: str
) -> None:
    fake.answer = (status, body)
    with pytest.raises(error) as raised:
        check([fake.finops])
    assert words in str(raised.value)


def test_an_answer_that_is_not_json_is_no_answer(fake: Fake, warehouse: Warehouse) -> None:
    fake.answer = (200, "<html>Sign in</html>")
    with pytest.raises(ServiceUnavailable, match="its answer is not JSON"):
        warehouse.one(fake.sales, "uoms")


def test_a_file_that_is_no_warehouse_is_left_alone(fake: Fake, warehouse: Warehouse) -> None:
    warehouse.path.write_text("not a database" * 1000)
    before = _digest(warehouse.path)
    with pytest.raises(WarehouseUnusable, match="move it away"):
        warehouse.one(fake.sales, "uoms")
    assert _digest(warehouse.path) == before


def test_a_busy_service_is_waited_for(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.busy = 1
    assert warehouse.one(fake.sales, "uoms").rows == 1


def test_a_revoked_token_is_renewed_once(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    warehouse.one(fake.sales, "uoms")
    fake.revoke_after = 2
    assert warehouse.one(fake.sales, "uoms").mode == "delta"


def test_a_token_is_renewed_before_its_end(fake: Fake, warehouse: Warehouse) -> None:
    fake.lives = 0
    warehouse.one(fake.sales, "uoms")
    asked = fake.asked["token"]
    fake.lives = 3599
    warehouse.one(fake.sales, "uoms")
    assert (asked > 2, fake.asked["token"] - asked) == (True, 2)  # a look, then the read


@pytest.mark.parametrize("columns", [("name",), ("name", "fax", "_ownerid_value")])
def test_missing_columns_stop_the_run_and_all_are_named(
    fake: Fake, filled: Warehouse, columns: tuple[str, ...]
) -> None:
    fake.absent["accounts"] = set(columns)
    before = _digest(filled.path)
    with pytest.raises(UnknownColumn) as error:
        filled.extract(fake.sales, fake.finops, tables=BOTH, full=True)
    assert set(error.value.columns) == {
        column.strip("_").removesuffix("_value") for column in columns
    }
    assert "in accounts" in str(error.value)
    assert "on_missing_column" in str(error.value)
    assert _digest(filled.path) == before


def test_missing_columns_leave_their_table_and_the_rest_goes_on(
    fake: Fake, filled: Warehouse
) -> None:
    fake.absent["accounts"] = {"name", "fax"}
    fake.put("uoms", uomid="v", name="crate")
    report = filled.extract(fake.sales, fake.finops, tables=BOTH, on_missing_column="continue")
    (skipped,) = report.skipped
    assert (skipped.table, skipped.mode, skipped.missing_columns) == (
        "accounts", "skipped", ("name", "fax"),
    )  # fmt: skip
    assert "Sales has no column 'name', 'fax' in accounts" in skipped.warnings[0]
    alive = "select count(name) from raw_sales.accounts where deleted_at is null"
    assert filled.query(alive) == [(25,)]
    assert filled.query("select count(*) from raw_sales.uoms") == [(2,)]
    assert filled.query(
        "select mode, missing_columns from raw_sales.reads where table_name = 'accounts' "
        "order by load_id desc limit 1"
    ) == [("skipped", "name,fax")]


def test_after_a_skipped_table_its_delta_goes_on_where_it_was(
    fake: Fake, filled: Warehouse
) -> None:
    fake.absent["accounts"] = {"name"}
    account(fake, 99, "New")
    filled.one(fake.sales, "accounts", on_missing_column="continue")
    fake.absent.clear()
    report = filled.one(fake.sales, "accounts")
    assert (report.mode, report.rows) == ("delta", 1)


def test_a_missing_table_is_the_same_kind_of_error(fake: Fake, warehouse: Warehouse) -> None:
    fake.gone.add("uoms")
    with pytest.raises(UnknownTable, match="Sales has no table uoms"):
        warehouse.one(fake.sales, "uoms")
    report = warehouse.one(fake.sales, "uoms", on_missing_column="continue")
    assert report.missing_columns == ("*",)
    assert warehouse.query("select count(*) from raw_sales.uoms") == [(0,)]


def test_a_column_left_out_without_a_word_is_missing_too(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.silent = {"quantity"}
    with pytest.raises(UnknownColumn) as error:
        warehouse.one(fake.sales, "uoms")
    assert error.value.columns == ("quantity",)


def test_a_table_nobody_declared_is_refused(fake: Fake, warehouse: Warehouse) -> None:
    with pytest.raises(UnknownTableName, match="No table 'acounts' is declared; there are acc"):
        warehouse.extract(fake.sales, tables={"acounts"})


def test_a_crash_between_reading_and_loading_loses_nothing(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(fake, 99, "New")
    fake.remove("accounts", "id07")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts")
    told: list[ExtractStep] = []
    report = filled.extract(fake.sales, tables={"accounts"}, progress=told.append)
    assert report.notes == ("sales: what an earlier run had read was loaded first",)
    assert ExtractStep("note", "sales", message=report.notes[0]) in told
    assert report.tables[0].rows == 0  # the delta after the one that was kept
    alive = "select accountid from raw_sales.accounts where deleted_at is null order by all"
    found = [row[0] for row in filled.query(alive)]
    assert len(found) == 25
    assert "id99" in found
    assert "id07" not in found


KILLED = """
import os, sys
from pathlib import Path
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from pipelines.run import SalesConnection, extract

copy = DuckDbCopyJob.run

def copy_and_die(job):
    copy(job)
    if "accounts" in job._file_path:
        os._exit(9)

DuckDbCopyJob.run = copy_and_die
url, warehouse, state = sys.argv[1:]
connection = SalesConnection(url, url + "/t/oauth2/v2.0/token", "app", "right")
extract([connection], Path(warehouse), Path(state), tables={"accounts", "uoms"})
"""


def test_a_process_killed_while_loading_loses_and_doubles_nothing(
    fake: Fake, warehouse: Warehouse
) -> None:
    fill(fake)
    program = [sys.executable, "-c", KILLED, fake.url, str(warehouse.path), str(warehouse.state)]
    root = Path(__file__).parents[2]
    assert subprocess.run(program, check=False, cwd=root, capture_output=True).returncode == 9
    report = warehouse.extract(fake.sales, tables={"accounts", "uoms"})
    assert report.notes == (
        "sales: an earlier run stopped while loading; everything is read again",
    )
    assert {table.mode for table in report.tables} == {"full"}
    for table, rows in (("accounts", 25), ("uoms", 1), ("reads", 2)):
        assert warehouse.query(f"select count(*) from raw_sales.{table}") == [(rows,)]


def test_a_crash_before_deletions_are_marked_is_made_good(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.remove("accounts", "id07")
    fake.remove("CustomersV2", "usmf/1")
    for system, table in ((fake.sales, "accounts"), (fake.finops, "customers")):
        with monkeypatch.context() as patch:
            patch.setattr(loading, "load", _load_and_crash)
            with pytest.raises(KeyboardInterrupt):
                filled.one(system, table)
    filled.extract(fake.sales, fake.finops, tables={"uoms", "cds_contact_persons"})
    dead = "select count(*) from {} where deleted_at is not null"
    for table in ("raw_sales.accounts", "raw_finops.customers"):
        assert filled.query(dead.format(table)) == [(1,)]


def test_a_package_that_cannot_be_loaded_is_dropped_and_read_again(
    fake: Fake, filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(fake, 99, "New")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", _crash)
        with pytest.raises(KeyboardInterrupt):
            filled.one(fake.sales, "accounts")
    original, calls = loading.load, []

    def fails_first(pipeline: dlt.Pipeline) -> None:
        calls.append(pipeline)
        if len(calls) == 1:
            raise LoadFailed("sales", "loading", "broken file")
        original(pipeline)

    monkeypatch.setattr(loading, "load", fails_first)
    report = filled.extract(fake.sales, tables={"accounts"})
    assert "could not be loaded (broken file); everything is read again" in report.notes[0]
    assert (report.tables[0].mode, report.tables[0].rows) == ("full", 26)


def test_a_warehouse_in_use_is_named_with_its_holder(fake: Fake, filled: Warehouse) -> None:
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held'); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(filled.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        asked = sum(fake.asked.values())
        with pytest.raises(WarehouseBusy, match=f"process {holder.pid} holds it"):
            filled.one(fake.sales, "accounts")
        assert sum(fake.asked.values()) == asked
        holder.communicate("\n")


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def _load_and_crash(pipeline: dlt.Pipeline, load: Callable[..., None] = loading.load) -> None:
    load(pipeline)
    raise KeyboardInterrupt
