"""What the models read of seeds as people and spreadsheets leave them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.dbt_macros import seed_project
from tests.dbt_macros.small_project import ROOT

IDS = [f"aaaaaaaa-0000-4000-8000-00000000000{digit}" for digit in "abcd"]
FILES = {
    # A byte order mark, line ends of three systems, an empty line, quotes.
    "value_map_countries": (
        "\ufeffsales_text,iso2,iso3\r\n"
        "\tFREEDONIA ,fr\u00a0,FRA\n"
        "\r\n"
        '"freedonia",DE,DEU\r'
        ",DE,DEU\n"
        "Sylvania,DE, \r\n"
        "Klopstokia,nl,nld"
    ),
    "key_overrides": (
        "entity,sales_id,data_area_id,finops_key,decision,reason\n"
        f"Customers,{{{IDS[0].upper()}}}, USMF, C-1 ,,\n"
        "customers,ACC-01000-BVRCPS,usmf,C-2, Different,\n"
        f"accounts,{IDS[1]},usmf,C-3,,\n"
        f"contacts,{IDS[1]},usmf,C-3,maybe,\n"
        f"products,{IDS[2]},,D0001,pair,\n"
    ),
    "legal_entities": (
        "business_unit,data_area_id,is_default,number_prefix\n"
        " Contoso ,USMF,Yes,\n"
        "contoso,usmf,false,Z-\n"
        "Contoso Germany,demf,TRUE,\n"
        "Contoso Global,DeMf,perhaps,DE- \n"
    ),
    "value_map_units": (
        "finops_symbol,sales_unit,is_preferred\n"
        "ea,each,\nea,Primary Unit,true\nEA,piece,true\npcs,EACH,true\nbox,box,maybe\n"
    ),
    "value_map_processing_statuses": (
        "finops_status,sales_code\n active, 647390000\nActive,1\nPicked,six\n"
    ),
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {name: text.encode() for name, text in FILES.items()}
    return seed_project.build(tmp_path_factory.mktemp("seeds") / "project", files)


def test_texts_are_trimmed_and_in_one_case_and_the_first_of_two_counts(warehouse: Path) -> None:
    found = seed_project.rows(warehouse, "value_map_countries", "sales_text, iso2, iso3")
    assert found == [("freedonia", "FR", "FRA"), ("klopstokia", "NL", "NLD")]


def test_a_rows_place_is_that_in_the_file(warehouse: Path) -> None:
    (places,) = zip(*seed_project.rows(warehouse, "value_map_countries", "seed_row"), strict=True)
    assert places == (1, 6)


def test_ids_lose_braces_and_capitals_and_what_is_no_id_stays_to_be_named(warehouse: Path) -> None:
    """A number in place of an id says which record was meant: its rejection names the row."""
    found = seed_project.rows(
        warehouse, "key_overrides", "entity, sales_id, data_area_id, finops_key, decision"
    )
    assert found == [
        ("customers", IDS[0], "usmf", "C-1", "pair"),
        ("customers", "ACC-01000-BVRCPS", "usmf", "C-2", "different"),
        ("products", IDS[2], None, "D0001", "pair"),
    ]


def test_a_file_of_an_earlier_version_lacks_the_column_that_has_a_default(tmp_path: Path) -> None:
    row = f"entity,sales_id,data_area_id,finops_key,reason\ncustomers,{IDS[0]},usmf,C-1,why\n"
    older = seed_project.build(tmp_path / "project", {"key_overrides": row.encode()})
    found = seed_project.rows(older, "key_overrides", "seed_row, finops_key, decision, reason")
    assert found == [(1, "C-1", "pair", "why")]


def test_one_company_is_the_default_and_has_one_prefix_in_all_rows(warehouse: Path) -> None:
    columns = "business_unit, data_area_id, is_default, number_prefix"
    found = seed_project.rows(warehouse, "legal_entities", columns)
    assert found == [
        ("Contoso", "usmf", True, None),
        ("Contoso Germany", "demf", False, "DE-"),
        ("Contoso Global", "demf", False, "DE-"),
    ]


def test_a_symbol_in_two_cases_is_one_symbol_with_one_preferred_unit(warehouse: Path) -> None:
    found = seed_project.rows(
        warehouse, "value_map_units", "finops_symbol, sales_unit, is_preferred"
    )
    assert found == [
        ("ea", "each", False),
        ("ea", "Primary Unit", True),
        ("EA", "piece", False),
        ("box", "box", False),
    ]


def test_options_are_numbers(warehouse: Path) -> None:
    found = seed_project.rows(
        warehouse, "value_map_processing_statuses", "finops_status, sales_code"
    )
    assert found == [("active", 647390000)]


@pytest.mark.parametrize("seed", ["value_map_price_lists", "value_map_customer_groups"])
def test_the_projects_own_rows_all_count(warehouse: Path, seed: str) -> None:
    with (ROOT / f"seeds/{seed}.csv").open(encoding="utf-8", newline="") as file:
        written = [tuple(row.values()) for row in csv.DictReader(file)]
    assert seed_project.rows(warehouse, seed, "* exclude (seed_row)") == written
