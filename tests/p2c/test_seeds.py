"""Seeds as people leave them: each mistake by file, line and value, with what to write."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from p2c.checks.seed_files import read_seeds
from p2c.checks.seeds import SeedProblem, held_by_seeds, problems
from p2c.config.context import load
from p2c.errors import SeedError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def seeded(project: Path) -> Path:
    """A project with the seeds of this one."""
    shutil.copytree(ROOT / "seeds", project / "seeds")
    return project


def write(project: Path, seed: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (project / f"seeds/{seed}.csv").write_bytes(data)


def messages(project: Path) -> list[str]:
    return [str(problem) for problem in problems(load(project))]


def test_the_projects_own_seeds_have_no_problem(seeded: Path) -> None:
    assert messages(seeded) == []


COUNTRIES = "value_map_countries"
UNREADABLE = {
    "semicolons": (
        "sales_text;iso2;iso3\nfreedonia;FR;FRA\n",
        1,
        "save the file as CSV with commas",
    ),
    "tabs": ("sales_text\tiso2\tiso3\n", 1, "separated by tabs"),
    "another case": ("Sales_Text,iso2,iso3\n", 1, "write sales_text"),
    "a blank": ("sales_text, iso2,iso3\n", 1, "write iso2"),
    "a column too many": ("sales_text,iso2,iso3,note\n", 1, "the columns are sales_text,iso2,iso3"),
    "a column too few": ("sales_text,iso2\n", 1, "lacks iso3"),
    "a column twice": ("sales_text,iso2,iso3,iso3\n", 1, "iso3 twice"),
    "nothing": ("", 1, "lacks sales_text, iso2, iso3"),
    "a value too many": ("sales_text,iso2,iso3\n\nkorea, south,KR,KOR\n", 3, "double quotes"),
    "an open quote": ('sales_text,iso2,iso3\n"korea,KR,KOR\n', 2, "cannot be read"),
    "another encoding": ("sales_text,iso2,iso3\nö,AT,AUT\n".encode("latin-1"), 2, "CSV UTF-8"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_loaded_is_named_with_line_and_remedy(
    seeded: Path, name: str
) -> None:
    content, line, remedy = UNREADABLE[name]
    write(seeded, COUNTRIES, content)
    with pytest.raises(SeedError) as caught:
        read_seeds(seeded)
    assert f"seeds/{COUNTRIES}.csv, line {line}, " in str(caught.value)
    assert remedy in str(caught.value)


def test_all_files_that_cannot_be_loaded_are_named_at_once(seeded: Path) -> None:
    write(seeded, COUNTRIES, "a;b\n")
    (seeded / "seeds/value_map_units.csv").unlink()
    with pytest.raises(SeedError, match=rf"{COUNTRIES}.*value_map_units.csv is not there"):
        read_seeds(seeded)


def test_a_byte_order_mark_and_mixed_line_ends_are_no_mistake(seeded: Path) -> None:
    text = "\ufeffsales_text,iso2,iso3\r\nFreedonia ,FR,FRA\r\r\n\nsylvania,DE,DEU"
    write(seeded, COUNTRIES, text)
    (file,) = [file for file in read_seeds(seeded) if file.name == COUNTRIES]
    cells = [(line, row) for line, row in file.rows if row]
    assert [row["iso3"] for _, row in cells] == ["FRA", "DEU"]
    assert [line for line, _ in cells] == [2, 5]
    assert messages(seeded) == []


# Seed, text below the header, line, column, value, words of the remedy, flows that wait.
CELLS = [
    (
        "value_map_units",
        "ea,Primary Unit,perhaps",
        2,
        "is_preferred",
        "perhaps",
        "true or false",
        (),
    ),
    (COUNTRIES, "freedonia,,FRA", 2, "iso2", "", "write a value", ()),
    ("value_map_processing_statuses", "Active,first", 2, "sales_code", "first", "option", ()),
    ("match_rules", "customers,mine,high", 2, "score", "high", "write a whole number", ()),
    (
        "value_map_sites",
        ",city,Rome,2\n,colour,red,3",
        3,
        "source_column",
        "colour",
        "account_number or city",
        ("accounts", "contacts_to_customers", "quotations", "orders_out"),
    ),
    (
        "key_overrides",
        "costumers,aaaaaaaa-0000-4000-8000-00000000000a,usmf,C-1,",
        2,
        "entity",
        "costumers",
        "customers or contacts or products",
        ("accounts", "contacts", "contacts_to_customers", "products"),
    ),
    (
        "key_overrides",
        "customers,aaaaaaaa-0000-4000-8000-00000000000a,usmf,C-1,diferent,",
        2,
        "decision",
        "diferent",
        "pair or different",
        ("accounts", "contacts", "contacts_to_customers", "products"),
    ),
]


def test_a_file_from_before_decisions_holds_pairs_and_an_empty_cell_is_one(seeded: Path) -> None:
    row = "customers,aaaaaaaa-0000-4000-8000-00000000000a,usmf,C-1"
    write(seeded, "key_overrides", f"entity,sales_id,data_area_id,finops_key,reason\n{row},\n")
    assert messages(seeded) == []
    header = "entity,sales_id,data_area_id,finops_key,decision,reason"
    write(seeded, "key_overrides", f"{header}\n{row},,\n{row},different,\n{row},Pair,\n")
    (problem,) = problems(load(seeded))
    assert (problem.line, problem.message[:7]) == (4, "line 2 ")


@pytest.mark.parametrize("case", CELLS, ids=lambda case: f"{case[0]}.{case[3]}")
def test_a_cell_is_named_with_line_value_and_what_to_write(
    seeded: Path, case: tuple[str, str, int, str, str, str, tuple[str, ...]]
) -> None:
    seed, rows, line, column, value, words, holds = case
    header = (seeded / f"seeds/{seed}.csv").read_text().splitlines()[0]
    write(seeded, seed, f"{header}\n{rows}\n")
    (problem,) = problems(load(seeded))
    assert (problem.line, problem.column, problem.value) == (line, column, value)
    assert words in problem.message
    assert problem.holds == holds
    assert re.search(rf"seeds/{seed}\.csv, line {line}, {column}", str(problem))


def test_rows_for_one_thing_are_named_whatever_their_case_and_blanks(seeded: Path) -> None:
    rows = "de,DE,DEU\n\u00a0De\t,FR,FRA\nfr,FR,FRA\nFR,FR,FRA\n"
    write(seeded, COUNTRIES, f"sales_text,iso2,iso3\n{rows}")
    first, second = messages(seeded)
    assert "line 3, sales_text 'De': line 2 is for the same and counts" in first
    assert "line 5, sales_text 'FR': line 4 is for the same" in second


def test_what_shows_beside_the_records_has_its_line_too(seeded: Path) -> None:
    """quality.seed_problems knows rows by their place; an empty line counts as one."""
    write(seeded, "value_map_price_lists", "currency_code,price_list\n\nEUR,Bob's list\n")
    with duckdb.connect(str(seeded / "warehouse.duckdb")) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.seed_problems as select * from (values "
            "('value_map_price_lists', 2, 'price_list', 'Bob''s list', 'not there', null), "
            "('setting', null, 'price_list', 'X', 'not there', 'products, orders_back')"
            ") as t (seed, seed_row, column_name, value, message, holds)"
        )
    setting, row = problems(load(seeded))
    assert (row.file, row.line, row.holds) == ("seeds/value_map_price_lists.csv", 3, ())
    assert str(setting) == "setting, price_list 'X': not there."
    assert setting.holds == ("products", "orders_back")


def test_a_mistake_holds_back_the_flows_it_names_and_no_other() -> None:
    mild = SeedProblem("a.csv", 2, "x", "1", "mild")
    one = SeedProblem("b.csv", 3, "x", "2", "bad", ("products",))
    every = SeedProblem("c.csv", None, "", "", "none", ("all",))
    flows = ["accounts", "products"]
    assert held_by_seeds([mild], flows) == {}
    assert held_by_seeds([mild, one], flows) == {"products": ["b.csv, line 3, x '2': bad."]}
    assert set(held_by_seeds([one, every], flows)) == set(flows)
