"""F&O compares without case and blanks at the end, but with accents (protocols B3)."""

from urllib.parse import quote

import pytest

from .conftest import CUSTOMER

NAMES = ("Müller", "MÜLLER", "Muller", "Muller ")


def names(api, condition: str) -> set[str]:
    for name in NAMES:
        api.post("CustomersV3", {**CUSTOMER, "OrganizationName": name})
    return {
        row["OrganizationName"]
        for row in api.rows(f"CustomersV3?$filter={quote(condition)}&$select=OrganizationName")
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("OrganizationName eq 'muller'", {"Muller", "Muller "}),
        ("OrganizationName eq 'MÜLLER '", {"Müller", "MÜLLER"}),
        ("OrganizationName ne 'müller'", {"Muller", "Muller "}),
        ("OrganizationName eq '*ü*'", {"Müller", "MÜLLER"}),
    ],
)
def test_accents_count(api, condition, expected):
    assert names(api, condition) == expected


def test_a_database_without_accents_is_a_switch(make_api):
    api = make_api(text_comparison="without_accents")
    assert names(api, "OrganizationName eq 'muller'") == set(NAMES)
