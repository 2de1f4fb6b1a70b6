"""Drift, conflicts, blocked and rejected records: the first of each, and how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from p2c.config.context import Context, load
from p2c.errors import NothingStaged
from p2c.lookup.apart import apart

TABLES = """
create schema quality;
create table quality.drift (flow varchar, target varchar, source_key varchar, record_key varchar,
    fate varchar, column_name varchar, kind varchar, action varchar, agreed_value varchar,
    source_value varchar, target_value varchar);
create table quality.record_fates (flow varchar, target varchar, source_key varchar,
    record_key varchar, fate varchar, detail varchar);
create table quality.rejected_records (flow varchar, target varchar, source_key varchar,
    record_key varchar, code varchar, column_name varchar, value varchar, message varchar);
insert into quality.drift values
    ('a', 't', 's1', 'k1', 'update', 'Name', 'drift', 'overwrite', 'old', 'old', 'theirs'),
    ('a', 't', 's1', 'k1', 'update', 'Memo', 'drift', 'keep', null, null, 'x'),
    ('a', 't', 's2', 'k2', 'identical', 'Name', 'drift', 'keep', 'o', 'o', 't'),
    ('a', 't', 's3', 'k3', 'conflict', 'Name', 'conflict', 'overwrite', 'o', 'ours', 'theirs'),
    ('a', 't', 's4', 'k4', 'rejected', 'Name', 'drift', 'keep', 'o', 'o', 't'),
    ('a', 't', 's5', 'k5', 'update', 'Name', 'first_contact', 'fill', null, 'o', null),
    ('other', 't', 's6', 'k6', 'update', 'Name', 'drift', 'keep', 'o', 'o', 't');
insert into quality.record_fates
    select 'a', 't', 's' || n, null, 'blocked', 'it waits' from range(5) as x(n);
insert into quality.record_fates values ('a', 't', 's9', 'k9', 'create', null);
insert into quality.rejected_records
    select 'a', 't', 's' || n, 'k' || n, 'no_number', 'c', null, 'No number.' from range(4) as x(n);
insert into quality.rejected_records values
    ('a', 't', 's7', 'k7', 'no_value_map', 'c', 'v', 'No country.'),
    ('a', 't', 's7', 'k7', 'required', 'd', null, 'No name.');
"""


@pytest.fixture
def context(project: Path) -> Context:
    found = load(project)
    with duckdb.connect(str(found.warehouse)) as connection:
        connection.execute(TABLES)
    return found


def by_kind(context: Context, each: int | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in apart(context, ["a"], each):
        found.setdefault(row["kind"], []).append(row)
    return found


def test_what_differs_is_one_record_with_its_columns(context: Context) -> None:
    found = by_kind(context, None)
    first, second = found["drift"]
    assert (first["key"], first["records"]) == ("k1", 2)
    assert first["columns"] == [["Memo", None, "x", "keep"], ["Name", "old", "theirs", "overwrite"]]
    assert second["key"] == "k2"
    [conflict] = found["conflict"]
    assert conflict["columns"] == [["Name", "ours", "theirs", "hold"]]


def test_what_is_not_written_has_its_reasons_each_cause_first(context: Context) -> None:
    found = by_kind(context, 2)
    assert [row["key"] for row in found["rejected"]] == ["k0", "k7"]
    assert found["rejected"][1]["message"] == "No country. No name."
    assert {row["records"] for row in found["rejected"]} == {5}
    assert [(row["key"], row["records"]) for row in found["blocked"]] == [("s0", 5), ("s1", 5)]
    assert {row["message"] for row in found["blocked"]} == {"it waits"}


def test_the_limit_is_of_each_target_and_kind(context: Context) -> None:
    assert {kind: len(rows) for kind, rows in by_kind(context, 1).items()} == {
        "drift": 1, "conflict": 1, "blocked": 1, "rejected": 1,
    }  # fmt: skip
    assert len(by_kind(context, None)["rejected"]) == 5


def test_a_warehouse_without_the_tables_says_so(project: Path) -> None:
    context = load(project)
    duckdb.connect(str(context.warehouse)).close()
    with pytest.raises(NothingStaged):
        apart(context, ["a"], 1)
