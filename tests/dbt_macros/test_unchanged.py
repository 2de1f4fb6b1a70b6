"""Unchanged rows are told from the others before anything is made of them, until they move."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_macros.cases import NAMES, STEPS
from tests.dbt_macros.first_contact_world import FirstContactWorld
from tests.dbt_macros.small_project import POLICIES, SmallProject
from tests.dbt_macros.test_agreed import DRIFT, judged

LINKS = "select source_key, record_key from ledger.links where ended_at is null order by all"


@pytest.mark.parametrize("policy", POLICIES)
def test_a_record_is_unchanged_once_both_agreed_on_it_and_until_one_moves(
    built: SmallProject, policy: str
) -> None:
    seen = [
        built.read(
            f"select is_unchanged from step_{step}.compare_sales__{policy} "
            "where record_key = 'rests'"
        )
        for step in range(1, STEPS + 1)
    ]
    assert seen == [[(False,)], [(True,)], [(False,)]]
    assert judged(built, policy, 2, "rests") == ("identical", False)
    assert judged(built, policy, 3, "rests") == DRIFT[policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_table_has_what_was_judged_and_the_model_has_every_record_once(
    built: SmallProject, policy: str
) -> None:
    for step in range(1, STEPS + 1):
        rows = built.read(f"select record_key from step_{step}.compare_sales__{policy}")
        wanted = [thing for thing, steps in NAMES.items() if steps[step - 1][0]]
        assert sorted(key for (key,) in rows) == sorted(wanted)
    table = built.read(f"select record_key from main.judged_sales__{policy} order by all")
    model = (
        f"select record_key from main.compare_sales__{policy} where not is_unchanged order by all"
    )
    assert table == sorted(built.read(model))


# The other tests here move each kind of input; this one takes links away as well.
@pytest.mark.long
def test_an_unchanged_pair_is_judged_again_when_its_link_is_gone_or_its_source_is_another(
    tmp_path: Path,
) -> None:
    names = "thingid, name, town, mark"
    alike = "('a', 'A', 'Rome', 'Yes'), ('b', 'B', 'Rome', 'Yes')"
    state = ["create schema given"] + [
        f"create table given.{table} as select * from (values {alike}) as t ({names})"
        for table in ("desired", "held")
    ]
    world = FirstContactWorld(tmp_path)
    moves = [
        ([], "fill"),
        ([], "fill"),
        (["delete from ledger.links where record_key = 'a'"], "fill"),
        ([], "fill"),
        (["create or replace table ledger.links as select * from ledger.links limit 0"], "fill"),
    ]
    world.build(state, moves)
    unchanged = [
        world.read(f"select count(*) from step_{n}.compare_sales__things where is_unchanged")[0][0]
        for n in range(1, len(moves) + 1)
    ]
    assert unchanged == [0, 2, 0, 2, 0]
    assert world.read(LINKS) == [("src-a", "a"), ("src-b", "b")]
