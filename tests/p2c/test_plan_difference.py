"""What two builds would write differently, on two small warehouses filled by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from p2c.lookup.plan_difference import Build, difference
from p2c.screen.comparison_text import moved_fates, summary
from tests.p2c.comparison_world import ABOUT, lines

CUSTOMERS = ("accounts", "finops.CustomersV2", '"changes"."changes_finops__customers"')
PRODUCTS = ("products", "sales.products", '"changes"."changes_sales__products"')
TABLE = """create table {} (flow varchar, operation varchar, source_key varchar, record_key varchar,
    key_values varchar, "before" varchar, "after" varchar)"""


def row(key: str, operation: str, before: dict[str, Any] | None, after: str) -> tuple[Any, ...]:
    held = None if before is None else json.dumps(before)
    return ("?", operation, f"usmf/{key}", key, json.dumps({"No": key}), held, after)


def build(
    path: Path, *, fates: dict[str, tuple[str, str]] | None = None, **tables: list[tuple[Any, ...]]
) -> Build:
    relations = {"customers": CUSTOMERS, "products": PRODUCTS}
    with duckdb.connect(str(path)) as db:
        db.execute("create schema changes; create schema quality")
        for name, rows in tables.items():
            db.execute(TABLE.format(relations[name][2]))
            for one in rows:
                db.execute(f"insert into {relations[name][2]} values (?,?,?,?,?,?,?)", one)
        if fates is not None:
            db.execute("create table quality.record_fates (flow varchar, target varchar, "
                       "source_key varchar, fate varchar, detail varchar)")  # fmt: skip
            db.execute("create table quality.flow_counts (flow varchar, target varchar, "
                       "rejected bigint, blocked bigint)")  # fmt: skip
            for key, (fate, detail) in fates.items():
                values = [*CUSTOMERS[:2], f"usmf/{key}", fate, detail]
                db.execute("insert into quality.record_fates values (?,?,?,?,?)", values)
            count = sum(fate == "rejected" for fate, _ in fates.values())
            db.execute("insert into quality.flow_counts values (?,?,?,0)", (*CUSTOMERS[:2], count))
    return Build(path, [relations[name] for name in tables])


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Any]:
    """Old and new differ in one value, one operation, one key; each has a record of its own."""
    old = build(
        tmp_path / "o'ld.duckdb",
        customers=[
            row("alike", "update", {"A": 1}, '{"A": 1.50, "B": "x"}'),
            row("value", "update", {"A": 1, "B": "y"}, '{"A": 12345678901234567.8}'),
            row("operation", "create", None, '{"A": 1}'),
            row("gone", "update", {"A": 1}, '{"A": 2}'),
        ],
        fates={"new": ("rejected", "The country XX is unknown.")},
    )
    new = build(
        tmp_path / "new.duckdb",
        customers=[
            row("alike", "update", {"A": 1}, '{"B": "x", "A": 1.5}'),
            row("value", "update", {"A": 1, "B": "y"}, '{"A": 12345678901234567.9, "B": null}'),
            row("operation", "update", {"A": 7}, '{"A": 1}'),
            row("new", "create", None, '{"A": "\\u001b[31m`=1"}'),
        ],
        products=[],
        fates={"gone": ("filtered", "not in scope"), "more": ("rejected", "")},
    )
    return {**ABOUT, **difference(old, new)}


def test_every_kind_of_difference_is_counted_once_and_nothing_else(found: dict[str, Any]) -> None:
    customers, products = found["flows"]
    assert (customers["old"], customers["new"]) == (4, 4)
    assert [customers[kind] for kind in ("only_old", "only_new", "different")] == [1, 1, 2]
    assert (products["target"], products["old"], products["new"]) == ("sales.products", 0, 0)
    by_key = {change["record_key"]: change for change in found["changes"]}
    assert by_key.keys() == {"value", "operation", "gone", "new"}  # `alike` is alike
    assert {change["status"] for change in found["changes"]} == {
        "different",
        "only_old",
        "only_new",
    }


def test_values_are_exact_and_what_a_version_does_not_write_is_left_out(
    found: dict[str, Any],
) -> None:
    by_key = {change["record_key"]: change for change in found["changes"]}
    exact = {"old": Decimal("12345678901234567.8"), "new": Decimal("12345678901234567.9")}
    assert by_key["value"]["fields"] == {
        "A": {"held": 1, **exact},
        "B": {"held": "y", "new": None},
    }
    assert by_key["operation"]["operation"] == {"old": "create", "new": "update"}
    assert by_key["gone"]["fields"] == {"A": {"held": 1, "old": 2}}


def test_a_record_that_one_version_alone_writes_says_what_the_other_makes_of_it(
    found: dict[str, Any],
) -> None:
    by_key = {change["record_key"]: change for change in found["changes"]}
    assert (by_key["gone"]["fate"], by_key["gone"]["detail"]) == ("filtered", "not in scope")
    assert by_key["new"]["detail"] == "The country XX is unknown."
    assert list(moved_fates(found)) == []  # one rejected in each
    assert "fate" not in by_key["value"]


def test_columns_are_counted_by_the_records_they_differ_in(found: dict[str, Any]) -> None:
    counted = {row["column"]: row["records"] for row in found["columns"]}
    assert counted == {"A": 2, "B": 1}  # `value` and `gone`; a new record counts none


def test_the_limit_is_of_each_target_and_kind_and_leaves_the_counts(tmp_path: Path) -> None:
    rows = [row(f"c{n}", "create", None, "{}") for n in range(7)]
    old, new = build(tmp_path / "a", customers=[]), build(tmp_path / "b", customers=rows)
    found = {**ABOUT, **difference(old, new, 3)}
    assert [change["record_key"] for change in found["changes"]] == ["c0", "c1", "c2"]
    assert found["flows"][0]["only_new"] == 7
    assert "  … 4 more; --all shows all" in lines(found)


def test_a_version_from_before_a_table_was_there_is_compared_without_it(tmp_path: Path) -> None:
    old = build(tmp_path / "a", products=[])
    new = build(tmp_path / "b", customers=[row("x", "create", None, "{}")], fates={})
    found = difference(old, new)
    assert [(flow["target"], flow["only_new"]) for flow in found["flows"]] == [
        (CUSTOMERS[1], 1),
        (PRODUCTS[1], 0),
    ]
    assert found["flows"][0]["old_fates"] == {}


def test_nothing_in_common_and_nothing_at_all(tmp_path: Path) -> None:
    nothing = difference(Build(build(tmp_path / "a").warehouse, []), build(tmp_path / "b"))
    assert nothing == {"flows": [], "columns": [], "changes": []}
    assert summary({**ABOUT, **nothing}) == "No difference: both would write the same."


def test_the_text_shows_each_record_as_both_would_leave_it(found: dict[str, Any]) -> None:
    text = lines(found, width=80)
    assert "accounts, finops.CustomersV2: 1 would be written by old only" in text
    at = text.index("  ~ value  update")
    assert text[at + 1 : at + 3] == [
        "      A: 12345678901234567.8 -> 12345678901234567.9",
        '      B: "y" -> null',
    ]
    assert "  ~ operation  create -> update" in text
    assert "  ~ gone  new: filtered, not in scope" in text
    assert "  + new  old: rejected, The country XX is unknown." in text
    assert max(len(line) for line in text) <= 80
    assert not any("\x1b" in line for line in text)


def test_the_sum_of_the_table_is_the_summary(found: dict[str, Any]) -> None:
    assert summary(found) == (
        "Would be written otherwise: 2 differently, 1 by old only, 1 by new only. "
        "Nothing was written."
    )
