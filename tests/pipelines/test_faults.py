"""Faults of services and files: the warehouse stays as it was, and the error says what to do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from pipelines.common.errors import (
    AccessDenied,
    AuthenticationFailed,
    CountMismatch,
    ExtractError,
    MissingSetting,
    ServiceRefused,
    ServiceUnavailable,
    UnexpectedValue,
    WarehouseBusy,
    WarehouseUnusable,
)
from pipelines.run import FinopsConnection, SalesConnection, check

from .conftest import BOTH, Warehouse, account, digest
from .service import Fake

NOWHERE = "http://127.0.0.1:9"


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
    before = digest(filled.path)
    with pytest.raises(error) as raised:
        filled.extract(*fault(fake), tables=BOTH, full=True)  # type: ignore[operator]
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "wrong" not in str(raised.value)
    assert digest(filled.path) == before


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
    before = digest(warehouse.path)
    with pytest.raises(WarehouseUnusable, match="move it away"):
        warehouse.one(fake.sales, "uoms")
    assert digest(warehouse.path) == before


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
