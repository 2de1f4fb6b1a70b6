"""What one system has alone is counted in sentences, and no sentence says more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders import Plan
from p2c.config.context import load
from p2c.lookup.unmatched import unmatched
from p2c.screen.plan_text import plan_summary
from p2c.screen.unmatched_text import summary

PLAN = Plan("plan-1", "run-1", datetime.now(UTC), "planned", "v", (), {}, ("accounts",), None, {})


def test_counts_and_records_are_those_of_the_flows_asked_for(project: Path) -> None:
    with duckdb.connect(str(project / "warehouse.duckdb")) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.unmatched_records as select * from (values "
            "('contacts_to_customers, accounts', 'finops.CustomersV2', 'usmf/US-001', 'Contoso'), "
            "('contacts_to_customers, accounts', 'finops.CustomersV2', 'usmf/US-002', null), "
            "('products', 'sales.products', 'p-1', 'Cable')"
            ") as t (flows, target, record_key, record_name)"
        )
    context = load(project)
    assert unmatched(context, [])["targets"] == {"finops.CustomersV2": 2, "sales.products": 1}
    found = unmatched(context, ["accounts", "orders_out"])
    assert found["targets"] == {"finops.CustomersV2": 2}
    assert [row["record_key"] for row in found["records"]] == ["usmf/US-001", "usmf/US-002"]


def test_the_sentence_names_each_system_and_its_tables() -> None:
    assert summary({}) == ""
    message = summary(
        {"finops.CustomersV2": 3, "finops.CDSContactPersons": 1200, "sales.products": 1}
    )
    assert "only F&O has 3 of CustomersV2, 1,200 of CDSContactPersons" in message
    assert "only Sales has 1 of products" in message
    assert "p2c unmatched" in message


def test_no_changes_is_not_agreement_where_something_is_left() -> None:
    flow = {"flow": "accounts", "rejected": 17, "blocked": 2, "conflict": 0}
    assert "17 rejected, 2 blocked" in plan_summary(PLAN, [flow])
    held = {"held_back": {"products": ["why"]}, "unmatched": {}}
    message = plan_summary(PLAN, [{**flow, "rejected": 0, "blocked": 0}], held)
    assert "products held back" in message
    assert "equal" not in message
