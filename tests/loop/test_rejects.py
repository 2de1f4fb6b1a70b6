"""What cannot be written is told: which record, which column, which value, what to do."""

from __future__ import annotations

import pytest

from .conftest import Synced
from .expected import Rejection
from .world import Row

FLOWS = {
    ("accounts", "finops.CustomersV2"): "customers",
    ("products", "sales.products"): "products",
}
# These wait for another record or for a person; what they wait for is told with them.
WAITING = ("blocked", "conflict")


@pytest.fixture
def report(synced: Synced) -> list[Row]:
    assert synced.rejects.exit == 0
    return list(synced.rejects.json["records"])


def of(report: list[Row], flow: str, target: str) -> list[Row]:
    return [row for row in report if (row["flow"], row["target"]) == (flow, target)]


@pytest.mark.parametrize("key", FLOWS)
def test_exactly_the_wrong_records_are_rejected_for_the_right_reasons(
    synced: Synced, report: list[Row], key: tuple[str, str]
) -> None:
    found = {
        Rejection(row["source_key"], row["code"], row["column_name"], row["value"])
        for row in of(report, *key)
        if row["code"] != "blocked"
    }
    expected = getattr(synced, FLOWS[key]).rejections
    assert expected
    assert found == expected
    assert synced.first.flows[key]["rejected"] == len({one.key for one in expected})


def test_accounts_that_may_be_customers_of_their_number_wait_for_a_decision(
    synced: Synced, report: list[Row]
) -> None:
    """K2: exactly they do, and each is told which customer it may be."""
    waiting = {
        row["source_key"]: row["message"]
        for row in of(report, "accounts", "finops.CustomersV2")
        if row["code"] == "blocked"
    }
    assert waiting.keys() == {
        f"{area}/{row['accountid']}"
        for area, row in synced.customers.pairs
        if synced.customers.waits(area, row)
    }
    numbers = {row["accountid"]: row["accountnumber"] for row in synced.before.accounts}
    for key, message in waiting.items():
        assert numbers[key.split("/")[1]] in message


def test_accounts_that_share_a_number_name_each_other(synced: Synced, report: list[Row]) -> None:
    shared = [row for row in report if row["code"] == "duplicate_number"]
    accounts = {row["accountid"]: row for row in synced.before.accounts}
    assert len(shared) >= 4
    for row in shared:
        own = row["source_key"].split("/")[1]
        others = [
            one
            for one in accounts.values()
            if one["accountnumber"] == row["value"] and one["accountid"] != own
        ]
        assert any(one["accountid"] in row["message"] for one in others), row
        assert any(one["name"].strip() in row["message"] for one in others), row


@pytest.mark.parametrize(
    ("value", "column", "seed"),
    [
        ("Atlantis", "address1_country", "value_map_countries"),
        ("Ruritania", "address2_country", "value_map_countries"),
        ("zz", "SalesUnitSymbol", "value_map_units"),
    ],
)
def test_a_missing_map_names_the_seed_and_the_value(
    report: list[Row], value: str, column: str, seed: str
) -> None:
    rows = [row for row in report if (row["value"], row["column_name"]) == (value, column)]
    assert rows
    for row in rows:
        assert row["code"] == "no_value_map"
        assert value in row["message"]
        assert seed in row["message"]


def test_a_price_without_a_list_in_its_currency_is_told(report: list[Row]) -> None:
    rows = [row for row in report if row["code"] == "no_price_list"]
    assert rows
    assert all(row["value"] == "GBP" and "GBP" in row["message"] for row in rows)


def test_an_account_without_a_number_is_told_by_name(synced: Synced, report: list[Row]) -> None:
    rows = {row["source_key"].split("/")[1]: row for row in report if row["code"] == "no_number"}
    without = [row for row in synced.before.accounts if not row["accountnumber"]]
    assert without
    for account in without:
        assert rows[account["accountid"]]["value"] == account["name"].strip()


def test_every_reject_has_code_column_and_a_sentence(report: list[Row]) -> None:
    for row in report:
        assert row["code"], row
        assert bool(row["column_name"]) == (row["code"] not in WAITING), row
        assert row["source_key"] or row["record_key"], row
        assert row["message"].endswith((".", "!")), row
        assert row["message"][0].isupper(), row


def test_the_warehouse_and_the_command_tell_the_same(synced: Synced, report: list[Row]) -> None:
    names = ("flow", "target", "source_key", "code", "column_name", "value", "message")
    assert sorted(synced.rejected, key=str) == sorted(
        (
            tuple(row[name] for name in names)
            for row in report
            if row["by"] == "mapping" and row["code"] not in WAITING
        ),
        key=str,
    )


def test_what_waits_is_told_with_why_its_parent_is_not_there(report: list[Row]) -> None:
    """A line follows its order: the reason is the order's, word for word."""
    [order] = [row for row in report if row["code"] == "number_collision"]
    lines = [row for row in report if str(row["source_key"]).startswith(f"{order['source_key']}/")]
    assert len(lines) > 1
    for line in lines:
        assert line["code"] == "blocked"
        assert line["message"].endswith(order["message"])


def test_a_person_reads_value_and_sentence(synced: Synced) -> None:
    shown = synced.world.p2c("rejects", "--flow", "accounts", "--limit", "0")
    assert shown.exit == 0
    assert "Atlantis" in shown.out
    assert "value_map_countries" in shown.out


def test_items_of_a_rejected_product_are_kept_back_with_it(synced: Synced) -> None:
    flow = synced.first.flows["products", "sales.productpricelevels"]
    rejected = {one.key for one in synced.products.rejections}
    prices = {
        (row["ProductNumber"], row["CurrencyCode"])
        for row in synced.before.released
        if row["ProductNumber"] in rejected
    }
    assert flow["blocked"] + flow["rejected"] == len(prices)
