"""What nobody could confirm is a setting or an assumption on each page that it concerns."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.docs.test_flow_pages import ROOT, rows, section

POINTS = {int(cells[0]): cells[2] for cells in rows(section("README", "Open points"))}
LINK = re.compile(r"\((\w+)\.md#assumptions\)")


def assumed(page: str) -> set[int]:
    """Numbers in brackets behind the points of a page."""
    points = [cells[0] for cells in rows(section(page, "Assumptions"))]
    found = [re.search(r"\((\d+(?:, \d+)*)\)", point) for point in points]
    return {int(number) for match in found if match for number in match[1].split(", ")}


def test_the_points_that_were_fixed_in_sql_are_there() -> None:
    assert {*range(3, 8), *range(14, 25), 27} == POINTS.keys()


@pytest.mark.parametrize("number", sorted(POINTS))
def test_each_point_is_on_the_pages_that_it_concerns(number: int) -> None:
    pages = {path.stem for path in (ROOT / "docs/flows").glob("*.md")} - {"README"}
    assert LINK.findall(POINTS[number])
    assert {page for page in pages if number in assumed(page)} == {*LINK.findall(POINTS[number])}


def test_settings_of_points_are_settings() -> None:
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    named = re.findall(r"`(\w+)`", " ".join(POINTS.values()))
    assert named
    assert set(named) <= settings.keys()
