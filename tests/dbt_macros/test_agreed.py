"""The third image: what was agreed is remembered step by step, and tells drift from conflict."""

from __future__ import annotations

import json

import pytest

from tests.dbt_macros.small_project import POLICIES, SmallProject

UPDATE = ("update", False)
IDENTICAL = ("identical", False)
DRIFT = {"overwrite": ("update", True), "keep": ("identical", True), "hold": ("conflict", True)}
CONFLICT = {
    "overwrite": UPDATE,
    "keep": IDENTICAL,
    "hold": ("conflict", False),
}


def judged(project: SmallProject, policy: str, step: int, thing: str) -> tuple[str, bool]:
    rows = project.read(
        f"select fate, is_drift from step_{step}.compare_sales__{policy}"
        f" where record_key = '{thing}'"
    )
    assert len(rows) == 1
    return rows[0][0], rows[0][1]


@pytest.mark.parametrize("policy", POLICIES)
def test_what_both_held_alike_is_agreed_so_that_a_change_there_is_drift(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 1, "same") == IDENTICAL
    assert judged(built, policy, 2, "same") == DRIFT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_drift_that_was_not_written_over_is_drift_the_next_time_too(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 3, "same") == DRIFT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_change_at_the_source_is_written_whatever_the_policy(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 2, "moved on") == UPDATE


@pytest.mark.parametrize("policy", POLICIES)
def test_what_both_changed_since_they_agreed_is_a_conflict(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 2, "both moved") == CONFLICT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_what_both_hold_alike_again_is_agreed_anew(built: SmallProject, policy: str) -> None:
    assert judged(built, policy, 2, "agreed anew") == IDENTICAL
    assert judged(built, policy, 3, "agreed anew") == DRIFT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_without_memory_a_difference_is_a_change_at_the_source(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 1, "never agreed") == UPDATE
    assert judged(built, policy, 3, "never agreed") == UPDATE


@pytest.mark.parametrize("policy", POLICIES)
def test_what_the_service_acknowledged_is_agreed_even_if_it_changed_there_at_once(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 1, "created") == DRIFT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_what_the_service_refused_is_not_agreed(built: SmallProject, policy: str) -> None:
    assert judged(built, policy, 1, "create failed") == UPDATE


@pytest.mark.parametrize("policy", POLICIES)
def test_an_update_of_one_column_says_nothing_about_the_others(
    built: SmallProject, policy: str
) -> None:
    """Before anything was agreed, an update of `amount` was acknowledged; then `name` changed."""
    assert judged(built, policy, 1, "update of another column") == UPDATE


@pytest.mark.parametrize("policy", POLICIES)
def test_a_value_that_was_not_persisted_is_not_written_for_ever(
    built: SmallProject, policy: str
) -> None:
    """An update of `name`, before anything was agreed, was taken and read back different."""
    assert judged(built, policy, 1, "not persisted") == IDENTICAL
    assert judged(built, policy, 2, "not persisted") == IDENTICAL


@pytest.mark.parametrize("policy", POLICIES)
def test_a_value_that_was_not_persisted_is_written_again_when_it_changes(
    built: SmallProject, policy: str
) -> None:
    assert judged(built, policy, 3, "not persisted") == UPDATE


@pytest.mark.parametrize("policy", POLICIES)
def test_changes_hold_what_is_to_be_written_with_the_policies_of_the_graph(
    built: SmallProject, policy: str
) -> None:
    rows = built.read(
        f'select operation, flow, key_values, etag, "after" from changes_sales__{policy}'
        " where record_key in ('new', 'moved on') order by operation"
    )
    create, update = rows
    assert create[:4] == ("create", "things", '{"thingid":"new"}', None)
    assert json.loads(create[4]) == {"thingid": "new", "name": "A", "amount": 1.5}
    assert update[:4] == ("update", "things", '{"thingid":"moved on"}', 'W/"1"')
    assert json.loads(update[4]) == {"name": "B"}


@pytest.mark.parametrize("policy", POLICIES)
def test_fates_that_write_nothing_make_no_change(built: SmallProject, policy: str) -> None:
    writing = built.read(
        f"select count(*) from compare_sales__{policy} where fate in ('create', 'update')"
    )
    assert built.read(f"select count(*) from changes_sales__{policy}") == writing
    assert writing[0][0] > 0
