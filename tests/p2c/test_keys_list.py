"""`p2c keys list`: candidates side by side, what waits first (K2)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import typer
from rich.cells import cell_len
from rich.console import Console

from p2c.commands.keys_options import Entity, scores
from p2c.lookup.keys import CREATED_IN, Filter, listed
from p2c.screen.keys_text import SideBySide, list_text
from p2c.warehouse import reading

from .cli_world import Call
from .keys_world import write_seed


def keys_of(found: dict) -> list[str]:
    return [f"{row['sales_id']} {row['finops_key']}" for row in found["candidates"]]


def test_what_a_record_waits_for_comes_first_and_the_taken_last(
    keys_project: Path, p2c: Call
) -> None:
    found = p2c("keys", "list", "--json").data
    states = [row["status"] for row in found["candidates"]]
    assert states == ["review"] * 10 + ["taken"]
    assert found["found"] == 11
    # The surest of an entity first, candidates of one record beside each other.
    customers = [name for name in keys_of(found) if name[0] == "a"]
    assert customers[:3] == ["a-2 US-2", "a-2 US-3", "a-1 00123"]
    # Of a product the record that waits is the one of F&O.
    assert keys_of(found)[-3:-1] == ["p-1 100000", "p-1 1234567890123"]


def test_the_group_alone_is_its_list(keys_project: Path, p2c: Call) -> None:
    assert p2c("keys", "--status", "taken", "--json").data == (
        p2c("keys", "list", "--status", "taken", "--json").data
    )
    assert p2c("keys").out == p2c("keys", "list").out
    assert "Commands:" in p2c("keys", "--help").out


def test_both_records_stand_side_by_side_with_the_evidence(keys_project: Path, p2c: Call) -> None:
    found = p2c("keys", "list", "--rule", "phone_and_name", "--json").data
    (row,) = found["candidates"]
    assert row["columns"]["name"] == {
        "sales": "Contoso GmbH", "finops": "Contoso", "agrees": "close rare"
    }  # fmt: skip
    # What no rule compared is shown as well: it is what a person looks at.
    assert row["columns"]["email"]["finops"] == "info@contoso.com"
    text = p2c("keys", "list", "--rule", "phone_and_name").out
    assert "ACC-1 ? usmf/00123" in text
    assert "phone_and_name 88; waits for a decision" in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--entity", "products"), {"p-1 100000", "p-1 1234567890123"}),
        (("--score", "84..90"), {"a-1 00123", "c-1 P-1"}),
        (("--score", "96"), {"a-2 US-2", "a-2 US-3"}),
        (("--score", "..70"), {"a-7 -7", "c-1 P-9", "a-3 US-4"}),
        (("--status", "taken"), {"a-3 US-4"}),
        (("--status", "linked"), {"a-4 US-4", "a-8 US-8"}),
        (("--company", "DEMF"), {"a-6 DE-6"}),
        (("--rule", "NAME", "--entity", "contacts"), {"c-1 P-9"}),
    ],
)
def test_filters(keys_project: Path, p2c: Call, words: tuple, expected: set) -> None:
    assert set(keys_of(p2c("keys", "list", *words, "--json").data)) == expected


def test_a_filter_that_names_nothing_says_what_there_is(keys_project: Path, p2c: Call) -> None:
    assert "Did you mean phone_and_name" in p2c("keys", "--rule", "phone_and_nme").err
    wrong = p2c("keys", "--company", "xxmf")
    assert wrong.code == 1
    assert "demf" in wrong.err
    assert "No candidate is as asked for." in p2c("keys", "--score", "1..2").out


def test_the_limit_says_how_many_are_left(keys_project: Path, p2c: Call) -> None:
    text = p2c("keys", "list", "--limit", "2").out
    assert "… 9 more; --limit 0 shows all" in text
    assert text.count(" ? ") == 2


def test_counts_by_entity_and_rule(keys_project: Path, p2c: Call) -> None:
    counts = {(row["entity"], row["rule"]): row for row in p2c("keys", "--json").data["counts"]}
    tie = counts["customers", "name_and_address"]
    assert (tie["waiting"], tie["review"], tie["taken"], tie["linked"]) == (2, 2, 0, 0)
    assert counts["customers", "phone"]["taken"] == 1
    assert counts["customers", "link"]["linked"] == 1


def test_what_the_seed_decides_since_the_build_is_no_longer_asked(
    keys_project: Path, p2c: Call
) -> None:
    write_seed(keys_project, "customers,a-2,usmf,us-2,pair,", "customers,{A-1},,00123,different,")
    found = p2c("keys", "--json").data
    assert "a-2 US-2" not in keys_of(found)
    assert "a-1 00123" not in keys_of(found)
    (other,) = [row for row in found["candidates"] if row["finops_key"] == "US-3"]
    assert (other["status"], other["is_waiting"]) == ("taken", False)
    assert sum(row["decided"] for row in found["counts"]) == 2
    assert "2 decided since the last build; p2c plan takes them up." in p2c("keys").out


def test_a_record_whose_candidate_is_taken_waits_too(keys_project: Path, p2c: Call) -> None:
    (row,) = p2c("keys", "--status", "taken", "--json").data["candidates"]
    assert (row["sales_id"], row["is_waiting"]) == ("a-3", True)
    assert "taken, as one of the two is another's pair; waits" in p2c("keys", "--rule", "phone").out
    assert "10 to decide, 1 taken; for 11 a record waits." in p2c("keys").out
    # A decision for the other one does not end the wait, one for this one does.
    write_seed(keys_project, "customers,a-4,usmf,US-4,pair,")
    assert p2c("keys", "--status", "taken", "--json").data["candidates"][0]["is_waiting"]
    write_seed(keys_project, "customers,a-3,usmf,US-9,pair,")
    assert not p2c("keys", "--status", "taken", "--json").data["candidates"][0]["is_waiting"]


def test_of_products_the_record_of_finops_waits(keys_project: Path, p2c: Call) -> None:
    write_seed(keys_project, "products,p-1,,100000,pair,")
    (row,) = p2c("keys", "--entity", "products", "--json").data["candidates"]
    assert (row["finops_key"], row["status"]) == ("1234567890123", "taken")
    assert row["is_waiting"]


def test_unmatched_target_records(keys_project: Path, p2c: Call) -> None:
    found = p2c("keys", "list", "--status", "unmatched", "--json").data
    assert [(row["entity"], row["record_key"]) for row in found["records"]] == [
        ("contacts", "usmf/P-1/ORG-1"), ("customers", "usmf/US-9"), ("products", "p-1")
    ]  # fmt: skip
    text = p2c("keys", "--status", "unmatched", "--entity", "customers").out
    assert "usmf/US-9   Litware" in text  # by the name that is compared, where the list has none
    assert "p-1" not in text


def test_without_candidates_a_sentence_says_so(keys_project: Path, p2c: Call) -> None:
    with duckdb.connect("warehouse.duckdb") as connection:
        for entity in CREATED_IN:
            connection.execute(f"delete from match.match_{entity}")
        connection.execute("delete from keys.keys_crosswalk")
    result = p2c("keys")
    assert (result.code, result.out) == (0, "No candidates: nothing waits for a decision.\n")


def test_without_a_build_it_says_what_to_run(keys_project: Path, p2c: Call) -> None:
    Path("warehouse.duckdb").unlink()
    assert "run `p2c run` first" in p2c("keys").err
    with duckdb.connect("warehouse.duckdb") as connection:
        connection.execute("create table t (a int)")
    for words in (("list",), ("list", "--status", "unmatched"), ("accept", "a-1", "00123")):
        result = p2c("keys", *words)
        assert result.code == 1
        assert "run `p2c build`" in result.err


def test_at_80_columns_nothing_is_wider_and_both_sides_are_seen(keys_project: Path) -> None:
    with reading(keys_project / "warehouse.duckdb") as warehouse:
        found = listed(warehouse, [], Filter(("review", "taken")), None)
    for row in found["candidates"]:
        row["columns"]["street"] = {"sales": "s" * 70, "finops": "f" * 70, "agrees": "close rare"}
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(*list_text(found), sep="", crop=False)
    lines = captured.get().splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    (street,) = {line for line in lines if "ssss" in line}
    assert "…" in street
    assert "ffff" in street
    assert street.endswith("close rare")


def test_a_short_column_leaves_its_room_to_the_other() -> None:
    console = Console(width=60, color_system=None)
    both = {"name": {"sales": "A B", "finops": "f" * 30, "agrees": "alike"}}
    with console.capture() as captured:
        console.print(SideBySide(both))
    assert "f" * 30 in captured.get()


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", (None, None)),
        ("70..90", (70, 90)),
        ("90..", (90, None)),
        (" ..80 ", (None, 80)),
        ("96", (96, 96)),
    ],
)
def test_ranges_of_scores(text: str, ends: tuple) -> None:
    assert scores(text) == ends


@pytest.mark.parametrize("text", ["..", "x", "70-90", ">=70", "70 90", "90..70", "-1"])
def test_what_is_no_range_of_scores(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"70\.\.90"):
        scores(text)


def test_the_entities_of_the_option_are_those_that_are_matched() -> None:
    assert [entity.value for entity in Entity] == list(CREATED_IN)
