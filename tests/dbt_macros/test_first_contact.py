"""K3: two linked records that never agreed on anything, from their first build to later ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_macros.first_contact_world import LOSE, SEND, TAKE_BACK, FirstContactWorld

# thing: what the source has (name, town, mark), what the target holds.
OURS = ("Ours", "Rome", "Yes")
THEIRS = ("Theirs", None, "No")
THINGS = {
    "filled": (OURS, THEIRS),
    "edited at once": (OURS, THEIRS),
    "equal for a while": (OURS, THEIRS),
    "taken back": (OURS, THEIRS),
    "nothing to write": (OURS, ("Theirs", "Rome", "Yes")),
    "alike": (OURS, OURS),
    "linked": (OURS, THEIRS),
    "sent the other way": (OURS, THEIRS),
    "both edited": (OURS, OURS),
}
KNOWN = [
    "create schema ledger",
    "create table ledger.links (link_id varchar, flow varchar, system varchar, entity_set varchar,"
    " source_key varchar, record_key varchar, record_id varchar, key_values varchar,"
    " first_seen timestamptz, changed_at timestamptz, ended_at timestamptz)",
    "insert into ledger.links by name select 'l' as link_id, 'things' as flow, 'sales' as system,"
    " 'things' as entity_set, 'src-linked' as source_key, 'linked' as record_key,"
    " '2024-05-01'::timestamptz as first_seen, '2024-05-01'::timestamptz as changed_at",
    "create table ledger.writes (write_id varchar, flow varchar, system varchar,"
    " entity_set varchar, operation varchar, record_key varchar, source_key varchar,"
    " record_id varchar, after varchar, status varchar, finished_at timestamptz)",
    "insert into ledger.writes by name select 'w' as write_id, 'things out' as flow,"
    " 'finops' as system, 'Things' as entity_set, 'create' as operation,"
    " 'id-sent the other way' as source_key, 'src-sent the other way' as record_key,"
    " 'acknowledged' as status, '2024-05-01'::timestamptz as finished_at, '{}' as after",
]


def literal(values: tuple[str | None, ...]) -> str:
    return ", ".join("null" if value is None else f"'{value}'" for value in values)


def both_systems() -> list[str]:
    rows = ["create schema given"]
    for number, table in enumerate(("desired", "held")):
        values = ", ".join(
            f"({literal((thing, *sides[number]))})" for thing, sides in THINGS.items()
        )
        rows.append(
            f"create table given.{table} as select * from (values {values}) "
            "as t (thingid, name, town, mark)"
        )
    return rows + KNOWN


def edit(table: str, thing: str, **values: str) -> str:
    sets = ", ".join(f"{name} = '{value}'" for name, value in values.items())
    return f"update given.{table} set {sets} where thingid = '{thing}'"


def move(*statements: str, policy: str = "fill") -> tuple[list[str], str]:
    return list(statements), policy


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> FirstContactWorld:
    folder: Path = tmp_path_factory.mktemp("first_contact")
    world = FirstContactWorld(folder)
    moves = [
        move(),
        # A run, and before the next build people go on working.
        move(
            *SEND,
            edit("desired", "edited at once", name="Ours 2"),
            edit("desired", "equal for a while", name="Theirs"),
            TAKE_BACK.format("taken back"),
            edit("held", "taken back", mark="No"),
            "update given.held set town = null where thingid = 'taken back'",
            edit("desired", "both edited", name="Renamed"),
            edit("held", "both edited", town="Paris"),
        ),
        # The warehouse is lost, the ledger is not.
        move(*LOSE, edit("desired", "equal for a while", name="Ours")),
        move(policy="overwrite"),
    ]
    world.build(both_systems(), moves)
    return world


def test_k3_fill_writes_what_is_empty_there_and_marks_the_record_as_ours(
    world: FirstContactWorld,
) -> None:
    expected = ("update", True, {"town": "Rome", "mark": "Yes"}, {"name"})
    assert world.fate(1, "filled") == expected


def test_k3_a_plan_alone_links_nobody(world: FirstContactWorld) -> None:
    first = world.read(
        "select record_key from ledger.links as l join step_1.compare_sales__things as c "
        "using (record_key) where c.fate = 'update' and c.is_first_contact"
        " and l.first_seen <"
        " (select min(finished_at) from ledger.writes where operation = 'update')"
    )
    assert first == []


def test_k3_what_was_kept_is_equal_until_the_source_changes(world: FirstContactWorld) -> None:
    assert world.fate(2, "filled") == ("identical", False, {}, {"name"})
    assert world.fate(2, "edited at once") == ("update", False, {"name": "Ours 2"}, set())


def test_k3_what_was_kept_survives_the_loss_of_the_warehouse(world: FirstContactWorld) -> None:
    assert world.fate(3, "filled") == ("identical", False, {}, {"name"})


def test_k3_a_first_contact_without_a_write_is_remembered_too(world: FirstContactWorld) -> None:
    assert world.fate(1, "nothing to write") == ("identical", True, {}, {"name"})
    for later in (2, 3):
        expected = ("identical", False, {}, {"name"})
        assert world.fate(later, "nothing to write") == expected, later


def test_k3_what_was_equal_since_is_kept_no_more(world: FirstContactWorld) -> None:
    """Even from the ledger alone: the source went from Ours to Theirs and back."""
    assert world.fate(2, "equal for a while") == ("identical", False, {}, set())
    assert world.fate(3, "equal for a while") == ("update", False, {"name": "Ours"}, set())


def test_k3_a_later_policy_writes_what_was_kept(world: FirstContactWorld) -> None:
    assert world.fate(4, "filled") == ("update", False, {"name": "Ours"}, set())


def test_k3_after_an_undo_it_is_a_first_contact_again(world: FirstContactWorld) -> None:
    for step in (2, 3):
        expected = ("update", True, {"town": "Rome", "mark": "Yes"}, {"name"})
        assert world.fate(step, "taken back") == expected, step


@pytest.mark.parametrize("thing", ["linked", "sent the other way"])
def test_k3_a_pair_that_the_ledger_knows_is_no_first_contact(
    world: FirstContactWorld, thing: str
) -> None:
    expected = ("update", False, {"name": "Ours", "town": "Rome", "mark": "Yes"}, set())
    assert world.fate(1, thing) == expected


def test_records_that_are_alike_are_no_first_contact(world: FirstContactWorld) -> None:
    assert world.fate(1, "alike") == ("identical", False, {}, set())


def test_edits_on_both_sides_that_do_not_overlap_merge(world: FirstContactWorld) -> None:
    assert world.fate(2, "both edited") == ("update", False, {"name": "Renamed"}, {"town"})


def test_drift_has_each_column_with_its_values(world: FirstContactWorld) -> None:
    found = world.read(
        "select column_name, kind, policy, action, agreed_value, source_value, target_value"
        " from step_2.drift where record_key = 'both edited'"
    )
    assert found == [("town", "drift", "keep", "keep", "Rome", "Rome", "Paris")]
    first = world.read(
        "select column_name, kind, policy, action, agreed_value, source_value, target_value"
        " from step_1.drift where record_key = 'filled' order by 1"
    )
    assert first == [
        ("mark", "first_contact", "overwrite", "overwrite", None, "Yes", "No"),
        ("name", "first_contact", "fill", "keep", None, "Ours", "Theirs"),
        ("town", "first_contact", "fill", "fill", None, "Rome", None),
    ]


def test_drift_says_since_when_it_is_seen_until_it_is_gone(world: FirstContactWorld) -> None:
    kinds = world.read(
        "select one.kind, two.kind, one.since = two.since from step_1.drift as one"
        " join step_2.drift as two using (record_key, column_name)"
        " where record_key = 'nothing to write'"
    )
    assert kinds == [("first_contact", "kept", True)]
    forgotten = "select 1 from step_4.drift where record_key = 'filled'"
    assert world.read(forgotten) == []
