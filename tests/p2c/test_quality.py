"""rejects, on a small warehouse made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console, RenderableType

from p2c.config.context import Context, load
from p2c.errors import NothingStaged, WarehouseBusy
from p2c.lookup import quality
from p2c.screen import lookup_text
from p2c.warehouse import reading

TABLES = """
create schema quality; create schema ledger; create schema raw_sales; create schema target;
create table quality.rejected_records as select * from (values
  ('accounts', 'finops.CustomersV2', 'A-1', 'usmf/A-1', 'unknown_country', 'address1_country',
   'Atlantis', 'Add Atlantis to seeds/value_map_countries.csv.'),
  ('accounts', 'finops.CustomersV2', 'A-2', null, 'duplicate_key', 'accountnumber', 'A-2',
   'Two accounts have number A-2.'),
  ('products', 'sales.products', 'usmf/P-1', 'P-1', 'unknown_unit', 'unit', 'xx', 'Map xx.')
) t(flow, target, source_key, record_key, code, column_name, value, message);
create table quality.record_fates as select * from (values
  ('accounts', 'finops.CustomersV2', 'A-1', 'usmf/A-1', 'rejected', false, 'unknown_country'),
  ('accounts', 'finops.CustomersV2', 'A-3', 'usmf/A-3', 'create', false, null)
) t(flow, target, source_key, record_key, fate, is_drift, detail);
create table ledger.writes as select 'w1' as write_id, 'r1' as run_id, 'accounts' as flow,
  'finops' as system, 'CustomersV2' as entity_set, 'create' as operation,
  'usmf/A-3' as record_key, 'A-3' as source_key, 'rejected' as status, 1 as attempts,
  400 as http_status, 'x' as error_code, 'Customer group 99 does not exist.' as error_message,
  'q' as request_id, now() as planned_at, now() as finished_at;
create table raw_sales.accounts as select * from (values
  ('id-1', 'A-1', 'Adventure', null), ('id-3', 'A-3', 'Contoso', 'x')
) t(accountid, accountnumber, name, telephone1);
create table target.target_finops__customers as select 'A-3' as "CustomerAccount";
"""


@pytest.fixture
def staged(project: Path) -> Context:
    context = load(project)
    with duckdb.connect(str(context.warehouse)) as connection:
        connection.execute(TABLES)
    return context


def text(view: Iterable[RenderableType]) -> str:
    printed = StringIO()
    Console(width=200, file=printed).print(*view)
    return printed.getvalue()


def test_rejects_are_counted_by_code(staged: Context) -> None:
    found = quality.rejects(staged, [])
    assert found["rejects"] == 3
    assert {(code["code"], code["records"]) for code in found["codes"]} == {
        ("unknown_country", 1),
        ("duplicate_key", 1),
        ("unknown_unit", 1),
    }
    assert (
        "value_map_countries.csv"
        in found["records"][-2]["message"] + found["records"][1]["message"]
    )


def test_rejects_of_one_flow(staged: Context) -> None:
    found = quality.rejects(staged, ["products"])
    assert [row["record_key"] for row in found["records"]] == ["P-1"]


def test_rejects_as_text_say_what_to_do_and_cut(staged: Context) -> None:
    found = quality.rejects(staged, [])
    shown = text(list(lookup_text.rejects_text(found, 20)))
    assert "usmf/A-1  Add Atlantis to seeds/value_map_countries.csv." in shown
    assert "A-2  Two accounts" in shown


def test_without_a_warehouse(project: Path) -> None:
    with pytest.raises(NothingStaged, match="run `p2c run` first"):
        quality.rejects(load(project), [])


def test_without_the_table(project: Path) -> None:
    context = load(project)
    duckdb.connect(str(context.warehouse)).close()
    with pytest.raises(NothingStaged, match="Run `p2c build` first"):
        quality.rejects(context, [])


def test_a_warehouse_that_cannot_be_opened_is_named(project: Path) -> None:
    context = load(project)
    context.warehouse.write_text("this is no DuckDB file" * 1000)
    with pytest.raises(WarehouseBusy, match=r"warehouse\.duckdb"), reading(context.warehouse):
        pytest.fail("it was opened")


WAITING = """
create schema compare;
create table compare.compare_things as select * from (values
  ('orders_out', 'finops.Headers', 'o-1', 'usmf/SO-1', 'blocked', 'its customer A-1 is rejected',
   '["finops.CustomersV2/usmf/A-1"]'),
  ('orders_out', 'finops.Headers', 'o-3', 'usmf/SO-3', 'blocked', 'its line 2 cannot be sent',
   '["finops.CustomersV2/usmf/A-3"]'),
  ('orders_out', 'finops.Headers', 'o-4', 'usmf/SO-4', 'create', null, '[]'),
  ('orders_out', 'finops.Headers', 'o-5', 'usmf/SO-5', 'conflict', 'both systems changed it', '[]')
) t(flow, target, source_key, record_key, fate, detail, parents);
create table compare.compare_lines as select * from (values
  ('orders_out', 'finops.Lines', 'l-1', 'usmf/SO-1/1', 'blocked', 'its order SO-1 is blocked',
   '["finops.Headers/usmf/SO-1","sales.products/P-9"]'),
  ('orders_out', 'finops.Lines', 'l-3', 'usmf/SO-3/2', 'rejected', '[]',
   '["finops.Headers/usmf/SO-3"]')
) t(flow, target, source_key, record_key, fate, detail, parents);
insert into quality.rejected_records values ('orders_out', 'finops.Lines', 'l-3', 'usmf/SO-3/2',
  'unknown_unit', 'unit', 'xx', 'The unit xx is unknown.');
"""


@pytest.fixture
def waiting(staged: Context) -> Context:
    with duckdb.connect(str(staged.warehouse)) as connection:
        connection.execute(WAITING)
    return staged


def test_blocked_ones_are_listed_with_the_missing_parent_s_reason(waiting: Context) -> None:
    """Followed from the line to its order to its customer, and from an order to its line."""
    found = quality.rejects(waiting, ["orders_out"])
    messages = {row["record_key"]: row["message"] for row in found["records"]}
    reason = "finops.CustomersV2/usmf/A-1: Add Atlantis to seeds/value_map_countries.csv."
    assert messages == {
        "usmf/SO-1": f"Its customer A-1 is rejected. {reason}",
        "usmf/SO-1/1": f"Its order SO-1 is blocked. {reason}",
        "usmf/SO-3": "Its line 2 cannot be sent. finops.Lines/usmf/SO-3/2: The unit xx is unknown.",
        "usmf/SO-3/2": "The unit xx is unknown.",
        "usmf/SO-5": "Both systems changed it.",
    }
    assert (found["rejects"], found["held"]) == (1, 4)
    assert {(c["code"], c["records"]) for c in found["codes"]} == {
        ("blocked", 1),
        ("blocked", 2),
        ("conflict", 1),
        ("unknown_unit", 1),
    }
    assert "1 rejected, 4 waiting" in text(list(lookup_text.rejects_text(found, 20)))


def test_what_an_apply_left_blocked_names_why_its_parent_was_refused(waiting: Context) -> None:
    """The service refused the customer, so its contact was not sent: the service's words."""
    with duckdb.connect(str(waiting.warehouse)) as connection:
        connection.execute("""
            create table ledger.plans as select '["accounts", "contacts"]' as flows,
                timestamptz '2026-01-01' as created_at, now() as apply_started_at,
                'changes' as kind;
            alter table ledger.writes add column parents varchar;
            insert into ledger.writes by name select 'w2' as write_id, 'contacts' as flow,
                'finops' as system, 'Persons' as entity_set, 'usmf/C-1' as record_key,
                'blocked' as status, 'A-3 was not created; this waits for it.' as error_message,
                now() as planned_at, '["finops.CustomersV2/usmf/A-3"]' as parents
        """)
    found = quality.rejects(waiting, ["contacts"])
    (row,) = found["records"]
    assert (row["code"], row["by"]) == ("blocked", "service")
    assert row["message"] == (
        "A-3 was not created; this waits for it. "
        "finops.CustomersV2/usmf/A-3: Customer group 99 does not exist."
    )
