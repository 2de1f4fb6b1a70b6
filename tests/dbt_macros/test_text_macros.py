"""Macros on single values, against what Python computes on its own."""

from __future__ import annotations

import json
import uuid
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pipelines.common.tables import snake_case
from tests.dbt_macros import cases
from tests.dbt_macros.small_project import SmallProject

NAMESPACE = uuid.UUID("1f0a4c1e-6a5b-5d0f-9c3e-2b7d8a9f0e11")


def test_uuid5_is_the_standards(built: SmallProject) -> None:
    ids = dict(built.read("select text, id from texts"))
    assert ids == {text: str(uuid.uuid5(NAMESPACE, f"products/{text}")) for text in cases.TEXTS}


def test_uuid5_of_nothing_is_nothing(built: SmallProject) -> None:
    without = built.read("select text from texts where id_unless_0005 is null")
    assert without == [("0005",)]


def test_fit_cuts_characters_and_leaves_no_space_at_the_end(built: SmallProject) -> None:
    fitted = dict(built.read("select text, fitted from texts"))
    assert fitted == {text: text[:10].strip(cases.BLANKS) for text in cases.TEXTS}


def test_clean_text_makes_blanks_null_and_touches_nothing_else(built: SmallProject) -> None:
    """Tabs, line ends and no-break spaces are blanks as well."""
    cleaned = dict(built.read("select text, cleaned from texts"))
    assert cleaned == {text: text.strip(cases.BLANKS) or None for text in cases.TEXTS}


def test_json_objects_quote_every_value_and_name(built: SmallProject) -> None:
    documents = built.read("select text, document from texts")
    assert len(documents) == len(cases.TEXTS)
    for text, document in documents:
        assert json.loads(document) == {"text": text, "Größe": len(text), "none": None}


def test_json_objects_hold_only_what_their_condition_lets_in(built: SmallProject) -> None:
    for text, document in built.read("select text, conditional from texts"):
        expected = {"text": text, "n": 1} if text == "0005" else {"n": 1}
        assert json.loads(document) == expected


def test_reasons_are_a_list_of_those_that_hold(built: SmallProject) -> None:
    for text, reasons in built.read("select text, reasons from texts"):
        message = f"The text {text} is wrong."
        reason = {"code": "a_code", "column": "a column", "value": text, "message": message}
        assert json.loads(reasons) == [reason]


def test_round_to_rounds_half_away_from_zero_at_the_rows_places(built: SmallProject) -> None:
    rows = built.read("select number, places, rounded from numbers")
    assert len(rows) == len(cases.NUMBERS) * 6
    for number, places, rounded in rows:
        step = Decimal(1).scaleb(-(4 if places is None else places))
        assert rounded == number.quantize(step, ROUND_HALF_UP), (number, places)


def test_json_numbers_are_exact(built: SmallProject) -> None:
    for number, document in built.read("select number, document from numbers"):
        assert json.loads(document, parse_float=Decimal, parse_int=Decimal) == number


def test_the_first_of_january_1900_is_no_date(built: SmallProject) -> None:
    rows = built.read("select day, cleaned is null from dates order by moment")
    assert rows == [
        (None, True),
        (None, True),
        (date(1900, 1, 2), False),
        (date(2024, 2, 29), False),
    ]


def test_snake_names_fields_as_the_pipelines_do(built: SmallProject, names: list[str]) -> None:
    snaked = dict(built.read("select name, snaked from names where name <> ''"))
    assert snaked == {name: snake_case(name) for name in names}
    assert snaked["AddressCountryRegionISOCode"] == "address_country_region_iso_code"
