"""rejects and explain, on a small warehouse made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console, RenderableType

from p2c import quality, views
from p2c.errors import NothingStaged, WarehouseBusy
from p2c.settings import Loaded, load
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
def staged(project: Path) -> Loaded:
    loaded = load(project)
    with duckdb.connect(str(loaded.warehouse)) as connection:
        connection.execute(TABLES)
    return loaded


def text(view: Iterable[RenderableType]) -> str:
    printed = StringIO()
    Console(width=200, file=printed).print(*view)
    return printed.getvalue()


def test_rejects_are_counted_by_code(staged: Loaded) -> None:
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


def test_rejects_of_one_flow(staged: Loaded) -> None:
    found = quality.rejects(staged, ["products"])
    assert [row["record_key"] for row in found["records"]] == ["P-1"]


def test_rejects_as_text_say_what_to_do_and_cut(staged: Loaded) -> None:
    found = quality.rejects(staged, [])
    shown = text(list(views.rejects_text(found, 20)))
    assert "usmf/A-1  Add Atlantis to seeds/value_map_countries.csv." in shown
    assert "A-2  Two accounts" in shown


@pytest.mark.parametrize("name", ["A-3", "usmf/A-3"])
def test_explain_follows_a_record_through_the_layers(staged: Loaded, name: str) -> None:
    found = quality.explain(staged, name, [], 3)
    assert [row["fate"] for row in found["fates"]] == ["create"]
    assert found["writes"][0]["error_message"] == "Customer group 99 does not exist."
    assert [layer["table"] for layer in found["layers"]] == ["accounts", "target_finops__customers"]
    shown = text(list(views.explain_text(found)))
    assert "usmf/A-3  create" in shown
    assert 'name = "Contoso"' in shown


def test_explain_leaves_out_what_is_empty(staged: Loaded) -> None:
    found = quality.explain(staged, "A-1", [], 3)
    assert "telephone1" not in found["layers"][0]["rows"][0]
    assert found["reasons"][0]["code"] == "unknown_country"


def test_explain_of_an_unknown_record_says_how_to_name_one(staged: Loaded) -> None:
    with pytest.raises(NothingStaged, match="Nothing staged is called 'A-9'"):
        quality.explain(staged, "A-9", [], 3)


def test_without_a_warehouse(project: Path) -> None:
    with pytest.raises(NothingStaged, match="run `p2c run` first"):
        quality.rejects(load(project), [])


def test_without_the_table(project: Path) -> None:
    loaded = load(project)
    duckdb.connect(str(loaded.warehouse)).close()
    with pytest.raises(NothingStaged, match="Run `p2c build` first"):
        quality.rejects(loaded, [])


def test_a_warehouse_that_cannot_be_opened_is_named(project: Path) -> None:
    loaded = load(project)
    loaded.warehouse.write_text("this is no DuckDB file" * 1000)
    with pytest.raises(WarehouseBusy, match=r"warehouse\.duckdb"), reading(loaded.warehouse):
        pytest.fail("it was opened")
