"""The names of records that a plan takes away, out of the target models."""

from __future__ import annotations

from pathlib import Path

import duckdb

from p2c.config.context import load
from p2c.lookup.removals import names

from .cli_world import change

TABLES = """
create schema target;
create table target.target_finops__customers as select * from (values
  ('usmf/a-1', 'Net 30', 'Contoso'), ('usmf/a-2', 'Net 30', 'Fabrikam')
) t(p2c_source_key, "PaymentTermsName", "OrganizationName");
create table target.target_finops__contact_persons as select * from (values
  ('usmf/k-1', 'Ann', null, 'Beebe')
) t(p2c_source_key, "FirstName", "MiddleName", "LastName");
create table target.target_finops__sales_order_headers as select * from (values
  ('o-1', 'Delivery')
) t(p2c_source_key, "DeliveryAddressName");
"""


def test_a_record_is_called_by_its_own_name_and_a_person_by_all_parts(project: Path) -> None:
    """The name of its payment terms or of its address is no name of a record."""
    context = load(project)
    with duckdb.connect(str(context.warehouse)) as connection:
        connection.execute(TABLES)
    gone = [
        change(model="changes_finops__customers", source_key="usmf/a-1"),
        change(model="changes_finops__contact_persons", source_key="usmf/k-1"),
        change(model="changes_finops__sales_order_headers", source_key="o-1"),
        change(model="changes_finops__somewhere_else", source_key="x-1"),
        change(model="changes_finops__customers", source_key=None),
    ]
    assert names(context, gone) == {
        ("changes_finops__customers", "usmf/a-1"): "Contoso",
        ("changes_finops__contact_persons", "usmf/k-1"): "Ann Beebe",
    }


def test_a_plan_that_takes_nothing_away_reads_nothing(project: Path) -> None:
    assert names(load(project), []) == {}
